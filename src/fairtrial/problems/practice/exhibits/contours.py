"""The objective as a landscape over two variables, with its limits and an arm's way through it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.sections import PRACTICE
from fairtrial.problems.practice.designs import place_of
from fairtrial.problems.practice.parameters import Map
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial
from fairtrial.problems.wording import headed, row_name

FloatArray = npt.NDArray[np.float64]

_GRID = 121
_LINES = 14
_STYLES = ("dashed", "dotted", "dashdot", (0, (8, 2)))  # one a limit, in turn


def map_exhibit(problem: Problem, point: FloatArray, trials: Sequence[Trial], asked: Map) -> Files:
    """Contours of the objective, what the limits exclude, and the best run's improvements.

    Raises:
        ConfigError: a variable is unknown, or both are the same.
    """
    x, y = place_of(problem, asked.x, "map.x"), place_of(problem, asked.y, "map.y")
    if x == y:
        raise ConfigError("evaluate.practice.map", "two variables", asked.x, "Name another one.")
    best = best_trial([trial for trial in trials if trial.arm == asked.arm])
    path = np.empty((0, point.size)) if best is None else best.run.point
    window = [_window(problem, point, path, index) for index in (x, y)]
    across, upwards = (np.linspace(*ends, _GRID) for ends in window)
    grid = np.repeat(point[None], _GRID * _GRID, axis=0)
    grid[:, x], grid[:, y] = (part.ravel() for part in np.meshgrid(across, upwards))
    values = problem.functions.values(grid).reshape(1 + len(problem.rows), _GRID, _GRID)
    figure, axes = new_figure(height_in=5.0)
    _draw_objective(axes, across, upwards, problem.sign * values[0])
    reached = float(problem.functions.values(point[None])[0, 0])
    if np.nanmin(values[0]) < reached < np.nanmax(values[0]):
        axes.contour(across, upwards, values[0], levels=[reached], colors=INK, linewidths=0.8)
    _draw_limits(axes, problem, across, upwards, values[1:])
    if len(path):
        axes.plot(path[:, x], path[:, y], "-", color=COLOURS[1], linewidth=0.9, alpha=0.8)
        axes.scatter(path[:, x], path[:, y], s=14, color=COLOURS[1], zorder=3,
                     label=f"improvements of {asked.arm}")  # fmt: skip
    axes.plot(point[x], point[y], "*", color=INK, markersize=13, zorder=4, label="answer")
    axes.set_xlim(*window[0])
    axes.set_ylim(*window[1])
    axes.set_xlabel(headed(asked.x, problem.units[x]))
    axes.set_ylabel(headed(asked.y, problem.units[y]))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4)
    unit = f" in {problem.objective_unit}" if problem.objective_unit else ""
    caption = f"Lines of equal objective{unit}"
    others = [name for index, name in enumerate(problem.names) if index not in (x, y)]
    caption += f", with {', '.join(others)} as in the answer" if others else ""
    caption += (
        "; the thin black one is the answer's. Grey is excluded by a limit, a broken line is an "
        "equality or the limit itself. The dots are the successive best points of "
        f"{asked.arm}'s best run"
    )
    caption += ", in the plane of these two." if others else "."
    if problem.definition.repair:
        caption += " They lie where the repair puts them, which every method applies."
    data = pd.DataFrame({asked.x: path[:, x], asked.y: path[:, y]})
    if best is not None:
        data.insert(0, "evaluation", best.run.evaluation)
        data["objective"] = problem.sign * best.run.objective
    return exhibit("The landscape and a way through it", caption, figure, data, section=PRACTICE)


def _window(
    problem: Problem, point: FloatArray, path: FloatArray, index: int
) -> tuple[float, float]:
    """What of a variable's box is shown: the answer and the way to it, with some room."""
    low, high = float(problem.lower[index]), float(problem.upper[index])
    seen = np.append(path[:, index], point[index])
    room = 0.35 * max(float(np.ptp(seen)), 0.25 * (high - low))
    return max(low, float(seen.min()) - room), min(high, float(seen.max()) + room)


def _draw_objective(axes: Any, across: FloatArray, upwards: FloatArray, values: FloatArray) -> None:
    finite = values[np.isfinite(values)]
    if not finite.size or np.ptp(finite) == 0:
        return
    # As much of the picture between any two lines, however steep the sides are.
    levels = np.quantile(finite, np.linspace(0, 1, _LINES + 2)[1:-1])
    rounded = np.unique([float(f"{level:.3g}") for level in levels])
    lines = axes.contour(across, upwards, values, levels=rounded, cmap="viridis", linewidths=1.0)
    axes.clabel(lines, fmt=lambda value: number_text(value, 3), fontsize=7)


def _draw_limits(
    axes: Any, problem: Problem, across: FloatArray, upwards: FloatArray, rows: FloatArray
) -> None:
    for row, values, style in zip(problem.rows, rows, cycle(_STYLES)):
        if not np.isfinite(values).all():
            continue
        ends = {end for end in (row.low, row.high) if np.isfinite(end)}
        for end in sorted(ends):
            if values.min() < end < values.max():
                axes.contour(across, upwards, values, levels=[end], colors=INK, linewidths=1.4,
                             linestyles=[style])  # fmt: skip
        if not row.equality:
            out = np.where((values < row.low) | (values > row.high), 1.0, np.nan)
            if np.isfinite(out).any():
                axes.contourf(across, upwards, out, levels=[0.5, 1.5], colors=[MUTED], alpha=0.3)
        axes.plot([], [], color=INK, linewidth=1.4, linestyle=style, label=row_name(problem, row))
