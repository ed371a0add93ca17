"""Mixes whose gradings vary from delivery to delivery: how often they keep, and what it costs.

The passing of component j at sieve i is a normal number about the table's, independent of the
others. A limit is then kept with probability Phi(z) where mean + z |S_i x| <= limit: a second-order
cone. The cone is convex, so tangents to it, added where the last answer violates it, lead to the
exact optimum through linear programs alone.

Source: Charnes and Cooper 1959, doi:10.1287/mnsc.6.1.73 (chance constraints); Kelley 1960,
doi:10.1137/0108053 (cutting planes).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from fairtrial.core.errors import TrialError
from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.practice.mixes import passing_matrix, solve_mix
from fairtrial.problems.problem import Problem

FloatArray = npt.NDArray[np.float64]

_WITHIN = 4.0  # standard deviations that stay between 0 and 100 % passing
_ROUNDS = 200
_MET = 1e-7  # percent passing; a tenth of a millionth of a point is no grading
_LEAST = 1e-9  # percent passing: rounding of a sum that is 100


@dataclass(frozen=True)
class Robust:
    """A mix that keeps every limit with a probability.

    Attributes:
        point: (D,) shares.
        objective: its cost.
        rounds: of tangents until every cone was kept.
    """

    point: FloatArray
    objective: float
    rounds: int


def spread_of(problem: Problem, spread_points: float) -> FloatArray:
    """(S, D) standard deviations of each component's passing, in percent passing."""
    passing = passing_matrix(problem)
    room: FloatArray = np.minimum(passing, 100.0 - passing) / _WITHIN
    return np.minimum(spread_points, np.maximum(room, 0.0))


def robust_mix(problem: Problem, spread: FloatArray, keep: float) -> Robust | None:
    """The cheapest mix that keeps each limit of each sieve with probability ``keep``.

    Args:
        problem: a mix by sieves, whose first S rows are the sieves.
        spread: (S, D) from `spread_of`.
        keep: above 0.5.

    Returns:
        None where no mix does.

    Raises:
        TrialError: the tangents did not settle.
    """
    program = problem.linear_program()
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    z, passing = float(norm.ppf(keep)), passing_matrix(problem)
    count = len(spread)
    high, low = program.row_upper[:count], program.row_lower[:count]
    for number in range(_ROUNDS):
        point = solve_mix(program, problem)
        if point is None:
            return None
        apart = np.sqrt((spread**2 * point**2).sum(axis=1))
        mean = passing @ point
        over, under = mean + z * apart - high, low - mean + z * apart
        if max(over.max(), under.max()) <= _MET:
            objective = float(problem.evaluate(point[None])[0][0])
            return Robust(point, objective, number + 1)
        # |S x| >= (S^2 x0) x / |S x0|, with equality at x0.
        tangent = z * spread**2 * point / np.where(apart > 0, apart, 1.0)[:, None]
        above, below = over > _MET, under > _MET
        program = _with_rows(
            program,
            np.vstack([(passing + tangent)[above], (tangent - passing)[below]]),
            np.concatenate([high[above], -low[below]]),
        )
    raise TrialError(
        "evaluate.practice.spread",
        f"limits that are kept after {_ROUNDS} rounds of tangents",
        f"one that is missed by {max(over.max(), under.max()):.2g} points",
        "Take spread_points smaller.",
    )


def _with_rows(program: LinearProgram, rows: FloatArray, upper: FloatArray) -> LinearProgram:
    """``program`` with rows x <= upper of its first columns besides."""
    helpers = program.cost.size - rows.shape[1]
    return replace(
        program,
        rows=np.vstack([program.rows, np.pad(rows, ((0, 0), (0, helpers)))]),
        row_lower=np.concatenate([program.row_lower, np.full(len(rows), -np.inf)]),
        row_upper=np.concatenate([program.row_upper, upper]),
    )


def kept_share(
    problem: Problem,
    point: FloatArray,
    spread: FloatArray,
    deliveries: int,
    generator: np.random.Generator,
) -> tuple[float, FloatArray]:
    """Share of simulated deliveries within every limit, and (S,) within those of each sieve.

    Args:
        problem: a mix by sieves.
        point: (D,) shares.
        spread: (S, D) standard deviations.
        deliveries: how many; every component's grading is drawn anew for each.
        generator: of the draws.
    """
    mean = passing_matrix(problem) @ point
    rows = problem.rows[: len(spread)]
    low, high = (np.array([getattr(row, end) for row in rows]) for end in ("low", "high"))
    # The mix of independent normal numbers is one: one draw a sieve says the same as D of them.
    apart = np.sqrt((spread**2 * point**2).sum(axis=1))
    passing = mean + apart * generator.standard_normal((deliveries, mean.size))
    kept = (passing >= low - _LEAST) & (passing <= high + _LEAST)
    return float(kept.all(axis=1).mean()), kept.mean(axis=0)
