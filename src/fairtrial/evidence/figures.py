"""Plots that any study can use. They take plain numbers and know nothing of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from fairtrial.core.text import MINUS
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure

# With more blocks than these, lines between the points of one block hide the points.
_MAX_CONNECTED = 12

# Values whose largest is this many times their smallest cannot be told apart on a linear axis.
_MAGNITUDES = 100
_MOST_POWERS = 6  # labels of a logarithmic axis that do not touch


def colour(index: int) -> str:
    """Colour of the arm at ``index`` in the study's order."""
    return COLOURS[index % len(COLOURS)]


def box_plot(
    values: Mapping[str, Mapping[str, float]], label: str, connect: bool = False
) -> Figure:
    """Boxes with every point beside them, one row an arm.

    Args:
        values: arm -> block -> value, in the order of the arms.
        label: of the value axis, with its unit.
        connect: joins the points of one block by a line, where there are at most 12 blocks.
    """
    arms = list(values)
    figure, axes = new_figure(height_in=1.2 + 0.62 * len(arms))
    blocks = list(dict.fromkeys(block for points in values.values() for block in points))
    # The place beside the box depends on the block alone: a trial is at one height everywhere.
    offsets = dict(zip(blocks, np.linspace(-0.28, 0.28, len(blocks) + 2)[1:-1], strict=True))
    if connect and len(blocks) <= _MAX_CONNECTED:
        for block in blocks:
            joined = [(i, values[arm][block]) for i, arm in enumerate(arms) if block in values[arm]]
            axes.plot(
                [x for _, x in joined],
                [i + offsets[block] for i, _ in joined],
                color=MUTED,
                alpha=0.35,
                linewidth=0.8,
                zorder=1,
            )
    for index, arm in enumerate(arms):
        points = list(values[arm].values())
        if not points:
            axes.text(
                0.02,
                index,
                "no finished trial",
                color=MUTED,
                va="center",
                transform=axes.get_yaxis_transform(),
            )
            continue
        axes.boxplot(
            [points],
            positions=[index],
            orientation="horizontal",
            widths=0.66,
            showfliers=False,
            patch_artist=True,
            boxprops={"facecolor": colour(index), "alpha": 0.18, "edgecolor": colour(index)},
            whiskerprops={"color": colour(index)},
            capprops={"color": colour(index)},
            medianprops={"color": INK, "linewidth": 2},
        )
        heights = [index + offsets[block] for block in values[arm]]
        axes.scatter(points, heights, s=14, color=colour(index), zorder=3, linewidths=0)
    axes.set_yticks(range(len(arms)), arms)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.set_xlabel(label)
    axes.grid(axis="x")
    everything = [value for points in values.values() for value in points.values()]
    if not _spread_over_magnitudes(axes, everything):
        axes.xaxis.set_major_formatter(_plain_numbers())
    axes.tick_params(axis="y", length=0)
    return figure


def _spread_over_magnitudes(axes: Axes, values: Sequence[float]) -> bool:
    """Make the value axis logarithmic where the values, none negative, span magnitudes."""
    positive = [value for value in values if value > 0]
    if len(positive) < 2 or min(values) < 0 or max(positive) < _MAGNITUDES * min(positive):
        return False
    if len(positive) == len(values):
        axes.set_xscale("log")
    else:
        # Zeros stand one decade left of the smallest value. Nothing lies left of them, whatever
        # margin matplotlib would add, and few powers are enough.
        smallest, largest = min(positive), max(positive)
        axes.set_xscale("symlog", linthresh=smallest, linscale=1.0)
        axes.set_xlim(-0.3 * smallest, 2 * largest)
        decades = np.log10([smallest, largest])
        step = max(1, int(np.ceil((decades[1] - decades[0]) / _MOST_POWERS)))
        powers = np.arange(np.ceil(decades[0]), np.floor(decades[1]) + 1, step)
        axes.set_xticks([0.0, *(10.0**powers)])
        axes.minorticks_off()
    return True


