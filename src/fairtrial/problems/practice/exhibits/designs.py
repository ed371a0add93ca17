"""Designs in whole plates, and designs for constants that turn out otherwise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.designs import in_plates, with_factors
from fairtrial.problems.practice.parameters import Plates, Vary
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed

FloatArray = npt.NDArray[np.float64]


def plates_exhibit(problem: Problem, point: FloatArray, asked: Plates) -> Files:
    """For each width of plates the best design, and what it costs beyond the free optimum.

    Raises:
        ConfigError: there is no such continuous variable.
    """
    found = in_plates(problem, point, asked.variable, asked.widths)
    base = float(problem.evaluate(point[None])[0][0])
    unit = problem.units[problem.names.index(asked.variable)]
    rows = [
        {"width": d.width, "plates": d.count, "objective": problem.sign * d.objective,
         **dict(zip(problem.names, d.point, strict=True))}
        for d in found
    ]  # fmt: skip
    table = pd.DataFrame(
        [
            {
                headed("plate", unit): f"{d.width:g}",
                "plates": d.count,
                **{headed(n, u): number_text(float(v), 5)
                   for n, u, v in zip(problem.names, problem.units, d.point, strict=True)},
                headed("objective", problem.objective_unit):
                    number_text(problem.sign * d.objective, 7),
                "worse by": f"{100 * (d.objective - base) / (abs(base) or 1.0):.3f} %",
            }
            for d in found
        ] or [{headed("plate", unit): "none of the widths gives a feasible design"}]
    )  # fmt: skip
    caption = f"{asked.variable} is a whole number of plates; the others are at their best again."
    if found:
        best = min(found, key=lambda design: design.objective)
        caption += (
            f" Best: {best.count} plates of {best.width:g} {unit}, "
            f"{100 * (best.objective - base) / (abs(base) or 1.0):.3f} % above the free optimum."
        )
    missing = sorted(set(asked.widths) - {design.width for design in found})
    if missing and found:
        caption += f" No design is feasible with plates of {', '.join(map(str, missing))} {unit}."
    return exhibit(
        "Built of whole plates", caption, None, pd.DataFrame(rows), table, section=PRACTICE
    )


def vary_exhibit(problem: Problem, point: FloatArray, asked: Vary) -> Files:
    """The best design at each value of a constant, beside today's design kept as it is.

    Raises:
        ConfigError: the file names no such number.
    """
    found = with_factors(problem, point, asked.constant, asked.factors)
    unit = problem.definition.constant(asked.constant).unit
    values = np.array([one.value for one in found])
    best = problem.sign * np.array([one.objective for one in found])
    kept = problem.sign * np.array([np.nan if d.kept is None else d.kept for d in found])
    points = np.array([np.full(point.size, np.nan) if d.point is None else d.point for d in found])
    label = headed(asked.constant.replace("_", " "), unit)
    figure, axes = new_figure(height_in=3.3, cols=2)
    left, right = axes[0]
    left.plot(values, kept, "s--", color=MUTED, markersize=3.5, label="today's design kept")
    left.plot(values, best, "o-", color=COLOURS[0], markersize=3.5, label="best design")
    left.set_ylabel(headed("objective", problem.objective_unit))
    left.legend()
    for index, (name, own) in enumerate(zip(problem.names, problem.units, strict=True)):
        # Measures that are equal lie upon each other: each later line is thinner.
        right.plot(values, points[:, index], "-", linewidth=4 - 3 * index / max(point.size - 1, 1),
                   color=COLOURS[index % len(COLOURS)], label=headed(name, own))  # fmt: skip
    right.set_ylabel("best design")
    right.legend()
    today = values[np.argmin(np.abs(np.array(asked.factors) - 1.0))]
    for axis in (left, right):
        axis.axvline(today, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
        axis.set_xlabel(label)
        axis.grid(axis="both")
    data = pd.DataFrame({asked.constant: values, "best": best, "kept": kept})
    data[list(problem.names)] = points
    with np.errstate(invalid="ignore"):
        lost = 100 * np.abs(kept - best) / np.abs(best)
    caption = f"The best design where {asked.constant.replace('_', ' ')} turns out otherwise."
    if np.isfinite(lost).any():
        worst = int(np.nanargmax(lost))
        caption += (
            f" Keeping today's design is then off the best by {lost[worst]:.2g} % at most, at "
            f"{number_text(float(values[worst]), 4)} {unit} (dotted: today's value)."
        )
    return exhibit(
        f"If {asked.constant.replace('_', ' ')} turns out otherwise",
        caption,
        figure,
        data,
        section=PRACTICE,
    )
