"""Grading curves within the limits of the sieves (Fig. 5 of the aggregates paper)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.core.text import list_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.answer import solutions
from fairtrial.problems.exhibits.sections import ANSWER
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial


def sieve_curve_exhibit(
    problem: Problem, certificate: Mapping[str, Any], trials: Sequence[Trial]
) -> Files:
    """Grading curves of the answers within the limits of the sieves.

    Raises:
        ConfigError: the problem is no mix by sieves.
    """
    if not problem.sieve_mm:
        raise ConfigError(
            "evaluate.exhibits: sieve_curve",
            "a blend whose table starts with a column sieve_mm",
            f"the problem {problem.definition.name}",
            "Take it out of the list.",
        )
    sieves = np.array(problem.sieve_mm)
    order = np.argsort(sieves)
    sieve_rows = problem.rows[: sieves.size]
    low = np.array([max(row.low, 0.0) for row in sieve_rows])[order]
    high = np.array([min(row.high, 100.0) for row in sieve_rows])[order]
    shown = solutions(problem, certificate, trials)
    table = pd.DataFrame({"sieve_mm": sieves[order], "lower": low, "upper": high})
    figure, axes = new_figure()
    axes.fill_between(sieves[order], low, high, color=MUTED, alpha=0.15, linewidth=0)
    for limit in (low, high):
        axes.plot(sieves[order], limit, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot([], [], color=MUTED, linewidth=6, alpha=0.3, label="limits")
    # Good answers nearly coincide: each later line is thinner, so that those below still show.
    widths = np.linspace(5.0, 1.0, max(len(shown), 2))
    for index, solution in enumerate(shown):
        passing = solution.rows[: sieves.size][order]
        table[solution.name] = passing
        claimed = solution.claimed
        axes.plot(
            sieves[order],
            passing,
            color=INK if claimed else COLOURS[index % len(COLOURS)],
            linewidth=1.2 if claimed else widths[index],
            linestyle=(0, (4, 2)) if claimed else "-",
            label=solution.name + ("" if solution.feasible else ", infeasible"),
        )
    _lay_out(axes, sieves[order])
    on_limit = [
        f"{problem.sieve_mm[i]:g} mm"
        for i, row in enumerate(certificate["rows"][: sieves.size])
        if row["price"]
    ]
    caption = (
        "Grading of the exact optimum, the best mix of the arms, of the references and of claimed "
        "mixes; the band is what the limits allow."
    )
    if on_limit:
        caption += (
            f" The cheapest mix lies on the limit at {list_text(on_limit)}: it is anything but "
            "central."
        )
    return exhibit("Grading curve", caption, figure, table, section=ANSWER)


def _lay_out(axes: Any, sieves: npt.NDArray[np.float64]) -> None:
    """Axes of a grading over ``sieves`` (S,), ascending."""
    axes.set_xscale("log")
    axes.set_xticks(sieves, [f"{sieve:g}" for sieve in sieves])
    axes.minorticks_off()
    axes.set_ylim(0, 102)
    axes.set_xlabel("sieve (mm)")
    axes.set_ylabel("passing (%)")
    axes.grid(axis="both")
    axes.legend(loc="upper left")
