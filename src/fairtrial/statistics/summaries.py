"""The descriptive tables of a verdict, as plain data."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.statistics.comparisons import mean_ranks
from fairtrial.statistics.effects import Bounds, mean_interval
from fairtrial.statistics.selection import Selection

Plain = dict[str, Any]

_SHARES = re.compile(
    r"(\w+_)?(accuracy|area|auc|f1|precision|recall|sensitivity|share|specificity)"
    r"|calibration_error|feasible|reached"
)
# An extrapolated distance can fall below 0.
_SIZES = re.compile(
    r"brier|loss|mae|mse|rmse|relative_gap|frechet_.+(?<!_infinity)|evaluations_to|point_error"
)


def metric_bounds(metric: str, values: pd.Series) -> Bounds:
    """Ends of a metric's range: 0 and 1 of a share, -1 and 1 of a correlation, 0 of a size.

    None of what is not known. Scores carry no range, so it is known by the metric's name; a value
    outside (a share in per cent) shows that the name means something else.
    """
    bounds: Bounds = (None, None)
    if _SHARES.fullmatch(metric):
        bounds = (0.0, 1.0)
    elif _SIZES.fullmatch(metric):
        bounds = (0.0, None)
    elif metric == "mcc":
        bounds = (-1.0, 1.0)
    x = values.dropna()
    return bounds if bool((x == x.clip(*bounds)).all()) else (None, None)


def describe(values: pd.Series, confidence: float, bounds: Bounds) -> Plain:
    """n, mean, sd, median and the Student interval of the mean; None where there is none."""
    x = values.dropna().to_numpy(float)
    interval = mean_interval(x, confidence, bounds)
    return {
        "n": int(x.size),
        "mean": float(x.mean()) if x.size else None,
        "sd": float(x.std(ddof=1)) if x.size > 1 else None,
        "median": float(np.median(x)) if x.size else None,
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
    }


def arm_rows(chosen: Selection, design: str, confidence: float, bounds: Bounds) -> list[Plain]:
    """One row an arm: its description, mean rank, and how many of its trials finished."""
    whole = chosen.table.dropna()
    blocked = design == "blocked" and len(whole) > 0
    ranks = mean_ranks(whole, chosen.higher_is_better) if blocked else {}
    return [
        {
            "arm": str(arm),
            **describe(chosen.table[arm], confidence, bounds),
            "mean_rank": ranks.get(str(arm)),
            "trials": chosen.trials[str(arm)],
            "unfinished": chosen.unfinished[str(arm)],
        }
        for arm in chosen.table.columns
    ]


def block_counts(chosen: Selection) -> Plain:
    """How many blocks and trials there were, and how many of them count."""
    return {
        "unit": chosen.unit,
        "total": chosen.total,
        "used": len(chosen.table),
        "seeds": chosen.seeds,
        "trials": sum(chosen.trials.values()),
        "unfinished": sum(chosen.unfinished.values()),
    }


def metric_rows(scores: pd.DataFrame) -> list[Plain]:
    """Mean and sd over blocks of everything that was measured, for the page's full table.

    ``n`` of an arm's ``trials`` under a protocol have a value: a metric may exist only where a
    trial got so far.
    """
    keys = ["metric", "split", "subset", "protocol", "arm", "role"]
    trials = scores.groupby(["arm", "protocol"])["block"].nunique()
    out = []
    for key, group in scores[scores["status"] == "ok"].groupby(keys, sort=False):
        spread = group["value"].std(ddof=1) if len(group) > 1 else None
        named = dict(zip(keys, map(str, key), strict=True))
        out.append(
            {
                **named,
                "n": len(group),
                "trials": int(trials[named["arm"], named["protocol"]]),
                "mean": float(group["value"].mean()),
                "sd": None if spread is None else float(spread),
            }
        )
    return out


def cell_values(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The compared values: arm -> unit -> value."""
    return {
        str(arm): {str(unit): float(value) for unit, value in table[arm].dropna().items()}
        for arm in table.columns
    }


def hashes(scores: pd.DataFrame, column: str) -> list[str]:
    """Distinct hashes of one column, without the unknown."""
    return sorted({str(value) for value in scores[column]} - {""})
