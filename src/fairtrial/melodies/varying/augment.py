"""The three augmentations of bars, as pure functions over batches, and their pipeline.

Each takes rolls uint8 (n, 48, 64) and a generator and gives as many new rolls; its input is never
touched. A strategy of factor k makes n (k + 1) bars of n: the bars so far, bit for bit, then k
augmented copies of each.

Source: Bitaraes, Guimaraes, Coelho, sections 4.2 and 4.3.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.parameters import Augment
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    HELD,
    ONSET,
    ROWS,
    SILENT,
    Cell,
    Roll,
)

LOG = logging.getLogger(__name__)

OCTAVE = 12
# Past these factors the paper warns of duplicates and of unnatural chords.
_ADVISED = {"octave_change": 2, "fifth_addition": 4}


def change_time(rolls: Roll, generator: np.random.Generator, grid_columns: int) -> Roll:
    """Lengthen or shorten one random note of each bar to the neighbouring multiple of the grid.

    The direction is drawn; where it would erase the note or leave the bar, the other one is
    taken. A note that is lengthened into the next one of its row ends where that one begins.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws notes and directions.
        grid_columns: a note's new end is a multiple of this (8 columns: an eighth).

    Returns:
        uint8 (n, 48, 64). A bar without notes, or whose note has nowhere to go, is unchanged.
    """
    changed = rolls.copy()
    for roll, note in zip(changed, _draw_notes(rolls, generator), strict=True):
        longer = bool(generator.integers(2))
        if note is None:
            continue
        end = _new_end(roll[note.row], note, grid_columns, longer)
        old_end = note.column + note.length
        if end > old_end:
            roll[note.row, old_end:end] = HELD
        else:
            roll[note.row, end:old_end] = SILENT
    return changed


def _new_end(line: np.ndarray, note: Cell, grid: int, longer: bool) -> int:
    """Column after the changed note; its present one where neither direction is open."""
    end = note.column + note.length
    following = np.flatnonzero(line[end:] == ONSET)
    limit = end + int(following[0]) if len(following) else COLUMNS
    above = min((end // grid + 1) * grid, limit)
    below = (-(-end // grid) - 1) * grid
    options = (above, below) if longer else (below, above)
    for option in options:
        if option != end and note.column < option <= limit:
            return option
    return end


def add_fifth(rolls: Roll, generator: np.random.Generator, interval_semitones: int) -> Roll:
    """Add to each bar a copy of one random note, an interval above or below it.

    The direction is drawn; where it leads out of the 48 rows or onto a note that sounds already,
    the other one is taken, never the far edge.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws notes and directions.
        interval_semitones: 5 in the paper, which is a perfect fourth.

    Returns:
        uint8 (n, 48, 64). A bar without notes, or without room in either direction, is
        unchanged.
    """
    changed = rolls.copy()
    for roll, note in zip(changed, _draw_notes(rolls, generator), strict=True):
        up = bool(generator.integers(2))
        if note is None:
            continue
        part = slice(note.column, note.column + note.length)
        for step in (interval_semitones, -interval_semitones)[:: 1 if up else -1]:
            row = note.row + step
            if 0 <= row < ROWS and not roll[row, part].any():
                roll[row, part] = roll[note.row, part]
                break
    return changed


def change_octave(rolls: Roll, generator: np.random.Generator) -> Roll:
    """Move each bar one octave up or down.

    The direction is drawn; where the bar does not fit the other one is taken.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws directions.

    Returns:
        uint8 (n, 48, 64). A bar that fits in neither direction is unchanged.
    """
    used: NDArray[np.bool_] = np.asarray(rolls.any(axis=2))  # (n, 48)
    fits_up = ~used[:, -OCTAVE:].any(axis=1)
    fits_down = ~used[:, :OCTAVE].any(axis=1)
    up = generator.integers(2, size=len(rolls)).astype(bool)
    goes_up = fits_up & (up | ~fits_down)
    goes_down = fits_down & ~goes_up
    changed = rolls.copy()
    changed[goes_up] = np.roll(rolls[goes_up], OCTAVE, axis=1)  # the rows that wrap are empty
    changed[goes_down] = np.roll(rolls[goes_down], -OCTAVE, axis=1)
    return changed


def _draw_notes(rolls: Roll, generator: np.random.Generator) -> list[Cell | None]:
    """One note of each bar, every note equally likely; none of a silent bar."""
    sounding = rolls > SILENT
    before = np.zeros_like(sounding)
    before[..., 1:] = sounding[..., :-1]
    starts = (rolls == ONSET) | (sounding & ~before)  # (n, 48, 64)
    counts = starts.sum(axis=(1, 2))
    picks = generator.integers(np.maximum(counts, 1))
    notes: list[Cell | None] = []
    for roll, begin, count, pick in zip(rolls, starts, counts, picks, strict=True):
        if count == 0:
            notes.append(None)
            continue
        row, column = divmod(int(np.flatnonzero(begin)[pick]), COLUMNS)
        after = np.flatnonzero(roll[row, column + 1 :] != HELD)
        length = 1 + (int(after[0]) if len(after) else COLUMNS - 1 - column)
        notes.append(Cell(row, column, length, bool(roll[row, column] == ONSET)))
    return notes


def apply_strategy(
    name: str, rolls: Roll, generator: np.random.Generator, parameters: Augment
) -> Roll:
    """One augmented copy of each bar by the strategy called ``name``."""
    if name == "time_change":
        return change_time(rolls, generator, parameters.grid_columns)
    if name == "fifth_addition":
        return add_fifth(rolls, generator, parameters.interval_semitones)
    return change_octave(rolls, generator)


def augment_bars(
    rolls: Roll, parameters: Augment, generator: np.random.Generator
) -> tuple[Roll, dict[str, Any]]:
    """The augmented set: the originals first, bit for bit, then what each step adds.

    Args:
        rolls: uint8 (n, 48, 64).
        parameters: steps with their factors, in order.
        generator: draws everything.

    Returns:
        uint8 (n * growth, 48, 64) and plain counts: each step's size and no-ops, and the
        duplicates in the whole set (rolls that stand there before).
    """
    steps = []
    for step in parameters.steps:
        advised = _ADVISED.get(step.strategy, step.factor)
        if step.factor > advised:
            LOG.warning(
                "augment.steps: a factor of %d for %s passes the %d that the paper advises",
                step.factor,
                step.strategy,
                advised,
            )
        copies = [
            apply_strategy(step.strategy, rolls, generator, parameters) for _ in range(step.factor)
        ]
        unchanged = sum(int((copy == rolls).all(axis=(1, 2)).sum()) for copy in copies)
        rolls = np.concatenate([rolls, *copies])
        steps.append(
            {
                "strategy": step.strategy,
                "factor": step.factor,
                "bars": len(rolls),
                "unchanged": unchanged,
            }
        )
    return rolls, {"bars": len(rolls), "steps": steps, "duplicates": count_duplicates(rolls)}


def replicate_bars(rolls: Roll, size: int) -> Roll:
    """The bars in turn, again and again, up to exactly ``size`` of them."""
    return rolls[np.arange(size) % len(rolls)]


def count_duplicates(rolls: Roll) -> int:
    """How many bars equal an earlier one."""
    return len(rolls) - len({roll.tobytes() for roll in rolls})
