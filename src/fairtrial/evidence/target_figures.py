"""Figures of searches: attainment of targets, and maps over two settings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import colour
from fairtrial.evidence.style import INK, new_figure


def attainment_plot(curves: pd.DataFrame, of_what: str) -> Figure:
    """Steps that rise to the share of targets reached.

    Args:
        curves: columns arm, evaluations and share; arms in the study's order.
        of_what: what the share is of, for the axis.
    """
    figure, axes = new_figure(height_in=3.4)
    for index, (arm, mine) in enumerate(curves.groupby("arm", sort=False)):
        axes.step(
            mine["evaluations"], mine["share"], where="post", color=colour(index), label=str(arm)
        )
    axes.set_xscale("log")
    axes.set_xlim(curves["evaluations"].min(), curves["evaluations"].max())
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("evaluations")
    axes.set_ylabel(f"share of {of_what} reached")
    axes.grid(axis="both")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def attainment_exhibit(curves: pd.DataFrame, problems: int) -> Files:
    """The share of all targets that each arm reached, over several problems.

    Args:
        curves: columns arm, role, evaluations and share.
        problems: how many there are, each of which counts the same.
    """
    caption = (
        f"Share of all triples of a problem ({problems}), a run and a target that an arm reached "
        "after so many evaluations; every problem counts the same. Where its own budget ends, a "
        "problem's share stays as it is."
    )
    figure = attainment_plot(curves, "problems, runs and targets")
    return exhibit("Targets reached across problems", caption, figure, curves)


def heat_maps(
    panels: Sequence[np.ndarray],
    titles: Sequence[str],
    x: tuple[str, Sequence[float]],
    y: tuple[str, Sequence[float]],
    label: str,
    framed: tuple[int, int, int] | None = None,
) -> Figure:
    """Maps over two settings on one logarithmic scale, the value in each cell.

    Args:
        panels: float (len(y), len(x)) each, positive; NaN where nothing was found.
        titles: one a panel.
        x: name and values of the setting across.
        y: name and values of the setting upwards.
        label: of the scale.
        framed: panel, row and column of a cell to frame.
    """
    cols = min(len(panels), 3)
    rows = -(-len(panels) // cols)
    side = 7.2 / cols * 0.92 * len(y[1]) / max(len(x[1]), 1)
    figure, axes = new_figure(height_in=0.5 + rows * (side + 0.5), rows=rows, cols=cols)
    flat = np.atleast_1d(np.asarray(axes, dtype=object)).ravel()
    known = np.concatenate([panel[np.isfinite(panel)].ravel() for panel in panels])
    low, high = (known.min(), known.max()) if known.size else (1e-3, 1.0)
    norm = LogNorm(low, max(high, 1.0001 * low))
    drawn = None
    for place, (axis, panel, title) in enumerate(zip(flat, panels, titles, strict=False)):
        drawn = axis.imshow(panel, cmap="viridis_r", norm=norm, origin="lower", aspect="auto")
        for (i, j), value in np.ndenumerate(panel):
            dark = np.isfinite(value) and norm(value) > 0.6
            axis.text(
                j,
                i,
                f"{value:.0e}".replace("e-0", "e-") if np.isfinite(value) else "none",
                ha="center",
                va="center",
                fontsize=6.5,
                color="white" if dark else INK,
            )
        if framed is not None and framed[0] == place:
            corner = framed[2] - 0.5, framed[1] - 0.5
            axis.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="#D55E00", linewidth=2.5))
        axis.set_title(title)
        axis.set_xticks(range(len(x[1])), [f"{value:g}" for value in x[1]])
        axis.set_yticks(range(len(y[1])), [f"{value:g}" for value in y[1]])
        axis.set_xlabel(x[0])
        if place % cols == 0:
            axis.set_ylabel(y[0])
        for spine in axis.spines.values():
            spine.set_visible(False)
    for axis in flat[len(panels) :]:
        axis.axis("off")
    if drawn is not None:
        figure.colorbar(drawn, ax=list(flat[: len(panels)]), label=label, shrink=0.8)
    return figure
