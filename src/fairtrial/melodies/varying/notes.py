"""What strategies ask of a batch of bars: one note of each, the rows in use; all bars at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import COLUMNS, HELD, ONSET, SILENT, Roll

Index = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

# (64,), beside columns of shape (m, 1)
COLUMN = np.arange(COLUMNS)


class Notes(NamedTuple):
    """One note of each bar that has any; each field intp (m,).

    Attributes:
        bar: place of the bar in the batch, ascending.
        row: semitone, 0..47.
        begin: first column.
        end: column after its last.
    """

    bar: Index
    row: Index
    begin: Index
    end: Index


def draw_notes(rolls: Roll, draws: NDArray[np.float64]) -> Notes:
    """Choose one note of each bar, every note equally likely; none of a silent bar.

    Args:
        rolls: uint8 (n, 48, 64).
        draws: float64 (n,) in [0, 1), which decides for each bar.
    """
    flat = rolls.reshape(-1, COLUMNS)  # (n * 48, 64)
    starts = flat == ONSET
    # A note held over from the bar before begins without an onset.
    starts[:, 0] |= flat[:, 0] == HELD
    starts[:, 1:] |= (flat[:, 1:] == HELD) & (flat[:, :-1] == SILENT)
    # By bar, row and column, as numpy finds them.
    places = np.flatnonzero(starts)
    cells = rolls[0].size if len(rolls) else 1
    counts = np.bincount(places // cells, minlength=len(rolls))
    bar = np.flatnonzero(counts)
    first = np.cumsum(counts) - counts
    chosen = places[first[bar] + (draws[bar] * counts[bar]).astype(np.intp)] % cells
    row, begin = np.divmod(chosen, COLUMNS)
    ended = (rolls[bar, row] != HELD) & (begin[:, None] < COLUMN)  # (m, 64)
    end = np.where(ended.any(axis=1), ended.argmax(axis=1), COLUMNS)
    return Notes(bar, row, begin, end)


def rows_in_use(rolls: Roll) -> BoolArray:
    """Which of its rows each bar of uint8 (n, 48, 64) sounds in, bool (n, 48)."""
    used: BoolArray = np.asarray(rolls.any(axis=2))
    return used
