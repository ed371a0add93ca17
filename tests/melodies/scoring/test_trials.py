"""Trials as rows of scores and ledger, and what is said of copies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairtrial.melodies.collapse import DISTINCT_BELOW, distinct_share
from fairtrial.melodies.descriptors import describe
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.remembered import tabulate_nearest, warn_of_copies
from fairtrial.melodies.scoring.study import RealBars, score_study
from fairtrial.melodies.scoring.trials import (
    Trial,
    draw_reference,
    gather_trials,
    ledger_rows,
)
from tests.melodies.rolls import random_rolls

SHARED = {"study": "melody", "manifest_sha256": "0", "splits_sha256": "0"}


def trial(arm: str, block: str, bars: Roll | None) -> Trial:
    return Trial(arm, block, bars, updates=10, seconds=1.0, device="cpu", threads=2)


@pytest.fixture(scope="module")
def real(songs: tuple[Roll, np.ndarray]) -> RealBars:
    """Real bars, a third of the songs held out; two arms learnt from the others."""
    bars, names = songs
    held = np.isin(names, np.unique(names)[::3])
    return RealBars(
        bars[~held], bars[held], names[held], {"copier": bars[~held], "honest": bars[~held]}
    )


def test_collapse_is_counted_never_dropped(tunes: Roll) -> None:
    """A run of one bar over and over keeps its score and is told in the ledger."""
    same = np.repeat(tunes[:1], 60, axis=0)
    assert distinct_share(same) < DISTINCT_BELOW < distinct_share(tunes)
    (row,) = ledger_rows([trial("original", "run_000", same)], "melody")
    assert (row["status"], row["threads"]) == ("ok", 2)
    assert row["note"].startswith("collapsed")


def test_the_reference_is_a_draw_of_the_held_out_bars(tunes: Roll) -> None:
    """Fewer than all are drawn without repetition; asking for more gives all."""
    drawn = draw_reference(tunes[:50], 20, np.random.default_rng(0))
    assert drawn.shape == (20, 48, 64)
    assert len(draw_reference(tunes[:50], 200, np.random.default_rng(0))) == 50


def test_trials_are_gathered_from_bars_and_history() -> None:
    """A chunk's bars and history become one trial a block."""
    told = {
        "blocks": ["run_000", "run_001"],
        "statuses": {"run_000": "ok", "run_001": "diverged"},
        "updates": 7,
        "device": "cpu",
    }
    blocks = ["run_000", "run_000", "run_001"]
    history = pd.DataFrame({"block": blocks, "seconds": [1.0, 2.0, 3.0], "threads": [1, 1, 1]})
    bars = np.zeros((2, 5, 48, 64), np.uint8)
    first, second = gather_trials("original", told, bars, history)
    assert (first.block, first.seconds, first.updates) == ("run_000", 2.0, 7)
    assert first.bars is not None
    assert second.bars is None


def test_a_diverged_trial_has_rows_without_values(real: RealBars) -> None:
    """Every metric of a run that finished stands in the table for one that diverged, empty."""
    trials = [
        trial("copier", "run_000", real.train[:20]),
        trial("honest", "run_000", None),
    ]
    rows, curves, _ = score_study(
        trials, real, {"descriptors": describe}, Evaluate(n_items=20), 1, SHARED
    )
    told = {
        arm: [
            (row["metric"], row["subset"], row["higher_is_better"])
            for row in rows
            if row["arm"] == arm
        ]
        for arm in real.training_sets
    }
    assert told["honest"] == told["copier"]
    diverged = [row for row in rows if row["arm"] == "honest"]
    assert {row["status"] for row in diverged} == {"diverged"}
    assert all(row["value"] is None for row in diverged)
    assert set(curves["arm"]) == {"copier", "real_bars"}


def test_the_null_floor_stands_beside_the_arms(real: RealBars) -> None:
    """Real bars against real bars, as many, in the same metrics; not against themselves."""
    trials = [trial("honest", "run_000", random_rolls(20))]
    rows = score_study(trials, real, {"descriptors": describe}, Evaluate(n_items=20), 1, SHARED)[0]
    table = pd.DataFrame(rows).set_index(["arm", "metric", "subset"])
    floor, arm = table.loc["real_bars"], table.loc["honest"]
    assert set(floor["role"]) == {"floor"}
    assert set(arm.index) - set(floor.index) == {("distinct_share", "all"), ("memorisation", "all")}
    for metric in ("frechet_musical", "frechet_musical_infinity", "kid_musical"):
        assert floor.loc[(metric, "all"), "value"] < arm.loc[(metric, "all"), "value"]
        assert floor.loc[(metric, "all"), "n_items"] == 20


def test_a_verdict_is_told_of_copiers_alone(real: RealBars) -> None:
    """An arm that returns training bars is named with its runs; an honest one is not."""
    generator = np.random.default_rng(0)
    trials = [
        trial("copier", "run_000", real.train[generator.permutation(len(real.train))[:60]]),
        trial("copier", "run_001", random_rolls(60)),
        trial("honest", "run_000", real.held_out[:60]),
    ]
    sets = real.training_sets
    nearest = tabulate_nearest(trials, sets, real.train, real.held_out, real.songs)
    (warning,) = warn_of_copies(nearest)
    assert warning.startswith("copier copies its training bars: in 1 of 2 runs")
    # Where no songs are held out, only equal bars tell.
    nearest = tabulate_nearest(trials, sets, real.train, real.held_out[:0], real.songs[:0])
    (warning,) = warn_of_copies(nearest)
    assert "more than half of its bars equal one of them" in warning
