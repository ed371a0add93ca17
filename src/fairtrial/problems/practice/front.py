"""Cost against distance from a target curve: every mix on the front is an exact optimum.

The distance is the largest deviation at any sieve, so that both ends and every point between are
linear programs (epsilon-constraint method).

Source: Haimes, Lasdon and Wismer 1971 (epsilon-constraint).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.optimizers.libraries.highs import solve
from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.practice.mixes import passing_matrix
from fairtrial.problems.problem import Problem

FloatArray = npt.NDArray[np.float64]

_SLACK = 1e-11  # percent passing, so that an end of the front is not cut off by rounding


@dataclass(frozen=True)
class Traded:
    """A front, from the nearest mix to the cheapest.

    Attributes:
        deviation: (N,) largest distance from the target at any sieve, in percent passing.
        objective: (N,) the least cost at that distance.
        point: (N, D) the mixes.
    """

    deviation: FloatArray
    objective: FloatArray
    point: FloatArray


def cost_front(problem: Problem, target: FloatArray, points: int) -> Traded:
    """The least cost for every largest deviation from ``target``, within the problem's limits.

    Args:
        problem: a mix by sieves, which is feasible.
        target: (S,) percent passing, in the order of the problem's sieves.
        points: on the front, both ends among them.

    Raises:
        TrialError: the problem is not feasible.
    """
    program = problem.linear_program()
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    passing = passing_matrix(problem)
    size = problem.lower.size
    near = _bounded(program, passing, target, size, None)
    least = float(solve(near, problem.lower, problem.upper).point[-1])
    cheapest = solve(program, problem.lower, problem.upper).point[:size]
    most = float(np.abs(passing @ cheapest - target).max())
    found = []
    for allowed in np.linspace(least, max(most, least), points):
        limited = _bounded(program, passing, target, size, float(allowed) + _SLACK)
        found.append(solve(limited, problem.lower, problem.upper).point[:size])
    mixes = np.array(found)
    return Traded(
        deviation=np.abs(mixes @ passing.T - target).max(axis=1),
        objective=problem.evaluate(mixes)[0],
        point=mixes,
    )


def _bounded(
    program: LinearProgram, passing: FloatArray, target: FloatArray, size: int, most: float | None
) -> LinearProgram:
    """``program`` with a last column for the largest deviation: minimised, or at most ``most``."""
    columns = program.cost.size
    sieves = np.pad(passing, ((0, 0), (0, columns - size)))
    one = np.ones((len(sieves), 1))
    whole = program.integer
    return LinearProgram(
        cost=np.append(np.zeros(columns), 1.0) if most is None else np.append(program.cost, 0.0),
        constant=0.0 if most is None else program.constant,
        rows=np.vstack(
            [
                np.pad(program.rows, ((0, 0), (0, 1))),
                np.hstack([sieves, -one]),
                np.hstack([-sieves, -one]),
            ]
        ),
        row_lower=np.concatenate([program.row_lower, np.full(2 * len(sieves), -np.inf)]),
        row_upper=np.concatenate([program.row_upper, target, -target]),
        integer=None if whole is None else np.append(whole, False),
        helper_lower=np.append(program.helper_lower, 0.0),
        helper_upper=np.append(program.helper_upper, np.inf if most is None else most),
    )
