"""How soon runs reach their targets: success, expected running time, attainment.

Source: Hansen, Auger, Ros, Mersmann, Tusar and Brockhoff 2021, "COCO: a platform for comparing
continuous optimizers in a black-box setting", Optim. Methods Softw. 36, 114-144, sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from fairtrial.statistics.resampling import group_bootstrap, wilson

# Metrics of a trial, and what their subset starts with.
REACHED, FIRST, TARGET = "reached", "evaluations_to", "target="

_GRID = 200

HIT_COLUMNS = ("problem", "arm", "role", "block", "target", "reached", "evaluations")


def first_hits(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a trial and target, from the metrics reached and evaluations_to.

    Columns: problem (the study), arm, role, block, target (relative gap), reached (bool) and
    evaluations: until the target was first met, or the whole budget where it was not.
    """
    keys = ["study", "arm", "role", "block"]
    told = scores[scores["metric"] == REACHED]
    hits = told[[*keys, "value", "budget"]].copy()
    hits["target"] = told["subset"].str.removeprefix(TARGET).astype(float)
    spent = scores[scores["metric"] == FIRST]
    first = spent[[*keys, "value"]].rename(columns={"value": "first"})
    first["target"] = spent["subset"].str.removeprefix(TARGET).astype(float)
    table = hits.merge(first, on=[*keys, "target"], how="left")
    table["reached"] = table["value"] == 1
    table["evaluations"] = table["first"].where(table["reached"], table["budget"])
    return table.rename(columns={"study": "problem"})[list(HIT_COLUMNS)]


def running_times(
    hits: pd.DataFrame, confidence: float, resamples: int, generator: np.random.Generator
) -> pd.DataFrame:
    """Success and expected running time of each arm at each target of one problem.

    Columns: arm, role, target, runs, successes; share with its interval (Wilson; none for a
    single run); ert: evaluations of all runs, those that fail included, for each success (none
    where none succeeds), with its interval over resampled runs (none where a resampling could
    lack a success too often).
    """
    rows = []
    for (arm, role, target), mine in hits.groupby(["arm", "role", "target"], sort=False):
        reached = mine["reached"].to_numpy()
        spent = mine["evaluations"].to_numpy(dtype=float)
        share = wilson(int(reached.sum()), len(mine), confidence) if len(mine) > 1 else None
        ert = _ert(spent, reached, np.ones((1, len(mine))))[0]
        low = high = np.nan
        if len(mine) > 1:
            found = group_bootstrap(
                partial(_measure, spent, reached),
                [str(block) for block in mine["block"]],
                resamples,
                confidence,
                generator,
            )
            low, high = (found["ert"].low, found["ert"].high) if "ert" in found else (low, high)
        rows.append(
            {
                "arm": arm,
                "role": role,
                "target": target,
                "runs": len(mine),
                "successes": int(reached.sum()),
                "share": reached.mean(),
                "share_low": np.nan if share is None else share.low,
                "share_high": np.nan if share is None else share.high,
                "ert": ert if np.isfinite(ert) else np.nan,
                "ert_low": low,
                "ert_high": high,
            }
        )
    return pd.DataFrame(rows)


def _measure(
    spent: np.ndarray, reached: np.ndarray, weights: np.ndarray
) -> Mapping[str, np.ndarray]:
    return {"ert": _ert(spent, reached, weights)}


def _ert(spent: np.ndarray, reached: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(R,) evaluations for each success, from (N,), (N,) and how often each run counts (R, N)."""
    with np.errstate(divide="ignore"):
        ratio: np.ndarray = (weights @ spent) / (weights @ reached)
    return ratio


def attainment(hits: pd.DataFrame, grid: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Share of all pairs of a run and a target that an arm reached after so many evaluations.

    Every problem counts the same, however many runs it has. Columns: arm, role, evaluations,
    share.
    """
    rows = []
    for (arm, role), mine in hits.groupby(["arm", "role"], sort=False):
        each = []
        for _, own in mine.groupby("problem", sort=False):
            first = np.sort(own.loc[own["reached"], "evaluations"].to_numpy(dtype=float))
            each.append(np.searchsorted(first, grid, side="right") / len(own))
        rows.append(
            pd.DataFrame(
                {"arm": arm, "role": role, "evaluations": grid, "share": np.mean(each, axis=0)}
            )
        )
    return pd.concat(rows, ignore_index=True)


def spread_grid(hits: pd.DataFrame) -> np.ndarray:
    """Numbers of evaluations up to the largest, evenly spaced on their logarithm."""
    ends = np.geomspace(1, hits["evaluations"].max(), _GRID)
    return np.unique(ends.round().astype(np.int64))


def hits_of_studies(tables: Mapping[str, pd.DataFrame], arms: Sequence[str]) -> pd.DataFrame:
    """`first_hits` of several studies, of ``arms`` only."""
    each = [first_hits(scores[scores["arm"].isin(arms)]) for scores in tables.values()]
    return pd.concat(each, ignore_index=True)
