"""Solutions that someone states: accepted, or rejected with the reason and what would hold."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from fairtrial.core.text import list_text, number_text
from fairtrial.problems.certificates.exact import evaluate_exactly
from fairtrial.problems.certificates.nearest import nearest_batch, nearest_feasible
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import missed_rows, point_text, with_unit

FloatArray = npt.NDArray[np.float64]

_DIGITS = 4  # of a whole number count at least


@dataclass(frozen=True)
class JudgedClaim:
    """A claim, evaluated again.

    Attributes:
        name, source: who states it, and where.
        point: (D,).
        objective: what it really is, in the user's sense.
        stated: what is stated with it.
        verdict: ``rejected`` (infeasible, or the value is wrong), ``beaten`` or ``holds``.
        reasons: why, one sentence each.
        near: (D,) the nearest point that keeps every limit, where the claim does not.
        near_objective: its objective, in the user's sense.
    """

    name: str
    source: str
    point: FloatArray
    objective: float
    stated: float | None
    verdict: str
    reasons: tuple[str, ...]
    near: FloatArray | None = None
    near_objective: float | None = None


def judge_claims(
    problem: Problem, optimum: float | None, *, best_gap: float, batch_step: float
) -> list[JudgedClaim]:
    """Every claim of the problem file.

    Args:
        problem: with its claims.
        optimum: the best value, in the sense of minimisation.
        best_gap: a claim is beaten where the optimum is better by more, relative.
        batch_step: of the shares of a mix that is weighed out.
    """
    return [
        _judge(problem, name, optimum, best_gap, batch_step) for name in problem.definition.claims
    ]


def _judge(
    problem: Problem, name: str, optimum: float | None, best_gap: float, step: float
) -> JudgedClaim:
    claim = problem.definition.claims[name]
    point = problem.point(claim.at)
    value, rows = evaluate_exactly(problem, point)
    objective = problem.sign * value
    missed = missed_rows(problem, point, rows)
    reasons = []
    verdict, near = "holds", None
    if missed:
        verdict = "rejected"
        reasons.append(f"It is infeasible: {list_text(missed)}.")
        near = _near(problem, point, step)
    if claim.objective is not None and not agrees(claim.objective, objective):
        verdict = "rejected"
        stated = number_text(claim.objective, 6)
        reasons.append(
            f"Its objective is {with_unit(number_text(objective, 9), problem.objective_unit)}, "
            f"not {stated}."
        )
    if not missed and optimum is not None:
        gap = (value - optimum) / (abs(optimum) or 1.0)
        if gap > best_gap:
            verdict = "beaten" if verdict == "holds" else verdict
            reasons.append(f"It is {number_text(100 * gap, 3)} % from the optimum.")
    near_objective = None
    if near is not None:
        near_objective = problem.sign * evaluate_exactly(problem, near)[0]
        reasons.append(
            f"The nearest {'mix in whole steps' if problem.definition.blend else 'point'} that "
            f"keeps every limit is {point_text(problem, near)}, at "
            f"{with_unit(number_text(near_objective, 6), problem.objective_unit)}."
        )
    elif missed:
        reasons.append("No point near it that keeps every limit was found.")
    return JudgedClaim(
        name=name,
        source=claim.source,
        point=point,
        objective=objective,
        stated=claim.objective,
        verdict=verdict,
        reasons=tuple(reasons),
        near=near,
        near_objective=near_objective,
    )


def _near(problem: Problem, point: FloatArray, step: float) -> FloatArray | None:
    if problem.definition.blend is None:
        return nearest_feasible(problem, point)
    batch = nearest_batch(problem, point, step)
    return None if batch is None else batch.point


def agrees(stated: float, found: float) -> bool:
    """Whether ``found``, rounded or cut off, is ``stated`` to its last digit: 79750 tells tens.

    Zeros at the end of a whole number may be digits too: 80000 tells four, which are tens.
    """
    number = Decimal(repr(float(stated)))
    last = int(number.normalize().as_tuple().exponent)
    if last > 0:
        last = min(last, max(number.adjusted() - _DIGITS + 1, 0))
    return abs(stated - found) < 10.0**last
