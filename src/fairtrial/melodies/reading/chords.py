"""The chord root under a bar: from the file's name, its markers, its chord track or its key."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from fairtrial.melodies.reading.parts import Part
from fairtrial.melodies.reading.songs import Note, Song

ROOT_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Chord symbol of the major chord on each root 0..11; `parse_root` reads them."""

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ROOT = r"([A-G])([#b]?)"
# A chord symbol, so that a marker such as "Chorus" is not taken for one.
_SYMBOL = re.compile(
    _ROOT + r"(?:maj|min|dim|aug|sus|add|alter|omit|power|no|mi|ma|m|M|o|ø|\+|-|°|Δ|#|b|\d|[(), ])*"
    r"(?:/[A-G][#b-]?[ addomit#b\d]*)?$"
)
_LONGEST_SYMBOL = 40  # letters; longer texts are none, and would take long to tell
_SUFFIX = re.compile(rf"_{_ROOT}$")

# Probe-tone profiles of a major and a minor key. Source: Krumhansl and Kessler 1982, table 2.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])

Roots = list[tuple[int, int]]
"""(tick, root 0..11) in order: each root holds from its tick on, the first one also before."""


def find_roots(song: Song, chords: Part | None, sources: Sequence[str]) -> tuple[Roots, str]:
    """Chord roots of a song from the first source that has any.

    Args:
        song: the music.
        chords: the part that holds chords, if there is one.
        sources: of file_name (suffix ``_C``, ``_F#``), marker (chord symbols in marker or text
            events), chord_track, key (estimated from all pitched notes), in order of trust.

    Returns:
        The roots and the source they come from; root C and ``none`` where no source has any.
    """
    for source in sources:
        if source == "file_name":
            roots = _from_name(song.path)
        elif source == "marker":
            roots = _from_texts(song)
        elif source == "chord_track":
            roots = [] if chords is None else _from_part(song, chords)
        else:
            roots = estimate_key(song.notes)
        if roots:
            return roots, source
    return [(0, 0)], "none"


def root_at(roots: Roots, tick: float) -> int:
    """The root in force at ``tick``."""
    held = bisect_right(roots, (tick, len(ROOT_NAMES)))
    return roots[max(held - 1, 0)][1]


def parse_root(symbol: str) -> int | None:
    """Root 0..11 of a chord symbol such as ``Bbm7`` or ``C/E``; none if it is no chord symbol.

    A minus after the letter means minor, as on lead sheets. Files whose symbols write flats so
    (music21: ``B-7``) are better read by their chord track.
    """
    match = _SYMBOL.match(symbol.strip()) if len(symbol) <= _LONGEST_SYMBOL else None
    return _to_root(match) if match else None


def _to_root(match: re.Match[str]) -> int:
    return (_LETTERS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]) % 12


def _from_name(path: str) -> Roots:
    match = _SUFFIX.search(PurePosixPath(path).stem)
    return [(0, _to_root(match))] if match else []


def _from_texts(song: Song) -> Roots:
    """Roots of the markers, else of the texts, where most of them are chord symbols.

    Syllables of lyrics may look like chords ("A", "Do"), but not half of them do.
    """
    for kind in ("marker", "text"):
        texts = [text for text in song.texts if text.kind == kind and text.text.strip()]
        found = [(text.tick, parse_root(text.text)) for text in texts]
        roots = [(tick, root) for tick, root in found if root is not None]
        if roots and 2 * len(roots) >= len(texts):
            return roots
    return []


def _from_part(song: Song, part: Part) -> Roots:
    # Played chords are not struck at once: what begins in one column is one chord.
    chords: dict[int, list[Note]] = defaultdict(list)
    for note in song.notes:
        if part.holds(note):
            chords[song.column(note.start)].append(note)
    return [
        (notes[0].start, _block_root([note.pitch for note in notes]))
        for _, notes in sorted(chords.items())
    ]


def _block_root(pitches: list[int]) -> int:
    """Root of a block chord: of the triad found in it, the bass's first; else the bass."""
    classes = {pitch % 12 for pitch in pitches}
    bass = min(pitches) % 12
    # Perfect fifths first: E G C is C over E before it is E with a raised fifth.
    for third, fifth in ((4, 7), (3, 7), (3, 6), (4, 8)):
        for root in sorted(classes, key=lambda pitch_class: (pitch_class - bass) % 12):
            if {(root + third) % 12, (root + fifth) % 12} <= classes:
                return root
    return bass


def estimate_key(notes: Sequence[Note]) -> Roots:
    """Tonic of the key whose profile fits the notes' durations best; empty without notes.

    Source: the key-finding algorithm of Krumhansl and Schmuckler (Krumhansl 1990, chapter 4).
    """
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += note.end - note.start
    if not weights.any():
        return []
    if np.ptp(weights) == 0:  # no pitch stands out, so no key does
        return [(0, 0)]
    fits = [
        (float(np.corrcoef(np.roll(profile, tonic), weights)[0, 1]), -mode, -tonic)
        for mode, profile in enumerate((_MAJOR, _MINOR))
        for tonic in range(12)
    ]
    return [(0, -max(fits)[2])]
