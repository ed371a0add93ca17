"""What it costs to come nearer to a target curve."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.curves import power_curve
from fairtrial.problems.practice.front import cost_front
from fairtrial.problems.practice.mixes import passing_matrix, require_sieves
from fairtrial.problems.practice.parameters import Front
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed, point_text

FloatArray = npt.NDArray[np.float64]


def front_exhibit(problem: Problem, point: FloatArray, asked: Front) -> Files:
    """One front a target curve; the table has the mixes at its near end.

    Raises:
        ConfigError: the problem is no mix by sieves.
    """
    require_sieves(problem, "front")
    sieves = np.array(problem.sieve_mm)
    figure, axes = new_figure(height_in=3.8)
    rows, ends = [], []
    cost_name = headed("cost", problem.objective_unit)
    passing = passing_matrix(problem) @ point
    cheapest = float(problem.evaluate(point[None])[0][0])
    for index, exponent in enumerate(asked.exponents):
        target = power_curve(sieves, asked.largest_mm, exponent)
        front = cost_front(problem, target, asked.points)
        shade = COLOURS[index % len(COLOURS)]
        axes.plot(front.deviation, front.objective, "o-", color=shade, markersize=3.5,
                  label=f"exponent {exponent:g}")  # fmt: skip
        rows += [
            {"exponent": exponent, "deviation": d, "cost": c,
             **dict(zip(problem.names, mix, strict=True))}
            for d, c, mix in zip(front.deviation, front.objective, front.point, strict=True)
        ]  # fmt: skip
        ends.append(
            {
                "target": f"exponent {exponent:g}",
                "cheapest mix is off by": number_text(float(np.abs(passing - target).max()), 3),
                "nearest mix is off by": number_text(float(front.deviation[0]), 3),
                cost_name: number_text(float(front.objective[0]), 5),
                "dearer by": f"{100 * (front.objective[0] / cheapest - 1):.1f} %",
                "nearest mix": point_text(problem, front.point[0]),
            }
        )
    axes.set_xlabel("largest distance from the target at any sieve (% passing)")
    axes.set_ylabel(cost_name)
    axes.grid(axis="both")
    axes.legend(title=None)
    caption = (
        f"Targets are the power curves 100 (d / {asked.largest_mm:g} mm)^n. Each point is the "
        "cheapest mix within the limits that stays that near to its target at every sieve, an "
        "exact optimum of a linear program; left ends are the nearest mixes there are."
    )
    return exhibit(
        "Cost against distance from a target curve",
        caption,
        figure,
        pd.DataFrame(rows),
        pd.DataFrame(ends),
        section=PRACTICE,
    )
