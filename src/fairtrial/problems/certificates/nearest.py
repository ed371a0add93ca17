"""The nearest point that keeps every limit: of a mix, the nearest that a plant can weigh out.

A mix rounded by itself may leave its limits; here the step counts are the unknowns of a small
integer program, solved exactly by HiGHS through scipy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp, minimize

from fairtrial.problems.problem import Problem

FloatArray = npt.NDArray[np.float64]

# Cost counts this little beside the distance: it only chooses among mixes that are as near.
_TIE = 1e-3


@dataclass(frozen=True)
class Rounded:
    """A mix in whole steps.

    Attributes:
        point: (D,) shares.
        objective: its cost.
        moved: sum of the absolute changes of the shares; 0.02 is one percent moved over.
    """

    point: FloatArray
    objective: float
    moved: float


def nearest_feasible(problem: Problem, point: FloatArray) -> FloatArray | None:
    """A feasible point (D,) near ``point``, in widths of the box; none where none is found.

    It is the nearest where the feasible region is convex.
    """
    span = problem.upper - problem.lower
    equal = np.array([side.equality for side in problem.sides()], dtype=np.bool_)
    parts = [("eq", np.flatnonzero(equal), 1.0), ("ineq", np.flatnonzero(~equal), -1.0)]
    constraints = [
        {
            "type": kind,
            "fun": lambda y, c=columns, s=sign: s * problem.excess((y * span)[None])[0][c],
            "jac": lambda y, c=columns, s=sign: (
                s * problem.slopes((y * span)[None])[0][1 + c] * span
            ),
        }
        for kind, columns, sign in parts
        if columns.size
    ]
    start = np.clip(point, problem.lower, problem.upper) / span
    found = minimize(
        lambda y: float(((y - point / span) ** 2).sum()),
        start,
        jac=lambda y: 2 * (y - point / span),
        bounds=list(zip(problem.lower / span, problem.upper / span, strict=True)),
        constraints=constraints,
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    near: FloatArray = np.clip(found.x * span, problem.lower, problem.upper)
    return near if problem.evaluate(near[None])[1][0] == 0 else None


def nearest_batch(problem: Problem, point: FloatArray, step: float) -> Rounded | None:
    """The feasible mix in whole steps that is nearest to ``point`` (D,); none where there is none.

    Args:
        problem: a blend; the terms of its sources are kept too.
        point: shares, which need not be feasible.
        step: of the shares, such as 0.01.
    """
    return _solve(problem, point, step, distance=1.0, cost=_TIE)


def cheapest_batch(problem: Problem, point: FloatArray, step: float) -> Rounded | None:
    """The cheapest feasible mix in whole steps, the nearest to ``point`` of equally cheap ones."""
    return _solve(problem, point, step, distance=_TIE, cost=1.0)


def _solve(
    problem: Problem, point: FloatArray, step: float, *, distance: float, cost: float
) -> Rounded | None:
    program = problem.linear_program()
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    size, helpers = point.size, program.cost.size - point.size
    # Columns: step counts (D), the program's helpers, the distance of each share moved (D).
    scale = max(float(np.abs(program.cost).max()), 1e-300)
    worth = cost * np.append(step * program.cost[:size], program.cost[size:]) / scale
    whole = np.zeros(helpers) if program.integer is None else program.integer[size:]
    eye, none = np.eye(size), np.zeros((size, helpers))
    # share - distance <= point, and the same from below
    apart = np.block([[step * eye, none, -eye], [-step * eye, none, -eye]])
    blocks = [program.rows[:, :size] * step, program.rows[:, size:]]
    limits = np.hstack([*blocks, np.zeros((len(program.rows), size))])
    fewest = np.ceil(problem.lower / step - 1e-9)
    most = np.floor(problem.upper / step + 1e-9)
    found = milp(
        np.concatenate([worth, np.full(size, distance)]),
        constraints=[
            LinearConstraint(limits, program.row_lower, program.row_upper),
            LinearConstraint(apart, ub=np.concatenate([point, -point])),
        ],
        integrality=np.concatenate([np.ones(size), whole, np.zeros(size)]),
        bounds=Bounds(
            np.concatenate([fewest, program.helper_lower, np.zeros(size)]),
            np.concatenate([most, program.helper_upper, np.full(size, np.inf)]),
        ),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    shares = np.round(found.x[:size]) * step + 0.0  # no share is -0
    objective, violation = problem.evaluate(shares[None])
    if violation[0] > 0:
        return None
    return Rounded(shares, float(objective[0]), float(np.abs(shares - point).sum()))
