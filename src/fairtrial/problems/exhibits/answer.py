"""The answer: the exact optimum beside best points, references and claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.problems.certificates.exact import evaluate_exactly
from fairtrial.problems.exhibits.sections import ANSWER
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial, by_arm
from fairtrial.problems.wording import (
    clean,
    headed,
    is_missed,
    limits_text,
    missed_rows,
    point_text,
    row_name,
    with_unit,
)

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """A point with a name, evaluated again by itself.

    Attributes:
        point: (D,).
        objective: in the user's sense.
        rows: (M,) values of the constraints.
        feasible: whether every limit is kept.
        claimed: someone else states it.
        stated: the objective that is stated with it.
    """

    name: str
    point: FloatArray
    objective: float
    rows: FloatArray
    feasible: bool
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
    objective, rows = evaluate_exactly(problem, point)
    return Solution(
        name=name,
        point=point,
        objective=problem.sign * objective,
        rows=rows,
        feasible=not missed_rows(problem, point, rows),
        claimed=claimed,
        stated=stated,
    )


def optimum_name(certificate: Mapping[str, Any]) -> str:
    """What the proved point is called: the optimum only where it is one of the whole problem."""
    is_global = certificate["optimum"]["scope"] == "global"
    return "exact optimum" if is_global else "exact local optimum"


def solutions(
    problem: Problem, certificate: Mapping[str, Any], trials: Sequence[Trial]
) -> list[Solution]:
    """The proved optimum, if any, the best arm's point, each reference's, then each claim."""
    found = []
    if certificate["optimum"] is not None:
        exact = problem.point(certificate["optimum"]["point"])
        found.append(evaluate_solution(problem, optimum_name(certificate), exact))
    best = best_trial([trial for trial in trials if trial.role == "arm"])
    if best is not None:
        found.append(evaluate_solution(problem, best.arm, best.run.point[-1]))
    for name, (trial, *_) in by_arm([t for t in trials if t.role == "reference"]).items():
        if trial.run.point.size:
            found.append(evaluate_solution(problem, name, trial.run.point[-1]))
    return found + [
        evaluate_solution(
            problem,
            f"{claim['name']} (claim)",
            problem.point(claim["point"]),
            claimed=True,
            stated=claim["stated"],
        )
        for claim in certificate["claims"]
    ]


def answer_exhibit(
    problem: Problem, certificate: Mapping[str, Any], trials: Sequence[Trial]
) -> Files:
    """The table of the answer, one row a variable, the objective or a constraint."""
    shown = solutions(problem, certificate, trials)
    blend = problem.definition.blend is not None
    rows: list[dict[str, str]] = []

    def add(quantity: str, limits: str, values: Sequence[str]) -> None:
        cells = dict(zip((solution.name for solution in shown), values, strict=True))
        rows.append({"quantity": quantity, "limits": limits, **cells})

    unit = problem.objective_unit
    add(headed("objective", unit), "", [number_text(s.objective, 9) for s in shown])
    if any(solution.stated is not None for solution in shown):
        stated = ["" if s.stated is None else number_text(s.stated, 9) for s in shown]
        add(headed("objective as stated", unit), "", stated)
    add("feasible", "", ["yes" if s.feasible else "no" for s in shown])
    factor = 100 if blend else 1
    for index, (name, own) in enumerate(zip(problem.names, problem.units, strict=True)):
        low, high = factor * problem.lower[index], factor * problem.upper[index]
        span, levels = f"{low:g} to {high:g}", problem.levels
        # Millionths of a percent are no share that anyone weighs out.
        values = [
            f"{100 * s.point[index]:.4f}" if blend else number_text(clean(s.point[index]), 6)
            for s in shown
        ]
        if levels is not None:
            span = levels.text(index, span)
            if levels.labels[index]:
                values = [levels.name(index, float(s.point[index])) for s in shown]
        add(headed(name, "%" if blend else own), span, values)
    for index, row in enumerate(problem.rows):
        cells = []
        for solution in shown:
            value = clean(float(solution.rows[index]))
            mark = " *" if is_missed(problem, row, value) else ""
            cells.append(number_text(value, 6) + mark)
        add(headed(row_name(problem, row), row.unit), limits_text(row), cells)
    caption = " ".join(
        [headline(problem, certificate), "* marks a missed limit."]
        if any(not solution.feasible for solution in shown)
        else [headline(problem, certificate)]
    )
    return exhibit(
        "Optimum, best points and claims",
        caption,
        data=pd.DataFrame(rows),
        table=True,
        section=ANSWER,
    )


def headline(problem: Problem, certificate: Mapping[str, Any]) -> str:
    """One sentence an engineer can act on, with what stands behind it."""
    answer, optimum = certificate["answer"], certificate["optimum"]
    if answer is None:
        return "No run found a feasible point."
    told = optimum if certificate["certified"] and optimum is not None else answer
    value = with_unit(number_text(told["objective"], 9), problem.objective_unit)
    point = point_text(problem, problem.point(told["point"]))
    proved = {
        "global": "Certified as the global optimum",
        "local": "Certified as a local optimum",
        "none": "Not certified; the best answer found",
    }[certificate["scope"]]
    text = f"{proved}: {value} at {point}."
    reached = certificate["reached"]
    arms = {name: row for name, row in reached.items() if row["role"] == "arm"}
    there = [
        f"{name} (in {row['reached']} of {row['runs']} runs)"
        for name, row in arms.items()
        if row["reached"]
    ]
    if there:
        text += f" Reached within a millionth by {list_text(there)}"
        text += "." if len(there) == len(arms) else ", by no other arm."
    elif arms:
        text += " No arm came within a millionth of it."
    if certificate["batch"] is not None:
        batch = certificate["batch"]
        cost = with_unit(number_text(batch["objective"], 5), problem.objective_unit)
        text += (
            f" To be weighed out in whole steps of {100 * batch['step']:g} %: {batch['text']}, "
            f"at {cost}."
        )
    return text
