"""What stands beside the arms, never ranked with them, and how far each arm is ahead of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fairtrial.statistics.effects import Bounds, paired_shift, subtract, unpaired_shift
from fairtrial.statistics.selection import Selection, select_rows, unit_of
from fairtrial.statistics.summaries import describe

Plain = dict[str, Any]

# A reference is an exact, local or deterministic solver, of which arms need not be ahead.
_MEASURED = ("probe", "floor")


def other_rows(
    scores: pd.DataFrame,
    chosen: Selection,
    *,
    primary_metric: str,
    design: str,
    confidence: float,
    bounds: Bounds,
    sees: Mapping[str, str],
) -> list[Plain]:
    """One row a reference, probe or floor.

    Args:
        scores: table of one study, as `make_scores` builds it.
        chosen: the values of the arms.
        primary_metric: the metric.
        design: blocked or independent.
        confidence: coverage of the intervals.
        bounds: ends of the metric's range.
        sees: name -> what it sees, where that is known.

    Returns:
        Rows with ``arm`` (its name), ``role``, ``sees``, its description, ``unfinished``, and for
        probes and floors ``leads``: of each arm the difference arm - other over the blocks that
        both finished, with its interval, or None where there is no such block.
    """
    rows = select_rows(scores, primary_metric)
    rows = rows[rows["role"] != "arm"]
    out = []
    for name, group in rows.groupby("arm", sort=False):
        role = str(group["role"].iloc[0])
        values = group["value"].groupby(group["block"].map(unit_of)).mean().dropna()
        leads = [
            {"arm": str(arm), "difference": _lead(chosen.table[arm], values, design, confidence)}
            for arm in chosen.table.columns
            if role in _MEASURED
        ]
        out.append(
            {
                "arm": str(name),
                "role": role,
                "sees": sees.get(str(name), ""),
                **describe(values, confidence, bounds),
                "unfinished": int((group["status"] != "ok").sum()),
                "leads": leads,
            }
        )
    return out


def is_ahead(lead: Plain, higher_is_better: bool) -> bool:
    """Whether the whole interval of an arm's lead lies on its side."""
    found = lead["difference"]
    if found is None:
        return False
    return bool(found["low"] > 0) if higher_is_better else bool(found["high"] < 0)


def _lead(arm: pd.Series, other: pd.Series, design: str, confidence: float) -> Plain | None:
    mine = arm.dropna()
    if design == "blocked":
        both = mine.index.intersection(other.index)
        mine, other = mine[both], other[both]
    if mine.empty or other.empty:
        return None
    x, y = mine.to_numpy(float), other.to_numpy(float)
    if design == "blocked":
        return paired_shift(subtract(x, y), confidence).plain()
    return unpaired_shift(x, y, confidence).plain()
