"""The scaled piano roll and its way back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairtrial.melodies.midi_out import write_midi
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    HELD,
    LOWEST_PITCH,
    ONSET,
    ROWS,
    Cell,
    GridNote,
    as_generated,
    bars_to_notes,
    draw_roll,
    fold_row,
    pitch_to_row,
    roll_to_cells,
    rolls_to_signals,
    round_half_up,
    row_to_pitch,
    signals_to_rolls,
)
from fairtrial.melodies.reading.midi import read_midi


@st.composite
def cells(draw: st.DrawFn) -> list[Cell]:
    """Notes of one bar that do not overlap within a row; the first may be held over."""
    found = []
    for row in draw(st.sets(st.integers(0, ROWS - 1), min_size=1, max_size=5)):
        borders = sorted(draw(st.sets(st.integers(0, COLUMNS), min_size=2, max_size=8)))
        for left, right in pairwise(borders):
            if draw(st.booleans()):
                begins = left > 0 or draw(st.booleans())
                found.append(Cell(row, left, right - left, begins))
    return sorted(found, key=lambda cell: (cell.column, cell.row))


@given(cells())
@settings(deadline=None)
def test_notes_survive_the_roll(notes: list[Cell]) -> None:
    """Row, onset, length, number and tie of every note come back, repeated notes too."""
    roll, lost = draw_roll(notes)
    assert not lost
    assert roll_to_cells(roll) == notes


@given(cells(), st.integers(0, 11))
@settings(deadline=None)
def test_notes_survive_midi_in_every_key(notes: list[Cell], root: int) -> None:
    """Roll to pitches to a MIDI file and back loses nothing, over each of the 12 roots."""
    whole = [cell._replace(begins=True) for cell in notes]
    roll, _ = draw_roll(whole)
    grid = bars_to_notes([roll], [root])
    (song,) = read_midi(write_midi(grid, 120.0, "melody"), "a.mid")
    ticks = 30  # a column at 480 ticks a quarter
    back = [GridNote(n.pitch, n.start // ticks, (n.end - n.start) // ticks) for n in song.notes]
    expected = [GridNote(row_to_pitch(c.row, root), c.column, c.length) for c in whole]
    assert back == sorted(expected, key=lambda note: (note.column, note.pitch))


def test_row_24_is_the_root_in_octave_4() -> None:
    """Row 24 is middle C over C, and the root of any other chord above it."""
    assert row_to_pitch(24, 0) == 60
    assert row_to_pitch(24, 7) == 67
    assert all(
        pitch_to_row(row_to_pitch(row, root), root) == row
        for row in range(ROWS)
        for root in range(12)
    )
    assert pitch_to_row(LOWEST_PITCH, 1) == -1


@pytest.mark.parametrize(("row", "folded"), [(-1, 11), (-12, 0), (-13, 11), (0, 0), (47, 47)])
def test_folding_moves_by_octaves_into_the_range(row: int, folded: int) -> None:
    """A folded row keeps its pitch class and lands at the near edge."""
    assert fold_row(row) == folded


@given(st.integers(-100, 200))
@settings(deadline=None)
def test_folding_keeps_the_pitch_class(row: int) -> None:
    """Any row folds into 0..47 by whole octaves."""
    assert 0 <= fold_row(row) < ROWS
    assert (fold_row(row) - row) % 12 == 0


@pytest.mark.parametrize(
    ("ticks", "column"), [(0, 0), (14, 0), (15, 1), (29, 1), (45, 2), (-15, 0)]
)
def test_halves_are_rounded_up(ticks: int, column: int) -> None:
    """Half a column (15 of 30 ticks) is the next one, never the nearest even one."""
    assert round_half_up(ticks, 30) == column


def test_a_note_held_over_the_bar_line_is_one_note_again() -> None:
    """A held note joins its beginning even where the chord root changes at the bar line."""
    first, _ = draw_roll([Cell(24, 48, 16)])
    second, _ = draw_roll([Cell(19, 0, 8, begins=False)])  # the same pitch over a root 5 higher
    assert bars_to_notes([first, second], [0, 5]) == [GridNote(60, 48, 24)]
    struck, _ = draw_roll([Cell(19, 0, 8)])
    assert len(bars_to_notes([first, struck], [0, 5])) == 2


def test_a_later_onset_cuts_an_overlapping_note() -> None:
    """Overlapping notes of one row: the later one keeps its onset and end."""
    roll, lost = draw_roll([Cell(10, 0, 32), Cell(10, 8, 8)])
    assert (roll_to_cells(roll), lost) == (
        [Cell(10, 0, 8), Cell(10, 8, 8)],
        {"shortened": 1},
    )
    roll, lost = draw_roll([Cell(10, 0, 32), Cell(10, 0, 8)])
    assert (roll_to_cells(roll), lost) == ([Cell(10, 0, 32)], {"merged": 1})


def test_the_signal_keeps_repeated_notes_apart() -> None:
    """The GAN's signal leaves one silent column before a repeated note, and reads it back."""
    roll, _ = draw_roll([Cell(24, 0, 16), Cell(24, 16, 16), Cell(30, 0, 64)])
    signals = rolls_to_signals(roll[None])
    assert set(np.unique(signals)) == {-1.0, 1.0}
    assert signals[0, 24, 15] == -1
    assert signals[0, 30].min() == 1
    back = roll_to_cells(signals_to_rolls(signals)[0])
    assert back == [Cell(24, 0, 15), Cell(30, 0, 64), Cell(24, 16, 16)]


@given(cells())
@settings(deadline=None)
def test_what_a_gan_writes_is_read_once_and_for_all(notes: list[Cell]) -> None:
    """Bars in a GAN's form stay as they are when brought into it again."""
    roll, _ = draw_roll(notes)
    once = as_generated(roll[None])
    assert np.array_equal(as_generated(once), once)
    assert set(np.unique(once)) <= {0, HELD, ONSET}
