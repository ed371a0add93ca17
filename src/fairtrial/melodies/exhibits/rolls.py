"""Bars drawn as piano rolls."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import ListedColormap

from fairtrial.evidence.style import COLOURS
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    ROWS,
    Cell,
    Roll,
    roll_to_cells,
)

# More notes than this in a bar are an untrained generator's noise, which is drawn as a picture.
_MOST_RECTANGLES = 200

# A note is drawn a little shorter than it sounds, so that repeated ones stay apart, and taller.
_GAP_COLUMNS = 0.7
_HALF_HEIGHT = 0.65


def draw_rolls(
    axes: Axes,
    rolls: Roll,
    colour: str,
    accents: Collection[Cell] = (),
    octaves: tuple[int, int] = (0, 4),
) -> None:
    """Draw consecutive bars side by side, a rectangle a note.

    Args:
        axes: get a line a beat, a stronger one a bar, and a line an octave.
        rolls: uint8 (n, 48, 64), n at least 1.
        colour: of the notes.
        accents: notes drawn in the accent colour, in whichever bar.
        octaves: the first that is shown and the one after the last, of 4; row 24, the chord's
            root in the octave of middle C, begins octave 2.
    """
    for bar, roll in enumerate(rolls):
        _draw_notes(axes, roll, bar * COLUMNS, colour, accents)
    end = len(rolls) * COLUMNS
    axes.set_xlim(0, end)
    axes.set_ylim(12 * octaves[0] - 0.5, 12 * octaves[1] - 0.5)
    axes.set_xticks(range(0, end + 1, COLUMNS_PER_QUARTER), [])
    axes.set_yticks(range(12 * octaves[0], 12 * octaves[1], 12))
    axes.grid(visible=True)
    for line in range(COLUMNS, end, COLUMNS):
        axes.axvline(line, color="#9aa5b1", linewidth=0.9, zorder=0.5)
    axes.tick_params(length=0)


def _draw_notes(axes: Axes, roll: Roll, start: int, colour: str, accents: Collection[Cell]) -> None:
    cells = roll_to_cells(roll)
    if len(cells) > _MOST_RECTANGLES:
        extent = (start, start + COLUMNS, -0.5, ROWS - 0.5)
        axes.imshow(
            np.where(roll > 0, 1.0, np.nan),
            ListedColormap([colour]),
            aspect="auto",
            origin="lower",
            extent=extent,
        )
        return
    corners = []
    for row, column, length, _ in cells:
        left, right = start + column, start + column + length - _GAP_COLUMNS
        low, high = row - _HALF_HEIGHT, row + _HALF_HEIGHT
        corners.append([(left, low), (right, low), (right, high), (left, high)])
    faces = [COLOURS[1] if cell in accents else colour for cell in cells]
    axes.add_collection(PolyCollection(corners, facecolors=faces, linewidths=0))


def shown_octaves(rolls: Roll) -> tuple[int, int]:
    """Octaves that hold every note, first and one after the last, for `draw_rolls`.

    Args:
        rolls: uint8 (n, 48, 64).
    """
    used = np.flatnonzero(rolls.any(axis=(0, 2)))
    return (int(used[0]) // 12, int(used[-1]) // 12 + 1) if len(used) else (0, 4)
