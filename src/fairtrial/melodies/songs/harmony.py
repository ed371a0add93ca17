"""Chords and keys: which rows of a bar belong to its chord, and which to the scale of the song."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.descriptors import MAJOR_SCALE
from fairtrial.melodies.parameters import Song
from fairtrial.melodies.piano_roll import COLUMNS, ROWS, GridNote
from fairtrial.melodies.reading.chords import parse_root
from fairtrial.melodies.songs.bits import Bits

_TRIADS = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
}
_NATURAL_MINOR = (0, 2, 3, 5, 7, 8, 10)
_FIRST_CHORD_ROW = 12  # an octave below row 24, the root in the octave of middle C
_LOWEST_ACCOMPANIMENT = 48  # C3


@dataclass(frozen=True)
class Chord:
    """A triad.

    Args:
        symbol: such as Am.
        root: 0..11, C = 0.
        steps: its notes in semitones above the root.
    """

    symbol: str
    root: int
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Key:
    """A key: its tonic 0..11, C = 0, and whether it is minor (natural)."""

    tonic: int
    minor: bool

    @property
    def scale(self) -> frozenset[int]:
        """Pitch classes 0..11."""
        steps = _NATURAL_MINOR if self.minor else MAJOR_SCALE
        return frozenset((self.tonic + step) % 12 for step in steps)


@dataclass(frozen=True)
class Harmony:
    """What the melody of a song stands on.

    Args:
        chords: one a bar.
        key: of the whole song.
    """

    chords: tuple[Chord, ...]
    key: Key

    @property
    def roots(self) -> list[int]:
        """Root 0..11 of each bar."""
        return [chord.root for chord in self.chords]

    def chord_rows(self) -> Bits:
        """Rows of each bar's triad, uint64 (bars,): from the octave below row 24 upwards.

        Source: the authors' programme counts rows 24 + k, and those an octave from them.
        """
        return np.array(
            [
                _word(row for row in range(_FIRST_CHORD_ROW, ROWS) if row % 12 in chord.steps)
                for chord in self.chords
            ],
            np.uint64,
        )

    def scale_rows(self) -> Bits:
        """Rows of the key's scale in each bar, uint64 (bars,)."""
        return np.array(
            [
                _word(row for row in range(ROWS) if (row + chord.root) % 12 in self.key.scale)
                for chord in self.chords
            ],
            np.uint64,
        )

    def accompaniment(self) -> list[GridNote]:
        """Each chord, held for its bar, in the octave below middle C."""
        return [
            GridNote(_LOWEST_ACCOMPANIMENT + (chord.root + step) % 12, bar * COLUMNS, COLUMNS)
            for bar, chord in enumerate(self.chords)
            for step in chord.steps
        ]


def _word(rows: Iterable[int]) -> int:
    return sum(1 << row for row in rows)


def parse_chord(symbol: str) -> Chord:
    """A chord from its symbol: a letter, # or b, then nothing (major), m, dim, aug, sus2 or sus4.

    Raises:
        ConfigError: it is none of these.
    """
    letters = 2 if symbol[1:2] in ("#", "b") else 1
    root, quality = parse_root(symbol[:letters]), symbol[letters:]
    if root is None or quality not in _TRIADS:
        known = ", ".join(f"C{each}" for each in _TRIADS)
        raise ConfigError("optimize.chords", f"chords such as {known}", symbol, "Correct it.")
    return Chord(symbol, root, _TRIADS[quality])


def read_harmony(song: Song) -> Harmony:
    """The chord of each bar, and the key: the one asked for, else that of the first chord."""
    chords: Sequence[Chord] = [parse_chord(symbol) for symbol in song.chords]
    tonic = chords[0] if song.key is None else parse_chord(song.key)
    key = Key(tonic.root, minor=3 in tonic.steps)
    return Harmony(tuple(chords[bar % len(chords)] for bar in range(song.bars)), key)
