"""The certificate: what was found, evaluated again, proved, priced, and held against claims."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from fairtrial.core.text import number_text
from fairtrial.problems.certificates.claims import JudgedClaim, judge_claims
from fairtrial.problems.certificates.conditions import Check
from fairtrial.problems.certificates.exact import evaluate_exactly, linear_blend
from fairtrial.problems.certificates.nearest import cheapest_batch
from fairtrial.problems.certificates.proof import Proof, prove_optimum
from fairtrial.problems.certificates.reached import (
    AT_OPTIMUM,
    close_in_cost_only,
    is_unique,
    reached_by_arm,
    solvers_ahead,
)
from fairtrial.problems.certificates.tables import constants_table, costs_table, rows_table
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial
from fairtrial.problems.rows import Row
from fairtrial.problems.wording import missed_rows, point_text, with_unit

FloatArray = npt.NDArray[np.float64]
Plain = dict[str, Any]

_ROUNDING = 1e-14  # relative: what no one would call a gap
_SAME = 1e-9  # relative: what 50 digits and the search's own arithmetic may differ by


def certify(problem: Problem, trials: Sequence[Trial], batch_step: float) -> Plain:
    """Judge the best answer of a study, and everything that others claim.

    Args:
        problem: what was optimised.
        trials: every run of arms and references.
        batch_step: of the shares of a mix that is weighed out.

    Returns:
        Plain JSON data. ``certified`` is true only where every one of ``checks`` passed;
        ``scope`` tells whether the optimum is proved globally, locally or not; ``optimum`` is the
        exact one; ``rows``, ``costs`` and ``constants`` tell what binds and what moves it;
        ``claims`` judges what others state; ``warnings`` and ``sees`` are for the verdict.
    """
    best = best_trial(trials)
    if best is None:
        says = "No run found a feasible point."
        claims = judge_claims(problem, None, best_gap=AT_OPTIMUM, batch_step=batch_step)
        return _plain(problem, None, Proof(()), [Check("feasible", False, says)], claims, {})
    proof = prove_optimum(problem, best, trials)
    value, rows = evaluate_exactly(problem, best.run.point[-1])
    checks = [
        _same_value(problem, best, value),
        _feasible(problem, best, rows),
        *proof.checks,
        *_at_optimum(problem, value, proof),
        *_known(problem, value, proof),
    ]
    optimum = proof.objective if proof.objective is not None else value
    claims = judge_claims(problem, optimum, best_gap=AT_OPTIMUM, batch_step=batch_step)
    reached = reached_by_arm(problem, trials, optimum, proof.point if is_unique(proof) else None)
    plain = _plain(problem, best, proof, checks, claims, reached)
    plain["warnings"] += [*solvers_ahead(reached), *close_in_cost_only(problem, reached)]
    point = proof.point if proof.point is not None else best.run.point[-1]
    plain["rows"] = rows_table(problem, point, proof)
    plain["costs"] = costs_table(problem, proof)
    plain["constants"] = constants_table(problem, proof)
    plain["batch"] = _batch(problem, point, batch_step)
    return plain


def _same_value(problem: Problem, best: Trial, value: float) -> Check:
    stored = float(best.run.objective[-1])
    apart = abs(value - stored) / max(1.0, abs(stored))
    way = "by its own functions once more"
    if problem.definition.blend is None:
        way = "from the file read once more, in 50 digits"
    elif linear_blend(problem) is not None:
        way = "in fractions of the printed numbers"
    return Check(
        "evaluated again",
        apart <= _SAME,
        f"Evaluated {way}, the point of {best.arm} has the "
        f"objective {with_unit(number_text(problem.sign * value, 10), problem.objective_unit)}, "
        f"{f'within {apart:.1g} (relative) of what' if apart else 'which is what'} the search had.",
    )


def _feasible(problem: Problem, best: Trial, rows: FloatArray) -> Check:
    missed = missed_rows(problem, best.run.point[-1], rows)
    definition = problem.definition
    tolerance = f"{definition.tolerance:g}"
    if definition.equality_tolerance is not None and any(row.equality for row in problem.rows):
        tolerance += f", of an equality {definition.equality_tolerance:g}"
    return Check(
        "feasible",
        not missed,
        f"Every limit and bound is kept within its tolerance ({tolerance})."
        if not missed
        else f"{missed[0]}.",
    )


def _at_optimum(problem: Problem, value: float, proof: Proof) -> list[Check]:
    if proof.objective is None:
        return []
    gap = (value - proof.objective) / (abs(proof.objective) or 1.0)
    exact = with_unit(proof.text, problem.objective_unit)
    says = f"The best answer is the exact optimum, {exact}, up to rounding."
    if gap > _ROUNDING:
        says = f"The best answer is worse than the exact optimum, {exact}, by {gap:.1e} (relative)."
    if gap < -_ROUNDING:
        says = (
            f"The best answer passes the exact optimum, {exact}, by {-gap:.1e} (relative), of "
            f"which the tolerance of the limits is worth {_worth(problem, proof):.1e}."
        )
    return [Check("at the optimum", abs(gap) <= AT_OPTIMUM + _worth(problem, proof), says)]


def _worth(problem: Problem, proof: Proof) -> float:
    """What missing every limit by its tolerance would gain, relative to the optimum."""
    if proof.prices is None or proof.objective is None:
        return 0.0
    gains = [
        abs(price) * problem.tolerance(row) * max(1.0, abs(_finite(row)))
        for price, row in zip(proof.prices, problem.rows, strict=True)
    ]
    return float(sum(gains)) / (abs(proof.objective) or 1.0)


def _finite(row: Row) -> float:
    return row.high if np.isfinite(row.high) else row.low


def _known(problem: Problem, value: float, proof: Proof) -> list[Check]:
    known = problem.definition.optimum
    if known is None or problem.optimum is None:
        return []
    found = value if proof.objective is None else proof.objective
    gap = (found - problem.optimum) / (abs(problem.optimum) or 1.0)
    told = f"The best known value is {known.objective:.10g} ({known.source}); "
    worth = _worth(problem, proof)
    if abs(gap) <= AT_OPTIMUM + worth:
        met = f"it is met within {abs(gap):.1e}" if gap else "it is met to the last digit"
        given = f", and the tolerance of the limits is worth {worth:.1e}"
        return [Check("known optimum", True, f"{told}{met}{given if worth > AT_OPTIMUM else ''}.")]
    side = "missed" if gap > 0 else "passed, so that it or the file is wrong,"
    return [Check("known optimum", False, f"{told}it is {side} by {abs(gap):.1e}.")]


def _batch(problem: Problem, point: FloatArray, step: float) -> Plain | None:
    if problem.definition.blend is None:
        return None
    batch = cheapest_batch(problem, point, step)
    if batch is None:
        return None
    return {
        "point": dict(zip(problem.names, map(float, batch.point), strict=True)),
        "objective": problem.sign * batch.objective,
        "step": step,
        "text": point_text(problem, batch.point),
    }


def _plain(
    problem: Problem,
    best: Trial | None,
    proof: Proof,
    checks: Sequence[Check],
    claims: Sequence[JudgedClaim],
    reached: Plain,
) -> Plain:
    certified = bool(checks) and all(check.passed for check in checks)
    point = None if best is None else best.run.point[-1]
    return {
        "problem": problem.definition.name,
        "unit": problem.objective_unit,
        "certified": certified,
        "scope": proof.scope if certified else "none",
        "answer": None
        if best is None or point is None
        else {
            "arm": best.arm,
            "role": best.role,
            "point": dict(zip(problem.names, map(float, point), strict=True)),
            "objective": problem.sign * float(best.run.objective[-1]),
        },
        "optimum": None
        if proof.point is None or proof.objective is None
        else {
            "point": dict(zip(problem.names, map(float, proof.point), strict=True)),
            "fractions": None
            if proof.linear is None
            else dict(zip(problem.names, map(str, proof.linear.point), strict=True)),
            "objective": problem.sign * proof.objective,
            "text": proof.text,
            "unique": is_unique(proof),
            "scope": proof.scope,
        },
        "checks": [asdict(check) for check in checks],
        "notes": list(proof.notes),
        "reached": reached,
        "rows": [],
        "costs": [],
        "constants": [],
        "batch": None,
        "claims": [_claim(problem, claim) for claim in claims],
        "warnings": [_warning(claim) for claim in claims if claim.verdict != "holds"],
        "sees": {},
    }


def _claim(problem: Problem, claim: JudgedClaim) -> Plain:
    near = claim.near
    return {
        "name": claim.name,
        "source": claim.source,
        "verdict": claim.verdict,
        "reasons": list(claim.reasons),
        "point": dict(zip(problem.names, map(float, claim.point), strict=True)),
        "objective": claim.objective if math.isfinite(claim.objective) else None,
        "stated": claim.stated,
        "near": None if near is None else dict(zip(problem.names, map(float, near), strict=True)),
        "near_objective": claim.near_objective,
    }


def _warning(claim: JudgedClaim) -> str:
    told = {"rejected": "is rejected", "beaten": "holds its limits but is not the best"}
    return f'The claim "{claim.name}" ({claim.source}) {told[claim.verdict]}. ' + " ".join(
        claim.reasons
    )