def critical_difference(mean_ranks: Mapping[str, float], difference: float) -> Figure:
    """Critical-difference diagram: bars join arms that Nemenyi's test does not tell apart.

    Args:
        mean_ranks: arm -> mean rank, 1 the best.
        difference: the critical difference.

    Source: Demsar (2006), J. Machine Learning Research 7, 1-30, figure 1.
    """
    arms = sorted(mean_ranks, key=lambda arm: mean_ranks[arm])
    ranks = [mean_ranks[arm] for arm in arms]
    half = (len(arms) + 1) // 2
    groups = joined_groups(ranks, difference)
    figure, axes = new_figure(height_in=1.3 + 0.28 * half + 0.14 * len(groups))
    low, high = 1, len(arms)
    reach = high - low
    axes.set_xlim(low - 0.45 * reach, high + 0.45 * reach)
    bottom = -1.2 - 0.45 * len(groups) - half
    axes.set_ylim(bottom - 0.3, 2.2)
    axes.axis("off")
    axes.plot([low, high], [0, 0], color=INK, linewidth=1.2)
    for tick in range(low, high + 1):
        axes.plot([tick, tick], [0, 0.25], color=INK, linewidth=1.2)
        axes.text(tick, 0.4, str(tick), ha="center", va="bottom", fontsize=9)
    axes.plot([low, low + difference], [1.5, 1.5], color=INK, linewidth=2.4, solid_capstyle="butt")
    axes.text(low + difference, 1.5, f"  critical difference {difference:.2f}", va="center")
    for level, (first, last) in enumerate(groups):
        height = -0.45 - 0.45 * level
        ends = [ranks[first] - 0.015 * reach, ranks[last] + 0.015 * reach]
        axes.plot(ends, [height, height], color=INK, linewidth=3.4, solid_capstyle="butt")
    for place, (arm, rank) in enumerate(zip(arms, ranks, strict=True)):
        left = place < half
        row = place if left else len(arms) - 1 - place
        height = -1.2 - 0.45 * len(groups) - row
        edge = low - 0.05 * reach if left else high + 0.05 * reach
        axes.plot([rank, rank, edge], [0, height, height], color=MUTED, linewidth=0.9, zorder=0)
        text = f"{arm}  {rank:.2f} " if left else f" {rank:.2f}  {arm}"
        axes.text(edge, height, text, ha="right" if left else "left", va="center")
    return figure


