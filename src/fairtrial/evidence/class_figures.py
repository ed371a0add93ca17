"""Plots of classifications. They take plain numbers and know nothing of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from fairtrial.evidence.figures import colour
from fairtrial.evidence.style import INK, MUTED, new_figure

Curve = tuple[np.ndarray, np.ndarray]


def area_curves(
    roc: Mapping[str, Curve], precision_recall: Mapping[str, Curve], legend: Mapping[str, str]
) -> Figure:
    """ROC curves on the left, precision-recall curves on the right, one line an arm.

    Args:
        roc: arm -> false and true positive rates, ascending.
        precision_recall: arm -> recall and precision, by ascending recall.
        legend: arm -> its entry in the legend.
    """
    figure, axes = new_figure(height_in=4.2 + 0.2 * (len(legend) // 3), cols=2)
    left, right = axes[0]
    left.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for index, arm in enumerate(legend):
        left.plot(*roc[arm], color=colour(index), label=legend[arm])
        right.plot(*precision_recall[arm], color=colour(index), drawstyle="steps-pre")
    left.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC")
    right.set(xlabel="recall", ylabel="precision", title="Precision and recall")
    for panel in (left, right):
        panel.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        panel.grid(True)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(2, len(legend)), labelcolor=INK
    )
    return figure


def reliability_diagram(bins: Mapping[str, pd.DataFrame], titles: Mapping[str, str]) -> Figure:
    """Accuracy against confidence with intervals, one panel an arm; areas show the items.

    Args:
        bins: arm -> columns items, confidence, accuracy, low_accuracy, high_accuracy.
        titles: arm -> title of its panel.
    """
    cols = min(3, len(bins))
    rows = -(-len(bins) // cols)
    figure, axes = new_figure(height_in=rows * (7.2 / cols * 0.95 + 0.45), rows=rows, cols=cols)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for place, (arm, table) in enumerate(bins.items()):
        panel: Axes = flat[place]
        panel.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
        shade = colour(place)
        ends = table["low_accuracy"], table["high_accuracy"]
        panel.vlines(table["confidence"], *ends, color=shade, alpha=0.5)
        share = table["items"] / table["items"].sum()
        panel.scatter(table["confidence"], table["accuracy"], s=10 + 150 * share, color=shade)
        panel.set(xlim=(0, 1.06), ylim=(-0.06, 1.09), aspect="equal")
        panel.set_title(titles[arm], fontsize=8.5)
        panel.grid(True)
        if place >= len(bins) - cols:
            panel.set_xlabel("confidence")
        if place % cols == 0:
            panel.set_ylabel("accuracy")
    for panel in flat[len(bins) :]:
        panel.axis("off")
    return figure


def interval_panels(table: pd.DataFrame, metrics: Sequence[str], cols: int = 2) -> Figure:
    """Estimates with intervals, a panel a metric, a row an arm.

    Args:
        table: columns arm, metric, estimate, low, high; arms in the study's order.
        metrics: those to draw.
        cols: panels in a row.
    """
    arms = list(dict.fromkeys(table["arm"]))
    rows = -(-len(metrics) // cols)
    height = rows * (0.75 + 0.26 * len(arms))
    figure, axes = new_figure(height_in=height, rows=rows, cols=cols)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    for place, metric in enumerate(metrics):
        panel: Axes = flat[place]
        for row in table[table["metric"] == metric].to_dict("records"):
            index = arms.index(row["arm"])
            ends = [row["low"], row["high"]]
            panel.plot(ends, [index, index], color=colour(index), linewidth=2.2)
            panel.plot(row["estimate"], index, "o", color=colour(index), markersize=5)
        names = arms if place % cols == 0 else [""] * len(arms)
        panel.set_yticks(range(len(arms)), names)
        panel.set_ylim(len(arms) - 0.5, -0.5)
        panel.set_title(metric.replace("_", " "), loc="left")
        panel.grid(axis="x")
        panel.tick_params(axis="y", length=0)
    for panel in flat[len(metrics) :]:
        panel.axis("off")
    return figure


def dot_rows(table: pd.DataFrame, rows: str, value: str, label: str) -> Figure:
    """One row a class (or source), one dot an arm.

    Args:
        table: columns arm, ``rows`` and ``value``; arms in the study's order.
        rows: column of the rows' names.
        value: column of the values; NaN is left out.
        label: of the value axis.
    """
    names = list(dict.fromkeys(table[rows]))
    arms = list(dict.fromkeys(table["arm"]))
    figure, axes = new_figure(height_in=1.3 + 0.3 * len(names))
    spread = np.linspace(-0.2, 0.2, len(arms)) if len(arms) > 1 else np.zeros(1)
    for index, arm in enumerate(arms):
        mine = table[table["arm"] == arm]
        heights = [names.index(name) + spread[index] for name in mine[rows]]
        axes.scatter(mine[value], heights, s=26, color=colour(index), label=arm, zorder=3)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(label)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper center", ncols=min(4, len(arms)), labelcolor=INK)
    return figure


def named_scatter(points: Mapping[str, tuple[float, float]], x_label: str, y_label: str) -> Figure:
    """One named point an arm, the x axis logarithmic.

    Args:
        points: arm -> x (positive) and y.
        x_label: with its unit.
        y_label: with its unit.
    """
    figure, axes = new_figure(height_in=3.6)
    for index, (arm, (x, y)) in enumerate(points.items()):
        axes.scatter([x], [y], s=60, color=colour(index), zorder=3)
        axes.annotate(
            arm, (x, y), xytext=(7, 5), textcoords="offset points", color=INK, fontsize=8.5
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set(xlabel=x_label, ylabel=y_label)
    # Names stand to the right of their points.
    axes.margins(x=0.18, y=0.15)
    axes.grid(True)
    return figure
