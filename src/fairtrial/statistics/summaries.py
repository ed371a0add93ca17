"""The descriptive tables of a verdict, as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fairtrial.statistics.comparisons import mean_ranks
from fairtrial.statistics.effects import mean_interval
from fairtrial.statistics.selection import Selection, select_rows

Plain = dict[str, Any]


def describe(values: pd.Series, confidence: float) -> Plain:
    """n, mean, sd, median and the Student interval of the mean; None where there is none."""
    x = values.dropna().to_numpy(float)
    interval = mean_interval(x, confidence)
    return {
        "n": int(x.size),
        "mean": float(x.mean()) if x.size else None,
        "sd": float(x.std(ddof=1)) if x.size > 1 else None,
        "median": float(np.median(x)) if x.size else None,
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
    }


def arm_rows(chosen: Selection, design: str, confidence: float) -> list[Plain]:
    """One row an arm: its description, mean rank, and how many of its trials finished."""
    whole = chosen.table.dropna()
    blocked = design == "blocked" and len(whole) > 0
    ranks = mean_ranks(whole, chosen.higher_is_better) if blocked else {}
    return [
        {
            "arm": str(arm),
            **describe(chosen.table[arm], confidence),
            "mean_rank": ranks.get(str(arm)),
            "trials": chosen.trials[str(arm)],
            "unfinished": chosen.unfinished[str(arm)],
        }
        for arm in chosen.table.columns
    ]


def other_rows(scores: pd.DataFrame, primary_metric: str, confidence: float) -> list[Plain]:
    """One row a reference, probe or floor: shown beside the arms, never ranked with them."""
    rows = select_rows(scores, primary_metric)
    rows = rows[rows["role"] != "arm"]
    return [
        {
            "arm": str(arm),
            "role": str(group["role"].iloc[0]),
            **describe(group["value"], confidence),
            "unfinished": int((group["status"] != "ok").sum()),
        }
        for arm, group in rows.groupby("arm", sort=False)
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
    """Mean and sd over blocks of everything that was measured, for the page's full table."""
    keys = ["metric", "split", "subset", "protocol", "arm", "role"]
    out = []
    for key, group in scores[scores["status"] == "ok"].groupby(keys, sort=False):
        spread = group["value"].std(ddof=1) if len(group) > 1 else None
        out.append(
            {
                **dict(zip(keys, map(str, key), strict=True)),
                "n": len(group),
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
