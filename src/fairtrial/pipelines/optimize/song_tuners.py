"""Optimise songs: one node an optimiser and chunk of blocks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters.song_tuners import SongSearch, SongTuner
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays


def search_songs(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    wanted: SongSearch,
    tuner: SongTuner,
    seed: int,
    *,
    study: str,
    arm: str,
    blocks: list[str],
) -> "tuple[Arrays, pd.DataFrame]":
    """Let one optimiser look for the song of each block among the beats of the tunes."""
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.songs.pool import read_tunes
    from fairtrial.melodies.tuning.search import search_songs as search

    pool = read_tunes(pack, manifest, splits)
    # Runs are independent: the arm is part of the stream, so that no two arms share a start.
    seeds = {block: stream_seed(seed, study, block, arm, "optimize") for block in blocks}
    return search(pool, wanted, tuner, seeds, arm)


def create_song_tuners_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Bars to songs."""
    data = ["pack", "manifest", "splits", "params:optimize"]
    return Pipeline(
        [
            make_node(
                search_songs,
                [*data, f"params:arms.{arm}", "params:seed"],
                [f"outputs__{arm}__{chunk}", f"history__{arm}__{chunk}"],
                stage="optimize",
                name=f"search_songs__{arm}__{chunk}",
                study=study.name,
                arm=arm,
                blocks=list(blocks),
            )
            for arm in study.arms
            for chunk, blocks in study.chunks().items()
        ]
    )