def joined_groups(ranks: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """Longest stretches of arms whose ranks lie within the critical difference.

    Args:
        ranks: mean ranks, ascending.
        difference: the critical difference.

    Returns:
        (first, last) index of each stretch of two arms or more, none inside another.
    """
    groups: list[tuple[int, int]] = []
    for first, rank in enumerate(ranks):
        last = max(i for i, other in enumerate(ranks) if other - rank < difference)
        if last > first and (not groups or last > groups[-1][1]):
            groups.append((first, last))
    return groups


def interval_plot(
    rows: Sequence[tuple[str, float, float, float]], label: str, margin: float | None = None
) -> Figure:
    """Differences with their intervals around zero, one row each.

    Args:
        rows: (name, low, estimate, high).
        label: of the value axis, with its unit.
        margin: half-width of the band of differences that do not matter.
    """
    figure, axes = new_figure(height_in=1.1 + 0.36 * len(rows))
    if margin is not None:
        axes.axvspan(-margin, margin, color="#e8edf2", zorder=0, label="does not matter")
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    axes.axvline(0, color=INK, linewidth=1)
    for index, (_, low, estimate, high) in enumerate(rows):
        axes.plot([low, high], [index, index], color=COLOURS[0], linewidth=2.2)
        axes.plot(estimate, index, "o", color=COLOURS[0], markersize=6)
    axes.set_yticks(range(len(rows)), [name for name, *_ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(_plain_numbers())
    axes.tick_params(axis="y", length=0)
    return figure


def learning_curves(
    history: pd.DataFrame, x: str, metrics: Sequence[str], x_label: str, log: bool = False
) -> Figure:
    """One panel a metric: a thin line a trial, a thick one for the mean of each arm.

    A single step, which makes no line, is drawn as a point.

    Args:
        history: columns arm, block, ``x`` and the metrics; arms in the study's order. NaN where
            a metric was not measured at that step.
        x: column of the steps (epoch, update, evaluations).
        metrics: columns to draw.
        x_label: of the common axis.
        log: logarithmic value axes.
    """
    cols = min(len(metrics), 2)
    rows = -(-len(metrics) // cols)
    figure, axes = new_figure(height_in=0.6 + 2.7 * rows, rows=rows, cols=cols)
    panels = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for panel, metric in zip(panels, metrics, strict=False):
        for index, arm in enumerate(dict.fromkeys(history["arm"])):
            mine = history[history["arm"] == arm].dropna(subset=[metric])
            thin: Any = {"color": colour(index), "alpha": 0.25, "linewidth": 0.8}
            thick: Any = {"color": colour(index), "linewidth": 2, "label": str(arm)}
            for _, trial in mine.groupby("block", sort=False):
                panel.plot(trial[x], trial[metric], marker=_lone(trial), **thin)
            mean = mine.groupby(x)[metric].mean()
            panel.plot(mean.index, mean, marker=_lone(mean), **thick)
        panel.set_title(metric.replace("_", " "), loc="left")
        panel.set_xlabel(x_label)
        panel.grid(True)
        panel.set_yscale("log" if log else "linear")
        if not log:
            panel.yaxis.set_major_formatter(_plain_numbers())
        panel.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    for panel in panels[len(metrics) :]:
        panel.axis("off")
    panels[0].legend()
    return figure


def _lone(points: pd.DataFrame | pd.Series) -> str | None:
    return "o" if len(points) == 1 else None


def matrix(counts: np.ndarray, labels: Sequence[str], titles: Sequence[str] = ("",)) -> Figure:
    """Confusion matrices: counts in the cells, shades by the share of the true class.

    Args:
        counts: int (k, k) or (panels, k, k), rows the true class, columns the predicted one.
        labels: names of the k classes.
        titles: one a panel.
    """
    panels = np.asarray(counts, dtype=float).reshape(-1, len(labels), len(labels))
    # Slanted names take height below each panel, and width left of the first; a cell needs about
    # 0.28 in for its count, so many classes leave room for few panels in a row.
    names = 0.055 * max(len(label) for label in labels)
    room = 7.2 - names
    cols = max(1, min(len(panels), 4, int(room / (0.28 * len(labels) + 0.3))))
    rows = -(-len(panels) // cols)
    side = min(room / cols - 0.3, 3.4)
    figure, axes = new_figure(height_in=rows * (side + 0.65 + 0.75 * names), rows=rows, cols=cols)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for place, (axis, panel, title) in enumerate(zip(flat, panels, titles, strict=False)):
        share = panel / np.maximum(panel.sum(axis=1, keepdims=True), 1)
        axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for (i, j), count in np.ndenumerate(panel):
            shade = "white" if share[i, j] > 0.55 else INK
            axis.text(j, i, f"{count:g}", ha="center", va="center", color=shade, fontsize=8)
        axis.set_xticks(
            range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor", fontsize=8
        )
        axis.set_yticks(range(len(labels)), labels if place % cols == 0 else [], fontsize=8)
        axis.set_title(title)
        axis.set_xlabel("predicted")
        if place % cols == 0:
            axis.set_ylabel("true")
    for axis in flat[len(panels) :]:
        axis.axis("off")
    return figure


def image_grid(
    images: Sequence[np.ndarray], titles: Sequence[str], cols: int = 6, **imshow: Any
) -> Figure:
    """Small pictures in rows.

    Args:
        images: arrays (H, W) or (H, W, 3), at least one.
        titles: one a picture.
        cols: pictures a row.
        imshow: passed on to matplotlib (``vmin``, ``vmax``, ``origin``, ...).
    """
    cols = min(cols, len(images))
    rows = -(-len(images) // cols)
    shape = max(image.shape[0] / image.shape[1] for image in images)
    figure, axes = new_figure(height_in=rows * (7.2 / cols * shape + 0.3), rows=rows, cols=cols)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for axis, image, title in zip(flat, images, titles, strict=False):
        axis.imshow(image, **({"cmap": "gray", "interpolation": "nearest"} | imshow))
        axis.set_title(title, fontsize=8, fontweight="normal")
    for axis in flat:
        axis.axis("off")
    return figure


def _plain_numbers() -> FuncFormatter:
    return FuncFormatter(lambda value, _: f"{round(float(value), 12):,.6g}".replace("-", MINUS))
