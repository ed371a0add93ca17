"""Ingest a folder of MIDI files: bars, their manifest, and the songs that nobody trains on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Ingest, Split
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, RawFolder


def draw_samples() -> "Files":
    """Write the embedded folk tunes as MIDI files."""
    from fairtrial.melodies.samples import draw_samples as draw

    return draw()


def read_melodies(
    raw: "RawFolder", parameters: Ingest, *, synthetic: bool
) -> "tuple[Arrays, pd.DataFrame, dict[str, Any]]":
    """Cut the files into bars: pack, manifest and report."""
    from fairtrial.evidence.report import check_report
    from fairtrial.melodies.reading.listing import choose_files, read_folder

    hashes = dict(zip(raw.files["path"], raw.files["sha256"], strict=True))
    chosen = choose_files(list(hashes), parameters.files, raw.root)
    files = {path: hashes[path] for path in chosen}
    passed_over = len(hashes) - len(files)
    pack, manifest, report = read_folder(
        files, raw.read, parameters, synthetic=synthetic, passed_over=passed_over
    )
    return pack, manifest, check_report(report)


def split_songs(
    manifest: "pd.DataFrame", parameters: Split, seed: int, *, study: str
) -> "pd.DataFrame":
    """Hold out whole songs as the reference of every run."""
    from fairtrial.core.seeds import stream
    from fairtrial.melodies.splits import split_by_song

    generator = stream(seed, study, "reference_songs")
    return split_by_song(manifest, parameters.reference_share, generator)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """MIDI files to pack, manifest, report and splits."""
    nodes = [
        make_node(
            read_melodies,
            ["raw", "params:ingest"],
            ["pack", "manifest", "ingest_report"],
            stage="ingest",
            name="read_melodies",
            synthetic=bool(study.samples),
        ),
        make_node(
            split_songs,
            ["manifest", "params:split", "params:seed"],
            "splits",
            stage="ingest",
            name="split_songs",
            study=study.name,
        ),
    ]
    if study.samples:
        nodes.append(make_node(draw_samples, [], "raw", stage="ingest", name="draw_samples"))
    return Pipeline(nodes)
