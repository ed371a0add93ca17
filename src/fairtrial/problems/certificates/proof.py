"""Which proof fits a problem, and what it says about the point next to the reported one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from fairtrial.core.text import number_text
from fairtrial.problems.certificates.conditions import Check, check_kept, check_signs
from fairtrial.problems.certificates.exact import reread
from fairtrial.problems.certificates.linear import LinearProof, prove
from fairtrial.problems.certificates.multipliers import Multipliers, multipliers
from fairtrial.problems.certificates.refine import Refined, refine
from fairtrial.problems.certificates.scope import is_geometric_program
from fairtrial.problems.certificates.vertex import LARGEST_BASIS
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial
from fairtrial.problems.wording import row_name

FloatArray = npt.NDArray[np.float64]

_NEAR = 1e-2  # in widths of the box: a stationary point farther away proves nothing
_MET = 1e-9  # relative: what rounding may leave between a solver's bound and its point


@dataclass(frozen=True)
class Proof:
    """The exact optimum next to a point, as far as it could be proved.

    Attributes:
        checks: what was tried.
        scope: ``global``, ``local`` or ``none``.
        point: (D,) the exact optimum, or none.
        objective: its value, in the sense of minimisation.
        text: the value in full: a fraction, or 16 digits.
        prices: (M,) change of the optimum for each unit that a row's active limit is raised, in
            the sense of minimisation.
        linear, refined: what further tables are made of.
    """

    checks: tuple[Check, ...]
    scope: str = "none"
    point: FloatArray | None = None
    objective: float | None = None
    text: str = ""
    prices: FloatArray | None = None
    linear: LinearProof | None = None
    refined: Refined | None = None
    notes: tuple[str, ...] = ()


def prove_optimum(problem: Problem, best: Trial, trials: Sequence[Trial]) -> Proof:
    """The strongest proof that the form of the problem allows.

    Args:
        problem: what was optimised.
        best: the trial with the best feasible point.
        trials: every run; those of a solver that proves what it finds, or bounds it, are asked.
    """
    program = problem.linear_program()
    if program is not None and program.integer is None:
        return _linear(problem, best_trial([trial for trial in trials if trial.run.exact]))
    bounded = best_trial([trial for trial in trials if "mip_bound" in trial.run.extra])
    if bounded is not None:
        return _bounded(problem, bounded)
    if problem.definition.objective is None:
        says = "It matters which sources are used, and no exact solver was run: add `highs`."
        return Proof((Check("optimal", False, says),))
    return _smooth(problem, best)


def _linear(problem: Problem, exact: Trial | None) -> Proof:
    program = problem.linear_program()
    if exact is None or program is None or "row_dual" not in exact.run.extra:
        says = "The problem is linear, but no linear solver was run: add `highs` as a reference."
        return Proof((Check("optimal", False, says),))
    names = (problem.names, [row_name(problem, row) for row in problem.rows])
    proof = prove(
        program,
        problem.lower,
        problem.upper,
        exact.run.point[-1],
        exact.run.extra["row_dual"],
        names,
    )
    if proof is None:
        says = (
            f"No optimal vertex in fractions was found next to the point of {exact.arm} "
            f"(at most {LARGEST_BASIS} components off their bounds are tried)."
        )
        return Proof((Check("optimal", False, says),))
    value = Fraction(int(problem.sign)) * proof.objective
    says = (
        "In fractions of the printed numbers the vertex keeps every limit, and no price or reduced "
        f"cost has the wrong sign: nothing is better than {value} "
        f"({'the only' if proof.unique else 'not the only'} optimum)."
    )
    return Proof(
        checks=(Check("optimal", True, says),),
        scope="global",
        point=np.array([float(value) for value in proof.point]),
        objective=float(proof.objective),
        text=str(value),
        prices=np.array([float(value) for value in proof.prices]),
        linear=proof,
    )


def _bounded(problem: Problem, exact: Trial) -> Proof:
    """What a solver of mixed-integer programs says of its own: its bound is taken over."""
    value = float(exact.run.objective[-1])
    least = float(exact.run.extra["mip_bound"][0])
    bound = number_text(problem.sign * least, 10)
    # Of the point as it is evaluated here too, not only as the solver rounded it.
    own = (value - least) / max(1.0, abs(value))
    gap = max(own, float(exact.run.extra["mip_gap"][0]))
    if gap > _MET:
        says = f"{exact.arm} stopped with a gap of {100 * gap:.2g} %: its bound is {bound}."
        return Proof((Check("optimal", False, says),))
    says = f"By the bound of {exact.arm}, {bound}, nothing is better: its gap is closed."
    return Proof(
        checks=(Check("optimal", True, says),),
        scope="global",
        point=exact.run.point[-1],
        objective=value,
        text=number_text(problem.sign * value, 12),
    )


def _smooth(problem: Problem, best: Trial) -> Proof:
    read = reread(problem)
    point = best.run.point[-1]
    found = multipliers(problem, point)
    span = problem.upper - problem.lower
    refined = refine(read, _held(problem, point, found), found, span)
    away = np.inf if refined is None else float(np.abs((refined.point - point) / span).max())
    if refined is None or not away <= _NEAR:
        left = number_text(100 * found.residual, 2)
        says = (
            "Newton's method finds no point nearby where the limits that bind balance the slope of "
            f"the objective; at the reported point {left} % of it is left."
        )
        return Proof((Check("stationary", False, says),))
    checks = [
        Check(
            "stationary",
            True,
            "Newton's method in 50 digits ends where the limits that bind balance the slope "
            f"exactly, {away:.1g} of the box away from the reported point.",
        ),
        check_kept(problem, refined),
        check_signs(problem, refined, found),
        Check(
            "strict minimum",
            refined.strict,
            "Every direction that the binding limits leave open rises."
            if refined.strict
            else "In some direction that the binding limits leave open the objective does not "
            "rise.",
        ),
    ]
    convex = problem.levels is None and is_geometric_program(read, problem.lower.tolist())
    if not all(check.passed for check in checks):
        return Proof(tuple(checks))
    notes = [
        "The problem is a geometric program: what is a local optimum is the global one."
        if convex
        else "Nothing proves that no better optimum lies elsewhere: the searches found none."
    ]
    if problem.levels is not None:
        notes.append("Whole numbers and choices are held: the proof is for these values of them.")
    return Proof(
        checks=tuple(checks),
        scope="global" if convex else "local",
        point=refined.point,
        objective=refined.objective,
        text=refined.text if problem.sign > 0 else f"{-refined.objective:.16g}",
        prices=refined.prices,
        refined=refined,
        notes=tuple(notes),
    )


def _held(problem: Problem, point: FloatArray, found: Multipliers) -> FloatArray:
    """``point`` with the variables that cannot move exactly on their bound or level."""
    low = np.abs(point - problem.lower) <= np.abs(point - problem.upper)
    ends = np.where(low, problem.lower, problem.upper)
    if problem.levels is not None:
        nearest = problem.levels.nearest(point[None])[0]
        ends = np.where(problem.levels.discrete, nearest, ends)
    held = point.copy()
    held[list(found.fixed)] = ends[list(found.fixed)]
    return held
