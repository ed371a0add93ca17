"""How often deliveries stay within the limits, of the cheapest mix and of one that stands them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.mixes import require_sieves
from fairtrial.problems.practice.parameters import Spread
from fairtrial.problems.practice.robust import kept_share, robust_mix, spread_of
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed, point_text

FloatArray = npt.NDArray[np.float64]


def spread_exhibit(
    problem: Problem, point: FloatArray, asked: Spread, generator: np.random.Generator
) -> Files:
    """Share of deliveries within the limits at each sieve and at all, and what more costs.

    Raises:
        ConfigError: the problem is no mix by sieves.
    """
    require_sieves(problem, "spread")
    spread = spread_of(problem, asked.spread_points)
    base = float(problem.evaluate(point[None])[0][0])
    mixes = [("cheapest", point, base)]
    robust = robust_mix(problem, spread, asked.keep)
    if robust is not None:
        mixes.append((f"{100 * asked.keep:g} % a limit", robust.point, robust.objective))
    kept = [kept_share(problem, mix, spread, asked.deliveries, generator) for _, mix, _ in mixes]
    order = np.argsort(problem.sieve_mm)
    names = [f"{problem.sieve_mm[index]:g}" for index in order] + ["all"]
    figure, axes = new_figure(height_in=3.4)
    width = 0.84 / len(mixes)
    for index, ((name, _, _), (whole, each)) in enumerate(zip(mixes, kept, strict=True)):
        shift = np.arange(len(names)) + (index - (len(mixes) - 1) / 2) * width
        axes.bar(
            shift, 100 * np.append(each[order], whole), width, color=COLOURS[index], label=name
        )
    axes.axhline(100 * asked.keep, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel("sieve (mm)")
    axes.set_ylabel("deliveries within (%)")
    axes.set_ylim(0, 118)
    axes.set_yticks(range(0, 101, 20))
    axes.grid(axis="y")
    axes.legend(loc="upper left", ncols=2)
    data = pd.DataFrame(
        {"sieve_mm": names, **{name: [*each[order], whole] for (name, _, _), (whole, each)
                               in zip(mixes, kept, strict=True)}}
    )  # fmt: skip
    table = pd.DataFrame(
        [
            {
                "mix": name,
                headed("cost", problem.objective_unit): number_text(cost, 6),
                "dearer by": "" if mix is point else f"{100 * (cost / base - 1):.2f} %",
                "deliveries within all limits": f"{100 * whole:.1f} %",
                "composition": point_text(problem, mix),
            }
            for (name, mix, cost), (whole, _) in zip(mixes, kept, strict=True)
        ]
    )
    return exhibit(
        "Gradings that vary from delivery to delivery",
        _caption(asked, base, mixes, [whole for whole, _ in kept]),
        figure,
        data,
        table,
        section=PRACTICE,
    )


def _caption(
    asked: Spread, base: float, mixes: list[tuple[str, FloatArray, float]], kept: list[float]
) -> str:
    text = (
        f"If the passing of each component at each sieve varies by {asked.spread_points:g} points "
        "(standard deviation, independent and normal, less where hardly anything or nearly all "
        f"passes), {100 * kept[0]:.0f} % of {asked.deliveries:,} simulated deliveries of the "
        "cheapest mix keep every limit"
    )
    if len(mixes) == 1:
        return f"{text}. No mix keeps each limit with a probability of {100 * asked.keep:g} %."
    dearer = 100 * (mixes[1][2] / base - 1)
    return (
        f"{text}. The cheapest mix that keeps each limit in {100 * asked.keep:g} % of deliveries "
        f"costs {dearer:.1f} % more and keeps all at once in {100 * kept[1]:.0f} %. The line is "
        f"at {100 * asked.keep:g} %."
    )
