"""Which components each method chooses, and how much of them (Fig. 3 of the aggregates paper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, new_figure
from fairtrial.problems.exhibits.answer import optimum_name
from fairtrial.problems.exhibits.sections import OPTIMISERS
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, by_arm


def facilities_exhibit(
    problem: Problem, certificate: Mapping[str, Any], trials: Sequence[Trial]
) -> Files:
    """Median shares of the runs of each arm, with their quartiles, beside the exact optimum.

    Raises:
        ConfigError: the problem is no mix.
    """
    if problem.definition.blend is None:
        raise ConfigError(
            "evaluate.exhibits: facilities",
            "a blend",
            f"the problem {problem.definition.name}",
            "Take it out of the list.",
        )
    groups: dict[str, np.ndarray] = {}
    optimum = None if certificate["optimum"] is None else optimum_name(certificate)
    if optimum is not None:
        groups[optimum] = problem.point(certificate["optimum"]["point"])[None]
    for claim in certificate["claims"]:
        groups[f"{claim['name']} (claim)"] = problem.point(claim["point"])[None]
    for arm, runs in by_arm([t for t in trials if t.role == "arm"]).items():
        found = [trial.run.point[-1] for trial in runs if trial.run.feasible]
        if found:
            groups[arm] = np.array(found)
    figure, axes = new_figure(height_in=3.8)
    width = 0.84 / max(len(groups), 1)
    places = np.arange(len(problem.names))
    rows = []
    for index, (name, points) in enumerate(groups.items()):
        low, middle, high = 100 * np.quantile(points, [0.25, 0.5, 0.75], axis=0)
        shift = places + (index - (len(groups) - 1) / 2) * width
        shade = INK if name == optimum else COLOURS[(index - 1) % len(COLOURS)]
        axes.bar(shift, middle, width, color=shade, label=name)
        if len(points) > 1:
            axes.vlines(shift, low, high, color=INK, linewidth=0.9)
        rows += [
            {"arm": name, "component": c, "q25": a, "median": b, "q75": d, "runs": len(points)}
            for c, a, b, d in zip(problem.names, low, middle, high, strict=True)
        ]
    axes.set_xticks(places, problem.names)
    axes.set_ylabel("share of the mix (%)")
    axes.grid(axis="y")
    axes.legend(loc="upper left", ncols=2)
    caption = (
        "Median share of each component over an arm's runs, with its quartiles (lines), beside the "
        "exact optimum. Components of the same cost and nearly the same grading stand in for each "
        "other: a cost close to the optimum is no mix close to it."
    )
    return exhibit("Selected components", caption, figure, pd.DataFrame(rows), section=OPTIMISERS)
