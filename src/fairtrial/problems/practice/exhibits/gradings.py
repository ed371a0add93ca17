"""A grading beside power curves and limit curves of standards: charts and characteristic numbers.

The 0.45-power chart is that of Nijboer and of the Bureau of Public Roads (1962): on it the densest
grading by their rule is a straight line.
"""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.curves import find_curve, numbers_of, power_curve
from fairtrial.problems.practice.mixes import passing_matrix, require_sieves
from fairtrial.problems.practice.parameters import Grading
from fairtrial.problems.problem import Problem

FloatArray = npt.NDArray[np.float64]

_POWER = 0.45
_MIX = "this mix"


def grading_exhibit(problem: Problem, point: FloatArray, asked: Grading) -> Files:
    """The mix on the 0.45-power chart and by what each sieve retains, and its numbers.

    Raises:
        ConfigError: the problem is no mix by sieves, or a curve is not in the library.
    """
    require_sieves(problem, "grading")
    order = np.argsort(problem.sieve_mm)
    sieves = np.array(problem.sieve_mm)[order]
    passing = (passing_matrix(problem) @ point)[order]
    powers = {
        f"power curve {n:g}": power_curve(sieves, asked.largest_mm, n) for n in asked.exponents
    }
    figure, axes = new_figure(height_in=6.6, rows=2)
    _draw_power_chart(axes[0, 0], problem, order, passing, asked)
    _draw_retained(axes[1, 0], sieves, {_MIX: passing, **powers})
    curves = [(_MIX, sieves, passing), *((name, sieves, value) for name, value in powers.items())]
    limits = [find_curve(name) for name in asked.curves]
    for name, band in zip(asked.curves, limits, strict=True):
        lines = {"": band.lower} if np.array_equal(band.lower, band.upper) else {
            ", lower": band.lower, ", upper": band.upper
        }  # fmt: skip
        curves += [(_named(name) + side, band.sieve_mm, line) for side, line in lines.items()]
    numbers = [(name, numbers_of(sizes, values)) for name, sizes, values in curves]
    data = pd.DataFrame(
        [
            {"curve": n, "k_value": v.k_value, "d_sum": v.d_sum, "fineness_modulus": v.modulus}
            for n, v in numbers
        ]
    )
    table = pd.DataFrame(
        [
            {
                "curve": name + (" *" if value.read_off else ""),
                "k-value": number_text(value.k_value, 3),
                "D-sum": f"{value.d_sum:.0f}",
                "fineness modulus": number_text(value.modulus, 3),
            }
            for name, value in numbers
        ]
    )
    return exhibit(
        "Grading beside power curves and limit curves",
        _caption(asked, any(value.read_off for _, value in numbers)),
        figure,
        data,
        table,
        section=PRACTICE,
    )


def _caption(asked: Grading, read_off: bool) -> str:
    sources = list(dict.fromkeys(find_curve(name).source for name in asked.curves))
    text = (
        f"Above: the mix on a 0.45-power chart, where the densest grading up to "
        f"{asked.largest_mm:g} mm by that rule is a straight line. Below: what each sieve retains. "
        "k-value: percentages retained on 0.25 to 63 mm, over 100; D-sum: percentages passing "
        "them; fineness modulus: percentages retained on 0.15 to 75 mm, over 100, read off "
        "between sieves where a curve has others."
    )
    if read_off:
        text += " * k and D too are read off between sieves."
    return f"{text} Limit curves: {'; '.join(sources)}." if sources else text


def _named(name: str) -> str:
    """``DIN A32``, ``ASTM C33 57``."""
    return name.replace("_", " ").upper().replace("FINE", "fine")


def _draw_power_chart(
    axes: Any, problem: Problem, order: npt.NDArray[np.int64], passing: FloatArray, asked: Grading
) -> None:
    sieves = np.array(problem.sieve_mm)[order]
    rows = [problem.rows[index] for index in order]
    low = [max(row.low, 0.0) for row in rows]
    high = [min(row.high, 100.0) for row in rows]
    places = sieves**_POWER
    axes.fill_between(places, low, high, color=MUTED, alpha=0.18, linewidth=0, label="limits")
    fine = np.linspace(0, asked.largest_mm**_POWER, 200) ** (1 / _POWER)
    densest = power_curve(fine, asked.largest_mm, _POWER)
    axes.plot(fine**_POWER, densest, color=INK, linewidth=1, label="densest (0.45)")
    shades = cycle(COLOURS[1:6])
    for exponent in asked.exponents:
        if exponent != _POWER:
            curve = power_curve(fine, asked.largest_mm, exponent)
            label = f"power curve {exponent:g}"
            axes.plot(fine**_POWER, curve, "--", color=next(shades), lw=1.1, label=label)
    for name in asked.curves:
        band, shade = find_curve(name), next(shades)
        for line in (band.lower, band.upper):
            place = band.sieve_mm**_POWER
            axes.plot(place, line, ":", color=shade, lw=1.3, label=_named(name))
    axes.plot(places, passing, "o-", color=COLOURS[0], linewidth=2, markersize=4, label=_MIX)
    # The finest sieves lie closer together than their names are wide.
    apart = 0.04 * max(sieves[-1], asked.largest_mm) ** _POWER
    shown = [sieves[-1]]
    for size in sieves[-2::-1]:
        if shown[-1] ** _POWER - size**_POWER >= apart:
            shown.append(size)
    axes.set_xticks([size**_POWER for size in shown], [f"{size:g}" for size in shown])
    axes.set_xlim(0, max(sieves[-1], asked.largest_mm) ** _POWER * 1.01)
    axes.set_ylim(0, 102)
    axes.set_xlabel("sieve (mm), to the power of 0.45")
    axes.set_ylabel("passing (%)")
    axes.grid(axis="both")
    handles, labels = axes.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    axes.legend(once.values(), once.keys(), loc="upper left")


def _draw_retained(axes: Any, sieves: FloatArray, curves: dict[str, FloatArray]) -> None:
    names = ["pan", *(f"{size:g}" for size in sieves)]
    width = 0.84 / len(curves)
    for index, (name, passing) in enumerate(curves.items()):
        # What passes the next larger sieve and not this one; the pan has what passes them all.
        retained = np.diff(np.concatenate([[0.0], passing, [100.0]]))
        shift = np.arange(len(names)) + (index - (len(curves) - 1) / 2) * width
        axes.bar(shift, retained, width, color=COLOURS[index % len(COLOURS)], label=name)
    axes.set_xticks(range(len(names)), names)
    axes.set_xlabel("sieve (mm)")
    axes.set_ylabel("retained (%)")
    axes.grid(axis="y")
    axes.legend(loc="upper left")
