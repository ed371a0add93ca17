"""What a stationary point must keep to be a minimum: every limit, and the sign of every price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.problems.certificates.multipliers import Multipliers
from fairtrial.problems.certificates.refine import Refined, binding_end
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import clean, row_name

FloatArray = npt.NDArray[np.float64]

_KEPT = 1e-12  # relative: what rounding to floats may leave of a limit
_PUSHES = 1e-12  # of the objective's slope: a limit that pushes less may as well not bind


@dataclass(frozen=True)
class Check:
    """One thing that must hold, whether it does, and the numbers behind it."""

    name: str
    passed: bool
    says: str


def check_kept(problem: Problem, refined: Refined) -> Check:
    """The limits that were left out of the balance are kept too."""
    low = np.array([row.low for row in problem.rows])
    high = np.array([row.high for row in problem.rows])
    sizes = np.maximum(1.0, np.abs(np.where(np.isfinite(high), high, low)))
    excess = np.maximum(low - refined.rows, refined.rows - high) / sizes
    outside = np.maximum(problem.lower - refined.point, refined.point - problem.upper)
    worst = float(max([*excess, *outside], default=0.0))
    kept = worst <= _KEPT
    return Check(
        "limits at the exact point",
        kept,
        "It keeps every limit."
        if kept
        else f"It misses a limit by {clean(worst):.2g}: another limit binds as well.",
    )


def check_signs(problem: Problem, refined: Refined, found: Multipliers) -> Check:
    """Every inequality and bound that was held in the balance pushes against leaving it.

    Which end of a range binds was told by the reported point; at the exact one the sign may have
    turned, and then there is something better on the other side.

    Args:
        problem: what was optimised.
        refined: the exact stationary point.
        found: the multipliers at the reported point, which say what is held.
    """
    span = problem.upper - problem.lower
    slopes = problem.functions.slopes(refined.point[None])[0]  # (1 + M, D)
    least = _PUSHES * float(np.linalg.norm(slopes[0] * span))
    wrong = []
    for index in found.active:
        row = problem.rows[index]
        if row.equality:
            continue
        is_upper = binding_end(row.low, row.high, float(found.prices[index])) == row.high
        size = float(np.linalg.norm(slopes[1 + index] * span))
        if (-1 if is_upper else 1) * refined.prices[index] * size <= least:
            wrong.append(row_name(problem, row))
    balance = (slopes[0] - refined.prices @ slopes[1:]) * span
    for index in found.fixed:
        if problem.levels is not None and problem.levels.discrete[index]:
            continue
        is_upper = refined.point[index] == problem.upper[index]
        if (-1 if is_upper else 1) * balance[index] <= least:
            wrong.append(f"the bound of {problem.names[index]}")
    return Check(
        "signs of the multipliers",
        not wrong,
        "Every limit that binds pushes the right way."
        if not wrong
        else f"Moving away from {wrong[0]} would be no worse.",
    )
