"""Shadow prices: what the optimum would change by for each unit that a limit is moved."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial

FloatArray = npt.NDArray[np.float64]

_ACTIVE = 1e-5  # relative to the limit's size: as near as a local solver comes
_RESIDUAL = 1e-3  # relative to the gradient's length: above it the point is no optimum


def shadow_prices(problem: Problem, trial: Trial) -> tuple[FloatArray | None, str]:
    """Price (M,) of each constraint at the trial's best point, in the user's sense, and its origin.

    HiGHS's duals where there are any, else the Lagrange multipliers that balance the exact
    gradient with those of the active limits and bounds (least squares, inequalities >= 0). None
    where nothing balances it: the point is then no local optimum. Where active limits depend on
    each other, multipliers are not unique and these are one choice.
    """
    duals = trial.run.extra.get("row_dual")
    if duals is not None:
        return problem.sign * duals, f"duals of {trial.arm}"
    point = trial.run.point[-1]
    excess = problem.excess(point[None])[0]
    slopes = problem.slopes(point[None])[0]
    sides = problem.sides()
    columns: list[FloatArray] = []
    owner: list[tuple[int, float]] = []  # row and how its limit's price follows from the column
    for side, value, slope in zip(sides, excess, slopes[1:], strict=True):
        if side.equality:
            columns += [slope, -slope]
            owner += [(side.row, -1.0), (side.row, 1.0)]
        elif value >= -_ACTIVE * max(1.0, abs(side.limit)):
            columns.append(slope)
            owner.append((side.row, -side.sign))
    span = problem.upper - problem.lower
    for index in range(point.size):
        unit = np.eye(point.size)[index]
        for at_bound, direction in (
            (problem.upper[index] - point[index] <= _ACTIVE * span[index], unit),
            (point[index] - problem.lower[index] <= _ACTIVE * span[index], -unit),
        ):
            if at_bound:
                columns.append(direction)
                owner.append((-1, 0.0))
    prices = np.zeros(len(problem.rows))
    gradient = slopes[0]
    if not columns:
        residual = float(np.linalg.norm(gradient))
        weights = np.empty(0)
    else:
        weights, residual = nnls(np.array(columns).T, -gradient)
    if residual > _RESIDUAL * max(float(np.linalg.norm(gradient)), 1e-300):
        return None, f"the point of {trial.arm} is no local optimum"
    for weight, (row, factor) in zip(weights, owner, strict=True):
        if row >= 0:
            prices[row] += factor * weight
    return problem.sign * prices, f"multipliers at the point of {trial.arm}"
