"""What the second objective costs in the first: the fronts that were found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.core.text import count_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, new_figure
from fairtrial.problems.exhibits.sections import ANSWER
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, by_arm
from fairtrial.problems.wording import headed, with_unit


def two_objectives_exhibit(problem: Problem, trials: Sequence[Trial]) -> Files:
    """Points of which none is better in both objectives, over all runs of each that seeks them.

    Raises:
        ConfigError: the problem has a single objective, or no method sought a front.
    """
    second = problem.definition.second_objective
    seeking = by_arm([trial for trial in trials if "front_point" in trial.run.extra])
    if second is None or not seeking:
        raise ConfigError(
            "evaluate.exhibits: two_objectives",
            "a problem file with `second_objective`, and nsga2 among arms or references",
            f"the problem {problem.definition.name}",
            "State both, or take it out of the list.",
        )
    figure, axes = new_figure(height_in=4.0)
    parts = []
    for index, (name, runs) in enumerate(seeking.items()):
        points = np.vstack([trial.run.extra["front_point"] for trial in runs])
        values = np.vstack([trial.run.extra["front_objective"] for trial in runs])
        best = undominated(values)
        part = pd.DataFrame(points[best], columns=list(problem.names))
        part.insert(0, "second objective", problem.second_sign * values[best, 1])
        part.insert(0, "objective", problem.sign * values[best, 0])
        part.insert(0, "arm", name)
        axes.plot(part["objective"], part["second objective"], "o", markersize=4,
                  color=COLOURS[index % len(COLOURS)], label=name)  # fmt: skip
        parts.append(part)
    data = pd.concat(parts, ignore_index=True)
    axes.set_xlabel(headed("objective", problem.objective_unit))
    axes.set_ylabel(headed("second objective", second.unit))
    axes.grid(axis="both")
    axes.legend()
    caption = (
        f"{count_text(len(data), 'point')} of which none found by the same method is better in "
        f"both objectives; the second is to {second.way}. They are the best found, not proved."
    )
    if len(data):
        first, other = data["objective"].to_numpy(), data["second objective"].to_numpy()
        told = [
            f"{with_unit(number_text(float(first[end]), 5), problem.objective_unit)} with "
            f"{with_unit(number_text(float(other[end]), 5), second.unit)}"
            for end in (first.argmin(), first.argmax())
        ]
        caption += f" They reach from {told[0]} to {told[1]}."
    return exhibit("What two objectives cost each other", caption, figure, data, section=ANSWER)


def undominated(values: np.ndarray) -> np.ndarray:
    """Indices of the points (N, 2), smaller is better, that no other beats; by the first."""
    order = np.lexsort((values[:, 1], values[:, 0]))
    lowest = np.minimum.accumulate(np.append(np.inf, values[order, 1]))[:-1]
    kept: np.ndarray = order[values[order, 1] < lowest]
    return kept
