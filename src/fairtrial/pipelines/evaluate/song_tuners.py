"""Evaluate optimisers of songs: how fit their songs are, and how they sound."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters.song_tuners import SongSearch
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.wiring import make_node, trial_datasets
from fairtrial.statistics.parameters import VerdictParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files

_EXHIBITS = ("search_progress", "songs")


def score_songs(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    wanted: SongSearch,
    *results: "Any",
    study: str,
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Score every song beside the best whole bars of the tunes.

    ``results``: the outputs of all arms and chunks, then their histories in the same order.
    """
    from fairtrial.melodies.songs.pool import read_tunes
    from fairtrial.melodies.tuning.scoring import ledger_rows, score_rows
    from fairtrial.statistics.scores import hashes_of, make_ledger, make_scores

    half = len(results) // 2
    pool = read_tunes(pack, manifest, splits)
    shared = {"study": study, **hashes_of(manifest, splits)}
    rows = score_rows(results[:half], pool, wanted, shared)
    return make_scores(rows), make_ledger(ledger_rows(results[half:], study))


def draw_searches(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    wanted: SongSearch,
    *outputs: "Arrays",
) -> "tuple[Files, Files]":
    """Draw the progress of the searches, and play what they found."""
    from fairtrial.melodies.songs.pool import read_tunes
    from fairtrial.melodies.tuning.exhibits import progress_exhibit, songs_exhibit

    pool = read_tunes(pack, manifest, splits)
    return progress_exhibit(outputs, wanted), songs_exhibit(outputs, pool, wanted)


def create_song_tuners_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Songs to page."""
    data = ["pack", "manifest", "splits", "params:optimize"]
    outputs, histories = (trial_datasets(study, kind) for kind in ("outputs", "history"))
    return Pipeline(
        [
            make_node(
                score_songs,
                [*data, *outputs, *histories],
                ["scores", "ledger"],
                stage="evaluate",
                name="score_songs",
                study=study.name,
            ),
            make_node(
                draw_searches,
                [*data, *outputs],
                [f"figure__{name}" for name in _EXHIBITS],
                stage="evaluate",
                name="draw_searches",
            ),
            *create_judging_nodes(study, VerdictParameters, _EXHIBITS),
        ]
    )
