"""The rows of scores of a melody study: every run beside real bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.melodies.collapse import distinct_share
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.judge import Judge, Measured
from fairtrial.melodies.scoring.remembered import (
    FLOOR,
    measure_floor,
    measure_run,
    memory_metrics,
)
from fairtrial.melodies.scoring.trials import Trial

DISTINCT = "distinct_share"


@dataclass
class Rows:
    """Rows of the scores, and of the curves that were extrapolated.

    A curve has one row a run, metric and number of bars: arm, role, block, metric, n_items and
    distance, the mean over draws of so many bars of each side.
    """

    scores: list[dict[str, Any]] = field(default_factory=list)
    curves: list[dict[str, Any]] = field(default_factory=list)

    def curve_table(self) -> pd.DataFrame:
        """The curves as a table; empty where no run finished."""
        columns = ["arm", "role", "block", "metric", "n_items", "distance"]
        return pd.DataFrame(self.curves, columns=columns)


def score_arms(
    rows: Rows,
    trials: Sequence[Trial],
    judges: Mapping[str, Judge],
    nearest: pd.DataFrame,
    shared: Mapping[str, Any],
) -> None:
    """Add every trial's rows: distances, copies, and the share of distinct bars.

    Args:
        rows: to add to.
        trials: of every arm.
        judges: arm -> what its bars are compared with.
        nearest: as `fairtrial.melodies.scoring.remembered.tabulate_nearest` makes it.
        shared: cells that all rows share.
    """
    for trial in trials:
        judge = judges[trial.arm]
        own = {"arm": trial.arm, "block": trial.block}
        row = {**shared, **own, "budget": trial.updates, "budget_unit": "updates"}
        if trial.bars is None:
            rows.scores += _without_values(row, judge, nearest)
            continue
        measured, points = judge.compare(trial.bars)
        share = Measured(DISTINCT, distinct_share(trial.bars), True, len(trial.bars))
        for each in [*measured, share, *measure_run(nearest, trial.arm, trial.block)]:
            rows.scores.append({**row, **vars(each)})
        rows.curves += [{**own, "role": "arm", **vars(point)} for point in points]


def _without_values(
    row: Mapping[str, Any], judge: Judge, nearest: pd.DataFrame
) -> list[dict[str, Any]]:
    """Every metric of a run that diverged, empty."""
    metrics = [
        *((metric, subset, False) for metric, subset in judge.metrics()),
        (DISTINCT, "all", True),
        *((metric, "all", higher) for metric, higher in memory_metrics(nearest)),
    ]
    return [
        {
            **row,
            "metric": metric,
            "subset": subset,
            "higher_is_better": higher,
            "status": "diverged",
            "value": None,
        }
        for metric, subset, higher in metrics
    ]


def score_floor(
    rows: Rows,
    train: Roll,
    judge: Judge,
    nearest: pd.DataFrame,
    n_items: int,
    generators: Mapping[str, np.random.Generator],
    shared: Mapping[str, Any],
) -> None:
    """Add the null floor, real bars against real bars: what no generator can be expected to beat.

    Distances are those of training bars from the held-out ones, nearness to the training bars that
    of held-out ones.

    Args:
        rows: to add to.
        train: training bars, uint8 (n, 48, 64).
        judge: of the held-out reference.
        nearest: as in `score_arms`.
        n_items: bars of each side at most.
        generators: block -> what draws its bars, without repetition.
        shared: cells that all rows share.
    """
    for block, generator in generators.items():
        own = {"arm": FLOOR, "role": "floor", "block": block}
        measured, points = judge.compare(train[generator.permutation(len(train))[:n_items]])
        for each in [*measured, *measure_floor(nearest, n_items, generator)]:
            rows.scores.append({**shared, **own, **vars(each)})
        rows.curves += [{**own, **vars(point)} for point in points]
