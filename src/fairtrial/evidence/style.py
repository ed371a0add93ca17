"""House style of every figure: one palette, one size, the same bytes for the same data."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text

# Okabe and Ito's palette for colour-blind readers, its yellow last: it is faint on white.
COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#000000",
    "#F0E442",
)
INK = "#1f2933"
MUTED = "#6b7785"

# What matplotlib gives a title for which nobody chose a size.
_PLAIN_TITLE_PT = 12.0

RC: Any = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": "#d9dee4",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "text.color": INK,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "lines.linewidth": 1.5,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "fairtrial",
}


def new_figure(
    width_in: float = 7.2, height_in: float = 4.0, rows: int = 1, cols: int = 1
) -> tuple[Figure, Any]:
    """A figure outside pyplot's global state.

    Args:
        width_in: width in inches; a page is 7.2 in wide.
        height_in: height in inches.
        rows: rows of axes.
        cols: columns of axes.

    Returns:
        The figure and its axes: one ``Axes`` where rows and cols are 1, else an object array of
        shape (rows, cols).
    """
    with mpl.rc_context(RC):
        figure = Figure(figsize=(width_in, height_in), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, cols, squeeze=False)
    return figure, axes[0, 0] if rows * cols == 1 else axes


def svg_bytes(figure: Figure) -> bytes:
    """The figure as SVG, the same bytes for the same drawing."""
    _dress(figure)
    buffer = io.BytesIO()
    with mpl.rc_context(RC):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _dress(figure: Figure) -> None:
    """Give the house style to what was made after `new_figure` had left its context."""
    for legend in figure.findobj(Legend):
        legend.set_frame_on(False)
        for text in legend.get_texts():
            text.set_fontsize(RC["legend.fontsize"])
    for axes in figure.axes:
        for title in (axes.title, axes._left_title, axes._right_title):  # type: ignore[attr-defined]
            if title.get_fontsize() == _PLAIN_TITLE_PT:
                title.set(fontsize=RC["axes.titlesize"], fontweight=RC["axes.titleweight"])
    # A name is data, never markup: "$" in it must not start a formula. Powers of ten on
    # logarithmic axes are formulas of matplotlib's own.
    powers = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        if axis.get_scale() != "linear"
        for label in axis.get_ticklabels(which="both")
    }
    for text in figure.findobj(Text):
        if id(text) not in powers:
            text.set_parse_math(False)
