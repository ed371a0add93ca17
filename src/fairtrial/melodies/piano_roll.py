"""The scaled piano roll: one bar of melody, relative to its chord, as a small picture.

A roll is uint8 (48, 64): rows are semitones, ``row = pitch - 36 - root``; columns are 64ths of a
whole note, 16 a quarter. Cells are 0 (silent), 2 (a note begins) or 1 (it goes on), so repeated
notes stay apart. A 1 in column 0 is a note held over from the bar before.

The GAN sees a signal of +1 (sounding) and -1 (silent) instead, the form of the paper. There a
repeated note is told from a held one by one silent column before it; where the earlier note has
no column to give, the two fuse.

Source: Bitaraes, Guimaraes, Coelho, section 4.1. Their arrays fuse repeated notes; ours do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROWS = 48
COLUMNS = 64
COLUMNS_PER_QUARTER = 16
LOWEST_PITCH = 36

SILENT, HELD, ONSET = 0, 1, 2

Roll = NDArray[np.uint8]


class Cell(NamedTuple):
    """A note of a roll: its row, first column, length in columns, and whether it begins here."""

    row: int
    column: int
    length: int
    begins: bool = True


class GridNote(NamedTuple):
    """A note on the grid: MIDI pitch, first column and length counted from the first bar."""

    pitch: int
    column: int
    length: int


def round_half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, halves upwards, in exact arithmetic."""
    return (2 * numerator + denominator) // (2 * denominator)


def pitch_to_row(pitch: int, root: int) -> int:
    """Row of a MIDI pitch over a chord root 0..11 (C = 0); in range when 0 <= row < 48."""
    return pitch - LOWEST_PITCH - root


def row_to_pitch(row: int, root: int) -> int:
    """MIDI pitch of a row over a chord root 0..11; the inverse of `pitch_to_row`."""
    return row + LOWEST_PITCH + root


def fold_row(row: int) -> int:
    """The row moved by whole octaves into 0..47, as little as needed."""
    if row < 0:
        return row % 12
    return row if row < ROWS else ROWS - 12 + (row - ROWS) % 12


def draw_roll(cells: Iterable[Cell]) -> tuple[Roll, Counter[str]]:
    """Draw one bar.

    Args:
        cells: notes with 0 <= row < 48, 0 <= column < 64, length >= 1 within the bar.

    Returns:
        The roll, uint8 (48, 64), and what it could not hold: merged, notes lost because another
        note of their row begins in the same column (the longest stays); shortened, notes cut by
        the next onset of their row.
    """
    roll = np.zeros((ROWS, COLUMNS), np.uint8)
    losses: Counter[str] = Counter()
    # Held-over notes first, then by onset and length, so that no onset is drawn over.
    order = sorted(cells, key=lambda cell: (cell.column, cell.begins, cell.length))
    for row, column, length, begins in order:
        if not begins:
            roll[row, column : column + length] = HELD
            continue
        before = roll[row, column]
        losses["merged"] += int(before == ONSET)
        losses["shortened"] += int(before == HELD)
        roll[row, column : column + length] = HELD
        roll[row, column] = ONSET
        # What still sounds there belongs to the earlier note, which ends here.
        roll[row, column + length :] = SILENT
    return roll, +losses


def roll_to_cells(roll: Roll) -> list[Cell]:
    """Notes of one bar, by column and row. Cells of a roll that `draw_roll` drew, exactly."""
    cells = []
    for row in np.flatnonzero(roll.any(axis=1)):
        line = roll[row]
        starts = np.flatnonzero(
            (line == ONSET) | ((line == HELD) & (np.r_[SILENT, line[:-1]] == SILENT))
        )
        for column in starts:
            after = np.flatnonzero(line[column + 1 :] != HELD)
            length = 1 + (int(after[0]) if len(after) else COLUMNS - 1 - int(column))
            cells.append(Cell(int(row), int(column), length, bool(line[column] == ONSET)))
    return sorted(cells, key=lambda cell: (cell.column, cell.row))


def bars_to_notes(rolls: Iterable[Roll], roots: Iterable[int]) -> list[GridNote]:
    """Notes of consecutive bars; a note held over a bar line is one note again.

    Args:
        rolls: bars, uint8 (48, 64) each.
        roots: chord root of each bar, 0..11.

    Returns:
        Notes by onset and pitch, columns counted from the first bar's start.
    """
    notes: list[GridNote] = []
    open_notes: dict[int, int] = {}  # pitch -> index of the note that reaches this bar's start
    for bar, (roll, root) in enumerate(zip(rolls, roots, strict=True)):
        start, reaching = bar * COLUMNS, {}
        for row, column, length, begins in roll_to_cells(roll):
            pitch = row_to_pitch(row, root)
            if not begins and column == 0 and pitch in open_notes:
                index = open_notes[pitch]
                notes[index] = notes[index]._replace(length=notes[index].length + length)
            else:
                index = len(notes)
                notes.append(GridNote(pitch, start + column, length))
            if column + length == COLUMNS:
                reaching[pitch] = index
        open_notes = reaching
    return sorted(notes, key=lambda note: (note.column, note.pitch))


def rolls_to_signals(rolls: Roll) -> NDArray[np.float32]:
    """What the GAN sees: float32 (n, 48, 64) of +1 sounding and -1 silent.

    Args:
        rolls: uint8 (n, 48, 64).
    """
    sounding = rolls > SILENT
    # One silent column before a repeated note, taken from the earlier note if it has two or more.
    sounding[..., :-1] &= ~((rolls[..., 1:] == ONSET) & (rolls[..., :-1] == HELD))
    return np.where(sounding, np.float32(1), np.float32(-1))


def signals_to_rolls(signals: NDArray[np.float32]) -> Roll:
    """Bars a GAN made: uint8 (n, 48, 64); a cell sounds above 0, a note begins after silence.

    Args:
        signals: float (n, 48, 64) in -1..1.
    """
    sounding = signals > 0
    held = np.zeros_like(sounding)
    held[..., 1:] = sounding[..., 1:] & sounding[..., :-1]
    return np.where(held, np.uint8(HELD), np.where(sounding, np.uint8(ONSET), np.uint8(SILENT)))


def as_generated(rolls: Roll) -> Roll:
    """Real bars in the form in which a GAN can write them, so that both are measured alike."""
    return signals_to_rolls(rolls_to_signals(rolls))
