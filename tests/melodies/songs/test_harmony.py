"""Chords and keys, and their rows."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.parameters import Song
from fairtrial.melodies.piano_roll import COLUMNS, ROWS, row_to_pitch
from fairtrial.melodies.songs.bits import Bits
from fairtrial.melodies.songs.harmony import parse_chord, read_harmony


def rows_of(words: Bits, bar: int) -> list[int]:
    return [row for row in range(ROWS) if int(words[bar]) >> row & 1]


@pytest.mark.parametrize(
    ("symbol", "root", "steps"),
    [
        ("C", 0, (0, 4, 7)),
        ("Am", 9, (0, 3, 7)),
        ("F#dim", 6, (0, 3, 6)),
        ("Bbaug", 10, (0, 4, 8)),
        ("Gsus4", 7, (0, 5, 7)),
        ("Dbsus2", 1, (0, 2, 7)),
    ],
)
def test_a_symbol_is_a_root_and_a_triad(symbol: str, root: int, steps: tuple[int, ...]) -> None:
    """Letter, sharp or flat, quality."""
    chord = parse_chord(symbol)
    assert (chord.root, chord.steps) == (root, steps)


@pytest.mark.parametrize("symbol", ["H", "C7", "", "m", "Cmaj"])
def test_another_symbol_is_refused(symbol: str) -> None:
    """One error that names the chords there are."""
    with pytest.raises(ConfigError, match="Csus4"):
        parse_chord(symbol)


def test_triad_rows_are_those_about_row_24() -> None:
    """Rows 24 + k of the triad, an octave below and above; whatever the root is."""
    harmony = read_harmony(Song(chords=("C", "Am"), bars=2))
    assert rows_of(harmony.chord_rows(), 0) == [12, 16, 19, 24, 28, 31, 36, 40, 43]
    assert rows_of(harmony.chord_rows(), 1) == [12, 15, 19, 24, 27, 31, 36, 39, 43]


def test_scale_rows_are_the_white_keys_in_c() -> None:
    """Under every chord of C major the pitches are those of C major."""
    harmony = read_harmony(Song(chords=("C", "Am", "F", "G"), bars=4))
    for bar, root in enumerate(harmony.roots):
        pitches = {row_to_pitch(row, root) % 12 for row in rows_of(harmony.scale_rows(), bar)}
        assert pitches == {0, 2, 4, 5, 7, 9, 11}


def test_the_key_is_that_of_the_first_chord_or_the_one_asked_for() -> None:
    """A minor has the white keys too; E minor one sharp."""
    assert read_harmony(Song(chords=("Am", "F"), bars=2)).key.scale == {0, 2, 4, 5, 7, 9, 11}
    asked = read_harmony(Song(chords=("Am", "F"), bars=2, key="Em")).key
    assert (asked.tonic, asked.minor) == (4, True)
    assert asked.scale == {4, 6, 7, 9, 11, 0, 2}


def test_a_progression_is_repeated_to_the_length_of_the_song() -> None:
    """Seven bars of C Am F G end on F; each chord sounds under its whole bar."""
    harmony = read_harmony(Song(chords=("C", "Am", "F", "G"), bars=7))
    assert [chord.symbol for chord in harmony.chords] == ["C", "Am", "F", "G", "C", "Am", "F"]
    notes = harmony.accompaniment()
    assert {note.length for note in notes} == {COLUMNS}
    last = {note.pitch % 12 for note in notes if note.column == 6 * COLUMNS}
    assert last == {5, 9, 0}
    assert all(48 <= note.pitch < 60 for note in notes)
    assert np.ptp([note.column for note in notes]) == 6 * COLUMNS
