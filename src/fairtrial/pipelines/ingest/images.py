"""Ingest a folder of pictures: manifest, pixels, copies among them, report and splits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Ingest, Split
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, RawFolder


def draw_samples(parameters: Ingest, seed: int, *, study: str, samples: str) -> "Files":
    """Draw the embedded pictures."""
    from fairtrial.core.seeds import stream
    from fairtrial.images.samples.sets import draw_samples as draw

    generator = stream(seed, study, "samples")
    return draw(samples, parameters.sample_pictures, parameters.image_side_px, generator)


def decode_pictures(
    raw: "RawFolder", parameters: Ingest, *, synthetic: bool
) -> "tuple[pd.DataFrame, Arrays, dict[str, Any]]":
    """Decode every picture once: manifest, pack and report."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.evidence.report import check_report
    from fairtrial.images.reading.pack import build_pack

    # Beside the workspace there is room for all pixels; the system's own place may be memory.
    scratch = checkpoint_folder()
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    manifest, pack, report = build_pack(raw, parameters, synthetic, scratch)
    return manifest, pack, check_report(report)


def find_duplicates(
    listed: "pd.DataFrame",
    pack: "Arrays",
    report: dict[str, Any],
    ingest: Ingest,
    split: Split,
    *,
    folds: int,
) -> "tuple[pd.DataFrame, pd.DataFrame, dict[str, Any], Files]":
    """Find copies among the pictures, and join their groups: manifest, copies, report, figure."""
    from fairtrial.images.exhibits.duplicates import duplicates_exhibit
    from fairtrial.images.splitting.duplicates import find_duplicates as find
    from fairtrial.images.splitting.grouping import join_copies, report_groups

    duplicates = find(pack, listed, split.duplicates, ingest)
    manifest = join_copies(listed, duplicates)
    full = report_groups(report, listed, manifest, duplicates, split, folds)
    figure = duplicates_exhibit(pack, duplicates, split.duplicates.search)
    return manifest, duplicates, full, figure


def split_items(
    manifest: "pd.DataFrame", parameters: Split, seed: int, *, study: str, folds: int
) -> "pd.DataFrame":
    """Deal the pictures into train, validation and test of every fold, by group."""
    from fairtrial.images.splitting.splits import split_items as split

    return split(manifest, parameters, study, folds, seed)


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pictures to manifest, pack, report and splits."""
    folds = (study.blocks.folds or 0) if study.blocks else 0
    nodes = [
        make_node(
            decode_pictures,
            ["raw", "params:ingest"],
            ["listed", "pack", "decode_report"],
            stage="ingest",
            name="decode_pictures",
            synthetic=bool(study.samples),
        ),
        make_node(
            find_duplicates,
            ["listed", "pack", "decode_report", "params:ingest", "params:split"],
            ["manifest", "duplicates", "ingest_report", "figure__duplicates"],
            stage="ingest",
            name="find_duplicates",
            folds=folds,
        ),
        make_node(
            split_items,
            ["manifest", "params:split", "params:seed"],
            "splits",
            stage="ingest",
            name="split_items",
            study=study.name,
            folds=folds,
        ),
    ]
    if study.samples:
        nodes.append(
            make_node(
                draw_samples,
                ["params:ingest", "params:seed"],
                "raw",
                stage="ingest",
                name="draw_samples",
                study=study.name,
                samples=study.samples,
            )
        )
    return Pipeline(nodes)
