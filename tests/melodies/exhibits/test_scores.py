"""What a page shows of scores: the table, the extrapolations, the nearness to training bars."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.records import Files
from fairtrial.melodies.descriptors import describe
from fairtrial.melodies.exhibits.distances import extrapolation_exhibit
from fairtrial.melodies.exhibits.memory import memory_exhibit
from fairtrial.melodies.exhibits.quality import quality_exhibit
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.scoring.study import RealBars, score_study
from fairtrial.melodies.scoring.trials import Trial
from fairtrial.statistics.scores import make_scores
from tests.melodies.rolls import random_rolls
from tests.melodies.scoring.support import draw_tunes

SHARED = {"study": "melody", "manifest_sha256": "0", "splits_sha256": "0"}


@pytest.fixture(scope="module")
def exhibits() -> dict[str, Files]:
    """Of a copier, an arm of random bars and one of which every run diverged."""
    bars, names = draw_tunes()
    held = np.isin(names, np.unique(names)[::3])
    train, held_out = bars[~held], bars[held]
    arms = ("copier", "random", "lost")
    real = RealBars(train, held_out, names[held], dict.fromkeys(arms, train))
    made = {"copier": [train[:40], train[40:80]], "random": [random_rolls(40)] * 2}
    trials = [
        Trial(arm, f"run_00{run}", made[arm][run] if arm in made else None, 9, 1.0, "cpu", 1)
        for arm in arms
        for run in (0, 1)
    ]
    spaces, evaluate = {"descriptors": describe}, Evaluate(n_items=40)
    rows, curves, nearest = score_study(trials, real, spaces, evaluate, 1, SHARED)
    generated = {arm: made.get(arm, []) for arm in arms}
    scores = make_scores(rows)
    return {
        "quality": quality_exhibit(held_out, train, generated, scores, "frechet_musical"),
        "extrapolation": extrapolation_exhibit(curves),
        "memory": memory_exhibit(nearest),
    }


def table(files: Files) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["table.csv"]))


def test_every_score_stands_beside_that_of_real_bars(exhibits: dict[str, Files]) -> None:
    """A line a measure, a column an arm; a dash where nothing could be measured."""
    shown = table(exhibits["quality"]).set_index("measure")
    assert list(shown.columns) == ["best", "real bars", "copier", "random", "lost"]
    assert shown.index[0] == "Fréchet distance, musical"
    for measure in (
        "the same, of infinitely many bars, musical",
        "kernel distance (KID), musical",
        "bars that equal one learnt from",
        "distance to the nearest training bar",
        "chance to lie nearer to it than unseen bars",
        "columns that sound",
    ):
        assert "±" in shown.loc[measure, "random"]
        assert shown.loc[measure, "real bars"] != "\N{EN DASH}"
        assert shown.loc[measure, "lost"] == "\N{EN DASH}"
    assert shown.loc["bars that equal one learnt from", "copier"].startswith("1.00")
    assert shown.loc["runs that diverged", "lost"] == "2"


def test_extrapolations_are_told_with_their_fit(exhibits: dict[str, Files]) -> None:
    """One row an arm that finished and one of real bars, with interval, error and R squared."""
    shown = table(exhibits["extrapolation"])
    assert shown["bars"].tolist() == ["copier", "random", "real bars"]
    assert (shown["of infinitely many"] < shown["of N"]).all()
    assert shown["R²"].between(0, 1).all()
    assert shown["95 % interval"].str.contains(" to ").all()
    assert b"<svg" in exhibits["extrapolation"]["figure.svg"]


def test_the_copier_is_told_from_the_others(exhibits: dict[str, Files]) -> None:
    """All its runs copy; none of the others' does."""
    shown = table(exhibits["memory"]).set_index("bars")
    assert shown.loc["copier", "runs that copy"] == "2 of 2"
    assert shown.loc["random", "runs that copy"] == "0 of 2"
    assert shown.loc["unseen real bars", "memorisation"] == 0.5
    caption = json.loads(exhibits["memory"]["figure.json"])["caption"]
    assert "6 held-out songs" in caption
