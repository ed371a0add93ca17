"""The embedded tunes: old melodies in the public domain, written down here note by note.

A bar is its chord, a colon and its notes: a letter, an octave (4 holds middle C) and, after a
dot, a length in sixteenths; 4, a quarter, where it is left out; ``r`` is a rest. All are written
in C and moved to the key of their title line, so that chord roots matter.
"""

from __future__ import annotations

import re

from fairtrial.core.records import Files
from fairtrial.melodies.midi_out import write_midi
from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER, GridNote
from fairtrial.melodies.reading.chords import ROOT_NAMES, parse_root

_COLUMNS_PER_SIXTEENTH = COLUMNS_PER_QUARTER // 4
_TOKEN = re.compile(r"([a-g]#?|r)(\d?)(?:\.(\d+))?$")
_STEPS = {"c": 0, "c#": 1, "d": 2, "d#": 3, "e": 4, "f": 5}
_STEPS |= {"f#": 6, "g": 7, "g#": 8, "a": 9, "a#": 10, "b": 11}

# file name -> (semitones above C, quarters a minute, bars)
TUNES: dict[str, tuple[int, float, str]] = {
    # Ludwig van Beethoven, 1824
    "ode_to_joy": (
        2,
        112.0,
        "C:e4 e4 f4 g4 | G:g4 f4 e4 d4 | C:c4 c4 d4 e4 | G:e4.6 d4.2 d4.8 | "
        "C:e4 e4 f4 g4 | G:g4 f4 e4 d4 | C:c4 c4 d4 e4 | C:d4.6 c4.2 c4.8 | "
        "G:d4 d4 e4 c4 | G:d4 e4.2 f4.2 e4 c4 | G:d4 e4.2 f4.2 e4 d4 | G:c4 d4 g3.8 | "
        "C:e4 e4 f4 g4 | G:g4 f4 e4 d4 | C:c4 c4 d4 e4 | C:d4.6 c4.2 c4.8",
    ),
    # French, 18th century
    "frere_jacques": (
        5,
        120.0,
        "C:c4 d4 e4 c4 | C:c4 d4 e4 c4 | C:e4 f4 g4.8 | C:e4 f4 g4.8 | "
        "C:g4.2 a4.2 g4.2 f4.2 e4 c4 | C:g4.2 a4.2 g4.2 f4.2 e4 c4 | G:c4 g3 c4.8 | G:c4 g3 c4.8",
    ),
    # French, 1761
    "twinkle_twinkle": (
        0,
        108.0,
        "C:c4 c4 g4 g4 | F:a4 a4 g4.8 | F:f4 f4 e4 e4 | G:d4 d4 c4.8 | "
        "C:g4 g4 f4 f4 | C:e4 e4 d4.8 | C:g4 g4 f4 f4 | C:e4 e4 d4.8 | "
        "C:c4 c4 g4 g4 | F:a4 a4 g4.8 | F:f4 f4 e4 e4 | G:d4 d4 c4.8",
    ),
    # English, 1744
    "london_bridge": (
        7,
        116.0,
        "C:g4.6 a4.2 g4 f4 | C:e4 f4 g4.8 | G:d4 e4 f4.8 | C:e4 f4 g4.8 | "
        "C:g4.6 a4.2 g4 f4 | C:e4 f4 g4.8 | G:d4.8 g4.8 | C:e4 c4.12",
    ),
    # Lowell Mason's setting, about 1830
    "mary_had_a_little_lamb": (
        4,
        120.0,
        "C:e4 d4 c4 d4 | C:e4 e4 e4.8 | G:d4 d4 d4.8 | C:e4 g4 g4.8 | "
        "C:e4 d4 c4 d4 | C:e4 e4 e4 e4 | G:d4 d4 e4 d4 | C:c4.16",
    ),
    # Traditional
    "old_macdonald": (
        7,
        126.0,
        "C:c4 c4 c4 g3 | F:a3 a3 g3.8 | C:e4 e4 d4 d4 | C:c4.12 g3 | "
        "C:c4 c4 c4 g3 | F:a3 a3 g3.8 | C:e4 e4 d4 d4 | C:c4.12 g3.2 g3.2 | "
        "C:c4 c4 c4 g3.2 g3.2 | C:c4 c4 c4.8 | C:c4.2 c4.2 c4 c4.2 c4.2 c4 | "
        "C:c4.2 c4.2 c4.2 c4.2 c4 c4 | C:c4 c4 c4 g3 | F:a3 a3 g3.8 | C:e4 e4 d4 d4 | C:c4.16",
    ),
    # James Lord Pierpont, 1857
    "jingle_bells": (
        5,
        140.0,
        "C:e4 e4 e4.8 | C:e4 e4 e4.8 | C:e4 g4 c4.6 d4.2 | C:e4.16 | "
        "F:f4 f4 f4.6 f4.2 | C:f4 e4 e4 e4.2 e4.2 | D:e4 d4 d4 e4 | G:d4.8 g4.8 | "
        "C:e4 e4 e4.8 | C:e4 e4 e4.8 | C:e4 g4 c4.6 d4.2 | C:e4.16 | "
        "F:f4 f4 f4.6 f4.2 | C:f4 e4 e4 e4.2 e4.2 | G:g4 g4 f4 d4 | C:c4.16",
    ),
    # Traditional
    "when_the_saints": (
        10,
        132.0,
        "C:r c4 e4 f4 | C:g4.16 | C:r c4 e4 f4 | C:g4.16 | C:r c4 e4 f4 | C:g4.8 e4.8 | "
        "C:c4.8 e4.8 | G:d4.16 | C:r e4 e4 d4 | C:c4.12 c4 | C:e4.8 g4.8 | F:g4 f4.12 | "
        "F:r r e4 f4 | C:g4.8 e4.8 | G:c4.8 d4.8 | C:c4.16",
    ),
    # Scots, 1799
    "auld_lang_syne": (
        5,
        96.0,
        "C:r.12 g3 | C:c4.6 b3.2 c4 e4 | G:d4.6 c4.2 d4 e4 | C:c4.6 c4.2 e4 g4 | F:a4.12 a4 | "
        "C:g4.6 e4.2 e4 c4 | G:d4.6 c4.2 d4 e4 | F:c4.6 a3.2 a3 g3 | C:c4.12 a4 | "
        "C:g4.6 e4.2 e4 c4 | G:d4.6 c4.2 d4 a4 | C:g4.6 e4.2 e4 g4 | F:a4.12 a4 | "
        "C:g4.6 e4.2 e4 c4 | G:d4.6 c4.2 d4 e4 | F:c4.6 a3.2 a3 g3 | C:c4.12 r",
    ),
    # Stephen Foster, 1848
    "oh_susanna": (
        2,
        124.0,
        "C:r.12 c4.2 d4.2 | C:e4 g4 g4.6 a4.2 | C:g4 e4 c4.6 d4.2 | C:e4 e4 d4 c4 | "
        "G:d4.12 c4.2 d4.2 | C:e4 g4 g4.6 a4.2 | C:g4 e4 c4.6 d4.2 | G:e4 e4 d4 d4 | C:c4.16 | "
        "F:f4.8 f4.8 | F:a4 a4.8 a4 | C:g4 g4 e4 c4 | G:d4.12 c4.2 d4.2 | "
        "C:e4 g4 g4.6 a4.2 | C:g4 e4 c4.6 d4.2 | G:e4 e4 d4 d4 | C:c4.16",
    ),
    # English and American, 18th century
    "yankee_doodle": (
        7,
        128.0,
        "C:c4 c4 d4 e4 | C:c4 e4 d4 g3 | C:c4 c4 d4 e4 | G:c4.8 b3.8 | "
        "C:c4 c4 d4 e4 | F:f4 e4 d4 c4 | G:b3 g3 a3 b3 | C:c4.8 c4.8 | "
        "F:a3.6 b3.2 a3 g3 | F:a3 b3 c4.8 | C:g3.6 a3.2 g3 f3 | C:e3.8 g3.8 | "
        "F:a3.6 b3.2 a3 g3 | F:a3 b3 c4 a3 | G:g3 c4 b3 d4 | C:c4.8 c4.8",
    ),
    # George R. Poulton, 1861
    "aura_lee": (
        9,
        84.0,
        "C:g3 c4 b3 c4 | D:d4 a3 d4.8 | G:c4 b3 a3 b3 | C:c4.16 | "
        "C:g3 c4 b3 c4 | D:d4 a3 d4.8 | G:c4 b3 a3 b3 | C:c4.16",
    ),
    # French, 18th century
    "au_clair_de_la_lune": (
        0,
        104.0,
        "C:c4 c4 c4 d4 | C:e4.8 d4.8 | C:c4 e4 d4 d4 | C:c4.16 | "
        "G:d4 d4 d4 d4 | D:a3.8 a3.8 | G:d4 c4 b3 a3 | G:g3.16 | "
        "C:c4 c4 c4 d4 | C:e4.8 d4.8 | C:c4 e4 d4 d4 | C:c4.16",
    ),
    # Traditional
    "this_old_man": (
        3,
        120.0,
        "C:g4 e4 g4.8 | C:g4 e4 g4.8 | F:a4 g4 f4 e4 | G:d4 e4 f4 e4.2 f4.2 | "
        "C:g4 c4 c4 c4 | C:c4.2 d4.2 e4.2 f4.2 g4.8 | G:g4 d4 d4 f4 | C:e4 d4 c4.8",
    ),
    # Traditional
    "skip_to_my_lou": (
        2,
        120.0,
        "C:e4 e4 c4 c4 | C:e4.2 e4.2 e4 g4.8 | G:d4 d4 b3 b3 | G:d4.2 d4.2 d4 f4.8 | "
        "C:e4 e4 c4 c4 | C:e4.2 e4.2 e4 g4.8 | G:d4 e4.2 f4.2 e4 d4 | C:c4.8 c4.8",
    ),
    # Piae Cantiones, 1582
    "good_king_wenceslas": (
        7,
        112.0,
        "C:c4 c4 c4 d4 | C:c4 c4 g3.8 | F:a3 g3 a3 b3 | C:c4.8 c4.8 | "
        "C:c4 c4 c4 d4 | C:c4 c4 g3.8 | F:a3 g3 a3 b3 | C:c4.8 c4.8 | "
        "C:g4 f4 e4 d4 | C:e4 d4 c4.8 | F:a3 g3 a3 b3 | C:c4.8 c4.8 | "
        "C:g3 g3 a3 b3 | C:c4 c4 d4.8 | C:g4 f4 e4 d4 | F:c4.8 f4.8 | C:c4.16",
    ),
    # Lowell Mason, 1839
    "joy_to_the_world": (
        2,
        108.0,
        "C:c5.8 b4.6 a4.2 | C:g4.12 f4 | C:e4.8 d4.8 | C:c4.12 g4 | F:a4.12 a4 | "
        "G:b4.12 b4 | C:c5.12 c5 | C:c5 b4 a4 g4 | C:g4.6 f4.2 e4 c5 | C:c5 b4 a4 g4 | "
        "C:g4.6 f4.2 e4 e4 | C:e4 e4 e4 e4.2 f4.2 | C:g4.12 f4.2 e4.2 | G:d4 d4 d4 d4.2 e4.2",
    ),
}


