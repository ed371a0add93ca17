"""Bars of a song from the best run of an arm: its generator writes, its discriminator judges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from fairtrial.core.errors import DataError
from fairtrial.core.records import Models
from fairtrial.melodies.gan.writing import generate_bars, judge_bars
from fairtrial.melodies.parameters import Songs
from fairtrial.melodies.piano_roll import SILENT, Roll
from fairtrial.melodies.songs.evolution import Critic
from fairtrial.melodies.songs.pool import keep_sounding
from fairtrial.melodies.songs.wishes import FloatArray


def find_best_run(scores: pd.DataFrame, arm: str, metric: str) -> tuple[str, float]:
    """Block of the run of an arm whose bars score best, and its score.

    Raises:
        DataError: no run of the arm came to a score.
    """
    mine = scores[
        (scores["arm"] == arm)
        & (scores["metric"] == metric)
        & (scores["split"] == "test")
        & (scores["subset"] == "all")
        & (scores["status"] == "ok")
    ]
    if mine.empty:
        raise DataError(
            f"optimize.source: {arm}",
            f"a run with a value of {metric}",
            "none, as all of them diverged",
            "Set optimize.source to tunes or to another arm.",
        )
    values = mine["value"].to_numpy(float)
    best = int(values.argmax() if mine["higher_is_better"].iloc[0] else values.argmin())
    return str(mine["block"].iloc[best]), float(values[best])


def write_pool(models: Sequence[Models], songs: Songs, block: str, seed: int) -> Roll:
    """Bars that a run writes, uint8 (n, 48, 64), without short notes and without silent bars.

    Args:
        models: of the chunks of the arm that ``songs`` names, one of which holds the run.
        songs: how many bars it writes, and the shortest note that stays.
        block: the run's.
        seed: of its noise.
    """
    model = _model_of(models, block)
    width, fresh_bars = model.description["width"], songs.fresh_bars
    bars = generate_bars(model.states[block], width, fresh_bars, seed)
    return keep_sounding(drop_short(bars, songs.shortest_note_columns), songs.source)


def drop_short(rolls: Roll, columns: int) -> Roll:
    """Bars uint8 (n, 48, 64) in whose rows nothing sounds for less than so many columns."""
    sounding = rolls > SILENT
    long = np.zeros_like(sounding)
    windows = sliding_window_view(sounding, columns, axis=2).all(axis=3)
    for shift in range(columns):
        long[:, :, shift : shift + windows.shape[2]] |= windows
    return np.where(long, rolls, np.uint8(SILENT))


def make_critic(models: Sequence[Models], block: str) -> Critic:
    """The discriminator of a run, which stands in one of the models."""
    model = _model_of(models, block)
    state, width = model.states[block], model.description["width"]

    def judge(rolls: Roll) -> FloatArray:
        return np.asarray(judge_bars(state, width, rolls))

    return judge


def _model_of(models: Sequence[Models], block: str) -> Models:
    return next(model for model in models if block in model.states)
