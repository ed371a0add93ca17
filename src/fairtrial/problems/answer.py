"""The answer: best points, references and claims, each evaluated again, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.problems.prices import shadow_prices
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial, by_arm
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """A point with a name, evaluated again by itself.

    Attributes:
        objective: in the user's sense.
        violation: zero where it is feasible.
        rows: (M,) values of the constraints.
        margins: (M,) distance to the nearer limit.
        claimed: someone else states it.
        stated: the objective that is stated with it.
    """

    name: str
    point: FloatArray
    objective: float
    violation: float
    rows: FloatArray
    margins: FloatArray
    claimed: bool = False
    stated: float | None = None


def evaluate_solution(
    problem: Problem,
    name: str,
    point: FloatArray,
    *,
    claimed: bool = False,
    stated: float | None = None,
) -> Solution:
    """Evaluate one point (D,), without repair."""
    objective, violation = problem.evaluate(point[None])
    return Solution(
        name=name,
        point=point,
        objective=problem.sign * float(objective[0]),
        violation=float(violation[0]),
        rows=problem.row_values(point[None])[0],
        margins=problem.margins(point[None])[0],
        claimed=claimed,
        stated=stated,
    )


def solutions(problem: Problem, trials: Sequence[Trial]) -> list[Solution]:
    """The best arm's point, each reference's, then each claim."""
    found = []
    best = best_trial([trial for trial in trials if trial.role == "arm"])
    if best is not None:
        found.append(evaluate_solution(problem, best.arm, best.run.point[-1]))
    for name, (trial, *_) in by_arm([t for t in trials if t.role == "reference"]).items():
        if trial.run.point.size:
            found.append(evaluate_solution(problem, name, trial.run.point[-1]))
    for name, claim in problem.definition.claims.items():
        point = problem.point(claim.at)
        found.append(
            evaluate_solution(
                problem, f"{name} (claim)", point, claimed=True, stated=claim.objective
            )
        )
    return found


def answer_exhibit(problem: Problem, trials: Sequence[Trial]) -> Files:
    """The table of the answer, one row a variable, the objective or a constraint."""
    shown = solutions(problem, trials)
    prices, origin = _prices(problem, trials)
    rows: list[dict[str, str]] = []

    def add(quantity: str, limits: str, values: Sequence[str], price: str = "") -> None:
        cells = dict(zip((solution.name for solution in shown), values, strict=True))
        rows.append({"quantity": quantity, "limits": limits, **cells, "price of the limit": price})

    unit = problem.objective_unit
    add(_with_unit("objective", unit), "", [number_text(s.objective, 9) for s in shown])
    if any(solution.stated is not None for solution in shown):
        stated = ["" if s.stated is None else number_text(s.stated, 9) for s in shown]
        add(_with_unit("objective as stated", unit), "", stated)
    add("feasible", "", ["no" if s.violation > 0 else "yes" for s in shown])
    for index, (name, unit) in enumerate(zip(problem.names, problem.units, strict=True)):
        low, high = problem.lower[index], problem.upper[index]
        values = [number_text(_clean(s.point[index]), 7) for s in shown]
        add(_with_unit(name, unit), f"{low:g} to {high:g}", values)
    for index, row in enumerate(problem.rows):
        values = [_row_text(problem, row, s, index) for s in shown]
        price = "" if prices is None else number_text(_clean(float(prices[index])), 5)
        add(_with_unit(row_name(problem, row), row.unit), limits_text(row), values, price)
    caption = " ".join(
        [
            "Every column is evaluated again from its point alone; "
            "* marks a missed limit. The price of a limit is the change of the optimum for each "
            f"unit that it is raised ({origin}).",
            *(claim_sentence(problem, s) for s in shown if s.claimed),
        ]
    )
    return exhibit("The answer", caption, data=pd.DataFrame(rows), table=True)


def claim_sentence(problem: Problem, solution: Solution) -> str:
    """Whether a claimed point holds, and which limits it misses by how much."""
    name = solution.name.removesuffix(" (claim)")
    source = problem.definition.claims[name].source
    value = _with_unit(number_text(solution.objective, 6), problem.objective_unit, brackets=False)
    if solution.violation == 0:
        return f"The claimed point of {name} ({source}) is feasible; its objective is {value}."
    missed = [
        f"{row_name(problem, row)} is {number_text(float(solution.rows[i]), 6)} "
        f"{row.unit} against {limits_text(row)}".replace("  ", " ")
        for i, row in enumerate(problem.rows)
        if _missed(problem, row, solution, i)
    ]
    return (
        f"The claimed point of {name} ({source}) is infeasible: {list_text(missed)}."
        if missed
        else f"The claimed point of {name} ({source}) lies outside the box."
    )


def row_name(problem: Problem, row: Row) -> str:
    """Name of a constraint for people: a sieve is called one."""
    is_sieve = bool(problem.sieve_mm) and row.name != "total"
    return f"passing {row.name} mm" if is_sieve else row.name


def limits_text(row: Row) -> str:
    """``= 1``, ``at most 10``, ``at least 2`` or ``23 to 47``."""
    if row.low == row.high:
        return f"= {row.low:.9g}"
    if not np.isfinite(row.low):
        return f"at most {row.high:.9g}"
    if not np.isfinite(row.high):
        return f"at least {row.low:.9g}"
    return f"{row.low:.9g} to {row.high:.9g}"


def _prices(problem: Problem, trials: Sequence[Trial]) -> tuple[FloatArray | None, str]:
    """Prices at the best exact reference, else at the best point of all."""
    exact = best_trial([trial for trial in trials if trial.run.exact])
    best = exact or best_trial(trials)
    if best is None:
        return None, "unknown: no feasible point was found"
    prices, origin = shadow_prices(problem, best)
    return prices, origin if prices is not None else f"unknown: {origin}"


def _missed(problem: Problem, row: Row, solution: Solution, index: int) -> bool:
    value = solution.rows[index]
    limit = row.low if value < row.low else row.high
    return bool(-solution.margins[index] > problem.definition.tolerance * max(1.0, abs(limit)))


def _row_text(problem: Problem, row: Row, solution: Solution, index: int) -> str:
    mark = " *" if _missed(problem, row, solution, index) else ""
    return number_text(_clean(float(solution.rows[index])), 7) + mark


def _clean(value: float) -> float:
    """Zero for what is only rounding."""
    return 0.0 if abs(value) < 1e-12 else float(value)


def _with_unit(text: str, unit: str, brackets: bool = True) -> str:
    if not unit:
        return text
    return f"{text} ({unit})" if brackets else f"{text} {unit}"
