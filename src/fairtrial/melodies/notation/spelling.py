"""Names of pitches in a key: F sharp in G major is G flat in D flat major.

Names stand in a line of fifths, ... Bb F C G D A E B F# ...; a key takes twelve about its own
seven: a major one from its flat sixth to its raised first, a minor one from its flat second to its
raised seventh.
"""

from __future__ import annotations

from typing import NamedTuple

from fairtrial.melodies.songs.harmony import Key

_LETTERS = "FCGDAEB"  # in fifths; C is place 0 of the line, so a letter is (place + 1) mod 7
_MOST_SHARPS = 6
_LOWEST_MAJOR, _LOWEST_MINOR = -4, -3  # from the place of the major key of the same signature


class Name(NamedTuple):
    """A pitch as it is written: letter, sharps (flats below 0), octave (middle C begins 4)."""

    letter: str
    sharps: int
    octave: int


def signature(key: Key) -> int:
    """Sharps of the key's signature, flats below 0: -5 to 6."""
    major = key.tonic + 3 if key.minor else key.tonic
    place = 7 * major % 12
    return place if place <= _MOST_SHARPS else place - 12


def signed_letters(sharps: int) -> dict[str, int]:
    """What a signature says of each letter: 1 sharp, -1 flat, 0 neither."""
    raised = _LETTERS[: max(sharps, 0)]
    lowered = _LETTERS[::-1][: max(-sharps, 0)]
    return {letter: (letter in raised) - (letter in lowered) for letter in _LETTERS}


def spell(pitch: int, key: Key) -> Name:
    """The name of a MIDI pitch in a key."""
    lowest = signature(key) + (_LOWEST_MINOR if key.minor else _LOWEST_MAJOR)
    place = lowest + (7 * pitch - lowest) % 12
    letter, alter = _LETTERS[(place + 1) % 7], (place + 1) // 7
    return Name(letter, alter, (pitch - alter) // 12 - 1)
