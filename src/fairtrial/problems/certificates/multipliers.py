"""Multipliers: do the limits that bind balance the slope of the objective, and at what price?

Source: Karush 1939, Kuhn and Tucker 1951: at a regular local minimum the gradient is a sum of
those of the active limits, inequalities with weights >= 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from fairtrial.problems.problem import Problem

FloatArray = npt.NDArray[np.float64]

_ACTIVE = 1e-5  # relative to the limit's size: as near as a local solver comes


@dataclass(frozen=True)
class Multipliers:
    """What balances the gradient at a point, in the sense of minimisation.

    Attributes:
        prices: (M,) change of the optimum for each unit that a row's active limit is raised.
        bounds: (D,) the same for the bound of the box that a variable lies on.
        active: indices of the rows that bind with a weight.
        fixed: indices of the variables that a bound holds with a weight, or that keep to levels.
        residual: what is left of the gradient, relative to its length in widths of the box.
    """

    prices: FloatArray
    bounds: FloatArray
    active: tuple[int, ...]
    fixed: tuple[int, ...]
    residual: float


def multipliers(problem: Problem, point: FloatArray) -> Multipliers:
    """Nonnegative least squares of the gradient over the active limits at ``point`` (D,).

    Where active limits depend on each other, multipliers are not unique and these are one choice.
    """
    excess = problem.excess(point[None])[0]
    # In widths of the box: metres and millimetres then count alike.
    span = problem.upper - problem.lower
    slopes = problem.slopes(point[None])[0] * span
    columns: list[FloatArray] = []
    owner: list[tuple[bool, int, float]] = []  # of a row or a bound; index; price of a weight
    for side, value, slope in zip(problem.sides(), excess, slopes[1:], strict=True):
        if side.equality:
            columns += [slope, -slope]
            owner += [(True, side.row, -1.0), (True, side.row, 1.0)]
        elif value >= -_ACTIVE * max(1.0, abs(side.limit)):
            columns.append(slope)
            owner.append((True, side.row, -side.sign))
    discrete = np.zeros(point.size, np.bool_) if problem.levels is None else problem.levels.discrete
    for index, unit in enumerate(np.eye(point.size)):
        if discrete[index]:
            # It cannot move by little, so that its slope need not be balanced.
            columns += [unit, -unit]
            owner += [(False, index, 0.0), (False, index, 0.0)]
            continue
        if problem.upper[index] - point[index] <= _ACTIVE * span[index]:
            columns.append(unit)
            owner.append((False, index, -1.0 / span[index]))
        if point[index] - problem.lower[index] <= _ACTIVE * span[index]:
            columns.append(-unit)
            owner.append((False, index, 1.0 / span[index]))
    gradient = slopes[0]
    length = float(np.linalg.norm(gradient))
    prices, bounds = np.zeros(len(problem.rows)), np.zeros(point.size)
    weights, residual = np.empty(0), length
    if columns:
        weights, residual = nnls(np.array(columns).T, -gradient)
    for weight, (is_row, index, factor) in zip(weights, owner, strict=True):
        (prices if is_row else bounds)[index] += factor * weight
    return Multipliers(
        prices=prices,
        bounds=bounds,
        active=tuple(int(i) for i in np.flatnonzero(_weighty(prices, problem))),
        fixed=tuple(int(i) for i in np.flatnonzero(discrete | (bounds != 0))),
        residual=float(residual) / max(length, 1e-300),
    )


def _weighty(prices: FloatArray, problem: Problem) -> npt.NDArray[np.bool_]:
    """Rows with a weight; an equality binds even where it costs nothing."""
    equal = np.array([row.equality for row in problem.rows], dtype=np.bool_)
    binds: npt.NDArray[np.bool_] = equal | (prices != 0)
    return binds
