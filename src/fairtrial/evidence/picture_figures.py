"""Rows of pictures, each with a caption that may be marked as wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairtrial.evidence.style import INK, MUTED, new_figure

WRONG = "#B3261E"


@dataclass(frozen=True)
class Shown:
    """One picture of a row.

    Args:
        picture: uint8 (S, S, C), grey or RGB.
        caption: one or two short lines.
        wrong: whether the caption is marked.
        heat: float (S, S) in [0, 1] laid over the picture; none for none.
        outline: bool (S, S) whose edge is drawn; none for none.
    """

    picture: np.ndarray
    caption: str
    wrong: bool = False
    heat: np.ndarray | None = None
    outline: np.ndarray | None = None


def picture_rows(rows: Mapping[str, Sequence[Shown]], cols: int) -> Figure:
    """Pictures in named rows; a row without pictures says so.

    Args:
        rows: name -> its pictures, at most ``cols``.
        cols: places in a row.
    """
    side = 6.9 / cols
    lines = max((s.caption.count("\n") + 1 for row in rows.values() for s in row), default=1)
    height = len(rows) * (side + 0.06 + 0.12 * lines)
    figure, axes = new_figure(height_in=height, rows=len(rows), cols=cols)
    grid = np.asarray(axes, dtype=object).reshape(len(rows), cols)
    for line, (name, pictures) in zip(grid, rows.items(), strict=True):
        for axis in line:
            axis.set_axis_off()
        for axis, shown in zip(line, pictures, strict=False):
            _draw(axis, shown)
        line[0].text(
            -0.06,
            0.5,
            name,
            rotation=90,
            ha="right",
            va="center",
            fontsize=8.5,
            fontweight="bold",
            transform=line[0].transAxes,
        )
        if not pictures:
            line[0].text(0.0, 0.5, "none", va="center", color=MUTED, transform=line[0].transAxes)
    return figure


def _draw(axis: Axes, shown: Shown) -> None:
    grey = shown.picture.shape[2] == 1
    pixels = shown.picture[:, :, 0] if grey else shown.picture
    axis.imshow(pixels, cmap="gray" if grey else None, vmin=0, vmax=255)
    if shown.heat is not None:
        axis.imshow(shown.heat, cmap="inferno", vmin=0, vmax=1, alpha=0.45 * shown.heat**0.5)
    if shown.outline is not None:
        axis.contour(shown.outline, levels=[0.5], colors="#56B4E9", linewidths=0.8)
    axis.set_title(
        shown.caption,
        fontsize=7,
        fontweight="normal",
        color=WRONG if shown.wrong else INK,
        pad=2,
    )
