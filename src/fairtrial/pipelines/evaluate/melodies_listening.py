"""Let people hear what was compared: players on the page, and a rating round."""

from itertools import product
from typing import TYPE_CHECKING

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Augment
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files


def write_clips(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    augment: Augment,
    seed: int,
    *outputs: "Arrays",
    study: str,
    arms: list[str],
    chunks: list[str],
) -> "tuple[Files, Files]":
    """Play a real song's bars, the same augmented, and one run of each arm: exhibit and files."""
    from fairtrial.core.seeds import stream
    from fairtrial.melodies.exhibits.listening import listening_exhibit
    from fairtrial.melodies.exhibits.pieces import (
        arm_piece,
        find_passage,
        finished_runs,
        real_pieces,
    )
    from fairtrial.melodies.splits import rows_of, shown_role

    role = shown_role(splits)
    generator = stream(seed, study, "clips")
    passage = find_passage(manifest, rows_of(manifest, splits, role), generator)
    rolls = pack["rolls"][passage["row"].to_numpy()]
    pieces = real_pieces(passage, rolls, role, augment, generator)
    for arm, runs in finished_runs(list(product(arms, chunks)), outputs).items():
        pieces.append(arm_piece(arm, runs))
    return listening_exhibit(pieces, pack.description["tempo_bpm"])


def create_listening_nodes(study: Study) -> list[Node]:
    """Players for the page with their clips as files."""
    names = {"study": study.name, "arms": list(study.arms), "chunks": list(study.chunks())}
    return [
        make_node(
            write_clips,
            [
                *["pack", "manifest", "splits", "params:augment", "params:seed"],
                *trial_datasets(study, "outputs"),
            ],
            ["figure__listening", "clips__bars"],
            stage="evaluate",
            name="write_clips",
            **names,
        )
    ]
