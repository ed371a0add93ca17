"""Plots of data and of what stands beside the arms. They take plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairtrial.evidence.style import COLOURS, MUTED, new_figure


def stacked_bars(counts: Mapping[str, Mapping[str, float]], label: str) -> Figure:
    """One bar a row, of one piece a part.

    Args:
        counts: row -> part -> length; every row has the same parts.
        label: of the value axis, with its unit.
    """
    names = list(counts)
    parts = list(counts[names[0]])
    figure, axes = new_figure(height_in=1.3 + 0.34 * len(names))
    start = np.zeros(len(names))
    for index, part in enumerate(parts):
        lengths = np.array([counts[name][part] for name in names])
        axes.barh(names, lengths, left=start, color=COLOURS[index], label=part, height=0.7)
        start += lengths
    axes.invert_yaxis()
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(parts), borderaxespad=0)
    return figure


def box_panels(panels: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """One panel a quantity with a box a class: the middle half, its median, 5 % to 95 %.

    Args:
        panels: quantity with its unit -> class -> values; every panel has the same classes.
    """
    classes = list(next(iter(panels.values())))
    figure, axes = new_figure(height_in=1.3 + 0.34 * len(classes), cols=len(panels))
    cells: Sequence[Axes] = list(np.ravel(axes))
    for cell, (quantity, values) in zip(cells, panels.items(), strict=True):
        cell.boxplot(
            [values[name] for name in classes],
            orientation="horizontal",
            whis=(5, 95),
            showfliers=False,
            widths=0.55,
            medianprops={"color": COLOURS[1], "linewidth": 2},
            boxprops={"color": COLOURS[0]},
            whiskerprops={"color": MUTED},
            capprops={"color": MUTED},
        )
        cell.set_yticks(range(1, len(classes) + 1), classes if cell is cells[0] else [])
        cell.invert_yaxis()
        cell.set_xlabel(quantity)
        cell.grid(axis="x")
        cell.tick_params(axis="y", length=0)
    return figure


def level_plot(
    rows: Sequence[tuple[str, str, float, float | None, float | None]], label: str
) -> Figure:
    """Means with their intervals, one row each, coloured by kind.

    Args:
        rows: (name, kind, mean, low, high); no interval where low and high are None.
        label: of the value axis, with its unit.
    """
    kinds = list(dict.fromkeys(kind for _, kind, *_ in rows))
    figure, axes = new_figure(height_in=1.2 + 0.32 * len(rows))
    for index, (_, kind, mean, low, high) in enumerate(rows):
        colour = COLOURS[kinds.index(kind)]
        if low is not None and high is not None:
            axes.plot([low, high], [index, index], color=colour, linewidth=2.2)
        axes.plot(mean, index, "o", color=colour, markersize=6)
    for kind in kinds:
        axes.plot([], [], "o-", color=COLOURS[kinds.index(kind)], label=kind)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(kinds), borderaxespad=0)
    return figure
