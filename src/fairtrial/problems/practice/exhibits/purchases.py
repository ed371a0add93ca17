"""What a mix costs, component by component, as the file says and on other terms of buying."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, MUTED, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.mixes import Bought, cost_of, on_terms
from fairtrial.problems.practice.parameters import Terms
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed, point_text, with_unit

FloatArray = npt.NDArray[np.float64]

_USED = 1e-6


def terms_exhibit(problem: Problem, point: FloatArray, asked: Mapping[str, Terms]) -> Files:
    """The cost of the answer and of the cheapest mix on each of the terms, by component.

    Raises:
        ConfigError: the problem is no blend.
        DataError: a supplier has a component that the table lacks.
    """
    costs = cost_of(problem)
    whole = float(problem.evaluate(point[None])[0][0])
    bought = [Bought("as_stated", point, whole, whole - float(costs @ point))]
    bought += [on_terms(problem, name, terms) for name, terms in asked.items()]
    parts: dict[str, list[float]] = {}
    for index, component in enumerate(problem.names):
        own = [0.0 if b.point is None else float(costs[index] * b.point[index]) for b in bought]
        if max(own) > _USED:
            parts[component] = own
    if any(b.charges > _USED for b in bought):
        parts["fixed charges"] = [0.0 if b.point is None else b.charges for b in bought]
    names = [b.name.replace("_", " ") for b in bought]
    figure, axes = new_figure(height_in=1.5 + 0.42 * len(bought))
    left = np.zeros(len(bought))
    for index, (part, own) in enumerate(parts.items()):
        shade = MUTED if part == "fixed charges" else COLOURS[index % len(COLOURS)]
        axes.barh(range(len(bought)), own, 0.62, left=left, color=shade, label=part)
        left += own
    axes.set_yticks(range(len(bought)), names)
    axes.set_ylim(len(bought) - 0.4, -0.6)
    axes.set_xlabel(headed("cost", problem.objective_unit))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=6)
    table = pd.DataFrame(
        [
            {
                "terms": name,
                "what they are": _told(asked.get(b.name), problem.objective_unit),
                headed("cost", problem.objective_unit): "none" if b.point is None
                else number_text(b.objective, 6),
                "of it charges": "" if b.point is None else number_text(b.charges, 4),
                "composition": "no mix keeps the limits" if b.point is None
                else point_text(problem, b.point),
            }
            for name, b in zip(names, bought, strict=True)
        ]
    )  # fmt: skip
    data = pd.DataFrame([{"terms": b.name, "cost": b.objective, "charges": b.charges,
                          **{part: own[k] for part, own in parts.items()}}
                         for k, b in enumerate(bought)])  # fmt: skip
    caption = (
        "What each component adds to the cost of the cheapest mix, as the file states the problem "
        "and on other terms; each is a mixed-integer program, solved exactly."
    )
    return exhibit(
        "Cost by component, and other terms of buying",
        caption,
        figure,
        data,
        table,
        section=PRACTICE,
    )


def _told(terms: Terms | None, unit: str) -> str:
    """``0.5 $ for each of gravel and crushed that is used``."""
    if terms is None:
        return "as in the file"
    who = f"of {list_text(list(terms.suppliers))}" if terms.suppliers else "component"
    told = []
    if terms.fixed_cost:
        told.append(f"{with_unit(f'{terms.fixed_cost:g}', unit)} for each {who} that is used")
    if terms.most_sources is not None:
        told.append(f"at most {terms.most_sources} {'of them' if told else who.split()[-1] + 's'}")
    if terms.minimum_dose:
        told.append(f"at least {100 * terms.minimum_dose:g} % of each that is used")
    return list_text(told)
