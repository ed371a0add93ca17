"""The score of a song says what sounds."""

from __future__ import annotations

import base64
import io
from itertools import pairwise

import mido
import numpy as np
import pytest
import verovio

from fairtrial.melodies.notation.score import write_mei, write_score
from fairtrial.melodies.notation.spelling import signature, spell
from fairtrial.melodies.notation.values import split_values, write_values
from fairtrial.melodies.parameters import Song
from fairtrial.melodies.piano_roll import COLUMNS, GridNote, bars_to_notes
from fairtrial.melodies.songs.bits import pack_bars, unpack_bars
from fairtrial.melodies.songs.harmony import Key, read_harmony
from tests.melodies.songs.support import tunes

C_MAJOR, A_MINOR = Key(0, minor=False), Key(9, minor=True)


def played(mei: str) -> list[GridNote]:
    """Notes of a score as another program plays them, on our grid."""
    toolkit = verovio.toolkit()
    assert toolkit.loadData(mei)
    file = mido.MidiFile(file=io.BytesIO(base64.b64decode(toolkit.renderToMIDI())))
    notes, sounding, tick = [], {}, 0
    for message in mido.merge_tracks(file.tracks):
        tick += message.time
        column = round(16 * tick / file.ticks_per_beat)
        if message.type == "note_on" and message.velocity:
            sounding[message.note] = column
        elif message.type in ("note_on", "note_off"):
            begin = sounding.pop(message.note)
            notes.append(GridNote(message.note, begin, column - begin))
    return sorted(notes, key=lambda note: (note.column, note.pitch))


@pytest.mark.parametrize("key", ["C", "Ebm", "F#"])
def test_another_program_plays_the_same_notes_from_the_score(key: str) -> None:
    """Whatever the key, all notes come back with pitch, onset and length, ties and chords too."""
    rng = np.random.default_rng(0)
    rolls = unpack_bars(pack_bars(tunes()[rng.integers(len(tunes()), size=12)]))
    rolls[3:6] = np.maximum(rolls[3:6], np.roll(rolls[6:9], 9, axis=2))  # chords, odd places
    harmony = read_harmony(Song(chords=("C", "F#m", "Bb"), bars=12, key=key))
    notes = bars_to_notes(unpack_bars(pack_bars(rolls)), harmony.roots)
    assert played(write_mei(notes, harmony, 100.0)) == notes


def test_thirds_of_a_beat_are_triplets() -> None:
    """Columns 0, 5 and 11 are three notes of a triplet; other music is not."""
    harmony = read_harmony(Song(chords=("C",), bars=1))
    notes = [GridNote(60, 0, 5), GridNote(62, 5, 6), GridNote(64, 11, 5), GridNote(60, 16, 48)]
    values = write_values(notes, 0)
    assert [(value.n, value.dots, value.triplet) for value in values] == [
        (8, 0, True),
        (8, 0, True),
        (8, 0, True),
        (2, 1, False),
    ]
    assert played(write_mei(notes, harmony, 100.0)) == notes


@pytest.mark.parametrize("length", range(1, COLUMNS + 1))
def test_any_stretch_of_a_bar_has_written_values(length: int) -> None:
    """They follow each other without a gap, and last as long."""
    for column in range(COLUMNS - length + 1):
        values = list(split_values(column, column + length))
        assert values[0][0] == column
        assert values[-1][1] == column + length
        assert all(one[1] == other[0] for one, other in pairwise(values))
        for begin, end, n, dots in values:
            assert end - begin == COLUMNS / n * (1.5 if dots else 1.0)


@pytest.mark.parametrize(
    ("key", "pitch", "name"),
    [
        (C_MAJOR, 60, ("C", 0, 4)),
        (C_MAJOR, 66, ("F", 1, 4)),
        (C_MAJOR, 70, ("B", -1, 4)),
        (A_MINOR, 68, ("G", 1, 4)),  # the leading note, never A flat
        (A_MINOR, 70, ("B", -1, 4)),
        (Key(2, minor=False), 61, ("C", 1, 4)),
        (Key(3, minor=False), 68, ("A", -1, 4)),
        (Key(11, minor=False), 71, ("B", 0, 4)),
        (Key(6, minor=False), 65, ("E", 1, 4)),  # E sharp in F sharp major
        (Key(1, minor=False), 66, ("G", -1, 4)),
        (Key(1, minor=False), 71, ("C", -1, 5)),  # C flat in D flat major
    ],
)
def test_pitches_are_spelled_in_their_key(key: Key, pitch: int, name: tuple[str, int, int]) -> None:
    """As a musician writes them."""
    assert spell(pitch, key) == name


def test_signatures_are_those_of_the_circle_of_fifths() -> None:
    """C none, G one sharp, F one flat, their relative minors alike; none has more than six."""
    sharps = [signature(Key(tonic, minor=False)) for tonic in range(12)]
    assert sharps == [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5]
    for tonic in range(12):
        assert signature(Key((tonic + 9) % 12, minor=True)) == sharps[tonic]


def test_the_same_song_has_the_same_score() -> None:
    """Byte for byte, with every chord above its bar."""
    harmony = read_harmony(Song(chords=("C", "F#dim"), bars=2))
    notes = [GridNote(60, 0, 64), GridNote(66, 64, 64)]
    svg = write_score(notes, harmony, 90.0)
    assert svg == write_score(notes, harmony, 90.0)
    assert svg.startswith(b"<svg")
    for text in (b"F#dim", b"90 bpm"):
        assert text in svg
