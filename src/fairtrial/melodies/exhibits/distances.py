"""Fréchet distances over the number of bars, and what they come to for infinitely many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import DASH, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, new_figure
from fairtrial.melodies.scoring.infinity import Fit, fit_line
from fairtrial.melodies.scoring.remembered import FLOOR
from fairtrial.statistics.effects import mean_interval

_CONFIDENCE = 0.95
_LEAST_GAP = 0.05  # of an axis, between two of its labels


def extrapolation_exhibit(curves: pd.DataFrame) -> Files:
    """Distances over 1 / N with their lines, a panel an extractor, and the fits as a table.

    Args:
        curves: one row a run, metric and number of bars, as
            `fairtrial.melodies.scoring.rows.Rows` collects them.
    """
    title = "Distances of infinitely many bars"
    if curves.empty:
        return exhibit(title, "No run finished.", data=curves, table=True)
    metrics = list(dict.fromkeys(curves["metric"]))
    figure, axes = new_figure(7.2, 3.0 * len(metrics), len(metrics), 1)
    panels = dict(zip(metrics, np.atleast_1d(np.asarray(axes, object)).ravel(), strict=True))
    places = {arm: index for index, arm in enumerate(_arms(curves))}
    rows = []
    pairs = [(metric, arm) for metric in metrics for arm in dict.fromkeys(curves["arm"])]
    for metric, arm in pairs:
        mine = curves[(curves["metric"] == metric) & (curves["arm"] == arm)]
        mean = mine.groupby("n_items")["distance"].mean()
        colour = INK if arm == FLOOR else COLOURS[places[arm] % len(COLOURS)]
        _draw_line(panels[metric], mean, colour, "real bars" if arm == FLOOR else arm)
        rows.append(_fit_row(metric, arm, mine))
    for metric, panel in panels.items():
        _label(panel, metric, sorted(curves.loc[curves["metric"] == metric, "n_items"].unique()))
    handles, labels = panels[metrics[0]].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    return exhibit(
        title,
        "A Fréchet distance of few bars is too large, by an amount that differs between arms. "
        "Points: means over runs at several numbers N of bars a side; where a line fitted over "
        "1 / N meets the left edge is the distance of infinitely many. It can fall a little below "
        "0. The interval covers the mean over runs in 95 % of studies with the same real bars; "
        "the fit's error is that of the line alone; R² is low where a line is nearly flat. Where N "
        "is below the number of features (26 of musical, 32 of encoder, 2048 of inception) the "
        "line is a rough guide.",
        figure,
        curves,
        table=pd.DataFrame(rows),
    )


def _arms(curves: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(curves.loc[curves["role"] == "arm", "arm"]))


def _draw_line(panel: Any, mean: pd.Series, colour: str, label: str) -> None:
    fit = fit_line(list(mean.index), list(mean))
    inverse = 1 / mean.index.to_numpy(float)
    panel.scatter(inverse, mean, s=16, color=colour, linewidths=0, zorder=3)
    ends = np.array([0.0, inverse.max()])
    panel.plot(ends, fit.at_infinity + fit.slope * ends, color=colour, label=label, linewidth=1.2)


def _label(panel: Any, metric: str, sizes: list[int]) -> None:
    panel.set_title(metric.replace("_", " "), loc="left")
    panel.set_xlim(left=0)
    shown = _apart(sizes)
    panel.set_xticks([0, *(1 / np.asarray(shown))], ["infinitely many", *map(str, shown)])
    panel.set_xlabel("N, bars of each side (a scale of 1 / N)")
    panel.set_ylabel("distance")
    panel.grid(axis="y")


def _apart(sizes: list[int]) -> list[int]:
    """Of sizes of all arms, ascending, those far enough apart in 1 / N to be labelled."""
    shown = [sizes[0]]
    for size in sizes[1:]:
        if 1 / shown[-1] - 1 / size >= _LEAST_GAP / sizes[0]:
            shown.append(size)
    return shown


def _fit_row(metric: str, arm: str, mine: pd.DataFrame) -> dict[str, Any]:
    fits = list(_fits(mine))
    limits = np.array([fit.at_infinity for fit in fits])
    found = mean_interval(limits, _CONFIDENCE)
    interval = " to ".join(number_text(end, 3) for end in found) if found else DASH
    largest = mine[mine["n_items"] == mine["n_items"].max()]
    return {
        "distance": metric.replace("_", " "),
        "bars": "real bars" if arm == FLOOR else arm,
        "N": int(largest["n_items"].iloc[0]),
        "of N": float(largest["distance"].mean()),
        "of infinitely many": float(limits.mean()),
        "95 % interval": interval,
        "fit's error": float(np.mean([fit.error for fit in fits])),
        "R²": float(np.mean([fit.r2 for fit in fits])),
    }


def _fits(mine: pd.DataFrame) -> Iterator[Fit]:
    for _, run in mine.groupby("block", sort=False):
        yield fit_line(run["n_items"].tolist(), run["distance"].tolist())
