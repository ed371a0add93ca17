"""Each pair of arms: how large the difference is, how sure, and what may be said of it."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from fairtrial.statistics.comparisons import Comparison, standing
from fairtrial.statistics.effects import paired_shift, subtract, superiority, unpaired_shift
from fairtrial.statistics.selection import Selection

Plain = dict[str, Any]


def compare_pairs(
    chosen: Selection,
    design: str,
    comparison: Comparison | None,
    alpha: float,
    smallest_difference: float | None,
) -> list[Plain]:
    """One row a pair of arms.

    Args:
        chosen: the values.
        design: blocked or independent.
        comparison: the test over all arms; None where none could be run.
        alpha: level of the tests; intervals cover 1 - alpha.
        smallest_difference: what matters, in the metric's unit.

    Returns:
        Rows with ``a``, ``b``, ``p``, ``difference`` (a - b, with interval), ``superiority``
        (independent: chance that a run of a is the better one), ``counts`` (blocked: wins, ties,
        losses of a) and ``conclusion``: "better" (then ``better`` names the arm), "equal" (the
        whole interval lies within the smallest difference) or "open". A pair is only told apart
        where the test over all arms is.
    """
    arms = [str(arm) for arm in chosen.table.columns]
    places = standing(chosen.table, design == "blocked", chosen.higher_is_better)
    rows = []
    for a, b in combinations(arms, 2):
        row = _effects(chosen, a, b, design, 1 - alpha)
        row["p"] = None if comparison is None else comparison.pairs[(a, b)]
        told_apart = comparison is not None and comparison.p < alpha and row["p"] < alpha
        within = smallest_difference is not None and _inside(
            row["difference"], smallest_difference, 1 - alpha
        )
        if within:
            row["conclusion"] = "equal"
        elif told_apart:
            row["conclusion"] = "better"
            row["better"] = a if places[a] < places[b] else b
        rows.append(row)
    return rows


def _effects(chosen: Selection, a: str, b: str, design: str, confidence: float) -> Plain:
    row: Plain = {
        "a": a,
        "b": b,
        "p": None,
        "difference": None,
        "superiority": None,
        "counts": None,
        "conclusion": "open",
        "better": None,
    }
    x, y = (chosen.table[arm].dropna().to_numpy(float) for arm in (a, b))
    if not x.size or not y.size:
        return row
    if design == "blocked":
        differences = subtract(x, y)
        row["difference"] = paired_shift(differences, confidence).plain()
        sign = np.sign(differences if chosen.higher_is_better else -differences)
        row["counts"] = {
            "wins": int((sign > 0).sum()),
            "ties": int((sign == 0).sum()),
            "losses": int((sign < 0).sum()),
        }
    else:
        row["difference"] = unpaired_shift(x, y, confidence).plain()
        better, worse = (x, y) if chosen.higher_is_better else (y, x)
        # P(b < a) = P(a > b): with lower values better, exchange the arms and keep the meaning.
        row["superiority"] = superiority(better, worse, confidence).plain()
    return row


def _inside(difference: Plain | None, limit: float, confidence: float) -> bool:
    return (
        difference is not None
        and difference["confidence"] >= confidence - 1e-9
        and -limit < difference["low"]
        and difference["high"] < limit
    )
