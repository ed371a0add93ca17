"""Every part that ``evaluate.practice`` can ask for, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.exhibits.contours import map_exhibit
from fairtrial.problems.practice.exhibits.deliveries import spread_exhibit
from fairtrial.problems.practice.exhibits.designs import plates_exhibit, vary_exhibit
from fairtrial.problems.practice.exhibits.gradings import grading_exhibit
from fairtrial.problems.practice.exhibits.purchases import terms_exhibit
from fairtrial.problems.practice.exhibits.trade import front_exhibit
from fairtrial.problems.practice.parameters import Practice
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Given:
    """What the parts are made of.

    Attributes:
        problem: what was optimised.
        point: (D,) the answer, exact where it is proved.
        trials: every run of arms and references.
        generator: for simulated deliveries.
    """

    problem: Problem
    point: FloatArray
    trials: Sequence[Trial]
    generator: np.random.Generator


# Each with its own parameters: the value of the part's name in `Practice`.
PARTS: dict[str, Callable[[Given, Any], Files]] = {
    "grading": lambda g, asked: grading_exhibit(g.problem, g.point, asked),
    "spread": lambda g, asked: spread_exhibit(g.problem, g.point, asked, g.generator),
    "front": lambda g, asked: front_exhibit(g.problem, g.point, asked),
    "terms": lambda g, asked: terms_exhibit(g.problem, g.point, asked),
    "map": lambda g, asked: map_exhibit(g.problem, g.point, g.trials, asked),
    "plates": lambda g, asked: plates_exhibit(g.problem, g.point, asked),
    "vary": lambda g, asked: vary_exhibit(g.problem, g.point, asked),
}


def practice_exhibits(
    problem: Problem,
    certificate: Mapping[str, Any],
    trials: Sequence[Trial],
    practice: Practice,
    generator: np.random.Generator,
) -> tuple[Files, ...]:
    """One exhibit for each part of ``practice.asked``.

    Raises:
        ConfigError: a part does not fit the problem.
    """
    told = certificate["optimum"] or certificate["answer"]
    if told is None:
        return tuple(_nothing(name) for name in practice.asked)
    given = Given(problem, problem.point(told["point"]), trials, generator)
    return tuple(PARTS[name](given, getattr(practice, name)) for name in practice.asked)


def _nothing(name: str) -> Files:
    none = pd.DataFrame([{"answer": "none"}])
    return exhibit(
        f"{name.capitalize()}: nothing to tell",
        "No run found a feasible point to start from.",
        data=none,
        table=True,
        section=PRACTICE,
    )