def draw_samples() -> Files:
    """The tunes as MIDI files in 4/4, chords as marker events."""
    return {f"{name}.mid": write_tune(name) for name in sorted(TUNES)}


def write_tune(name: str) -> bytes:
    """One tune of `TUNES` as the content of a MIDI file.

    Raises:
        ValueError: a bar is not four quarters long, or a note is misspelt.
    """
    shift, tempo_bpm, text = TUNES[name]
    notes: list[GridNote] = []
    markers = []
    for index, bar in enumerate(text.split("|")):
        chord, _, tokens = bar.strip().partition(":")
        root = parse_root(chord)
        if root is None:
            raise ValueError(f"{name}, bar {index + 1}: {chord!r} is no chord")
        markers.append((index * COLUMNS, ROOT_NAMES[(root + shift) % 12]))
        column = index * COLUMNS
        for token in tokens.split():
            pitch, length = _read_token(token, f"{name}, bar {index + 1}")
            if pitch is not None:
                notes.append(GridNote(pitch + shift, column, length))
            column += length
        if column != (index + 1) * COLUMNS:
            raise ValueError(f"{name}, bar {index + 1}: not four quarters long")
    return write_midi(notes, tempo_bpm, "melody", markers)


def _read_token(token: str, where: str) -> tuple[int | None, int]:
    match = _TOKEN.match(token)
    if match is None or (match[1] == "r") != (match[2] == ""):
        raise ValueError(f"{where}: {token!r} is no note")
    length = int(match[3] or 4) * _COLUMNS_PER_SIXTEENTH
    if match[1] == "r":
        return None, length
    return 12 * (int(match[2]) + 1) + _STEPS[match[1]], length
