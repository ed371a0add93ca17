"""What strategies ask of a batch of bars: one note of each, free rows; all bars at once."""

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
    starts = rolls == ONSET
    # A note held over from the bar before begins without an onset.
    starts[:, :, 0] = rolls[:, :, 0] > SILENT
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


def is_free(rolls: Roll, first: int, last: int) -> BoolArray:
    """Which bars of uint8 (n, 48, 64) are silent in the rows first..last - 1, bool (n,)."""
    rows = rolls[:, first:last].reshape(len(rolls), (last - first) * COLUMNS)
    free: BoolArray = np.asarray(~rows.view(np.bool_).any(axis=1))
    return free
