"""Let people hear what was compared: players on the page, and a rating round."""

from itertools import product
from typing import TYPE_CHECKING

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Augment, Rating
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files
    from fairtrial.melodies.midi_out import Clips


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
) -> "tuple[Files, Clips]":
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


def prepare_rating(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    parameters: Rating,
    seed: int,
    *outputs: "Arrays",
    study: str,
    arms: list[str],
    chunks: list[str],
    synthetic: bool,
) -> "tuple[str, pd.DataFrame]":
    """Put a rating round together: the page for raters, and the key that they must not see."""
    from fairtrial.core.seeds import stream
    from fairtrial.evidence.rating_page import render_rating
    from fairtrial.melodies.exhibits.pieces import finished_runs
    from fairtrial.melodies.rating import draw_round
    from fairtrial.melodies.splits import rows_of, shown_role

    drawn = draw_round(
        finished_runs(list(product(arms, chunks)), outputs),
        pack["rolls"][rows_of(manifest, splits, shown_role(splits))],
        parameters,
        pack.description["tempo_bpm"],
        stream(seed, study, "rating_round"),
        synthetic=synthetic,
    )
    highest = parameters.highest
    page = render_rating(study, drawn.number, drawn.sounds, highest, synthetic=synthetic)
    return page, drawn.key


def create_listening_nodes(study: Study) -> list[Node]:
    """Players for the page with their clips as files; a rating round with its key."""
    names = {"study": study.name, "arms": list(study.arms), "chunks": list(study.chunks())}
    outputs = trial_datasets(study, "outputs")
    data = ["pack", "manifest", "splits"]
    return [
        make_node(
            write_clips,
            [*data, "params:augment", "params:seed", *outputs],
            ["figure__listening", "clips__bars"],
            stage="evaluate",
            name="write_clips",
            **names,
        ),
        make_node(
            prepare_rating,
            [*data, "params:rating", "params:seed", *outputs],
            ["rating_page", "rating_key"],
            stage="evaluate",
            name="prepare_rating",
            synthetic=bool(study.samples),
            **names,
        ),
    ]
