"""The chord root under a bar: from the file's name, its markers, its chord track or its key."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from fairtrial.melodies.reading.midi import Note, Song

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ROOT = r"([A-G])([#b]?)"
# A chord symbol, so that a marker such as "Chorus" is not taken for one.
_SYMBOL = re.compile(
    _ROOT + r"(?:maj|min|dim|aug|sus|add|alter|omit|power|no|mi|ma|m|M|o|ø|\+|-|°|Δ|#|b|\d|[(), ])*"
    r"(?:/[A-G][#b-]?[ addomit#b\d]*)?$"
)
_SUFFIX = re.compile(rf"_{_ROOT}$")

# Probe-tone profiles of a major and a minor key. Source: Krumhansl and Kessler 1982, table 2.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])

Roots = list[tuple[int, int]]
"""(tick, root 0..11) in order: each root holds from its tick on, the first one also before."""


def find_roots(song: Song, chord_track: int | None, sources: Sequence[str]) -> tuple[Roots, str]:
    """Chord roots of a song from the first source that has any.

    Args:
        song: the music; ``song.name`` ends in the file's name.
        chord_track: number of the track that holds block chords, if there is one.
        sources: of file_name (suffix ``_C``, ``_F#``), marker (chord symbols in marker or text
            events), chord_track, key (estimated from all pitched notes), in order of trust.

    Returns:
        The roots and the source they come from; root C and ``none`` where no source has any.
    """
    for source in sources:
        if source == "file_name":
            roots = _from_name(song.name)
        elif source == "marker":
            roots = _from_texts(song)
        elif source == "chord_track":
            roots = [] if chord_track is None else _from_track(song, chord_track)
        else:
            roots = estimate_key(song.notes)
        if roots:
            return roots, source
    return [(0, 0)], "none"


def root_at(roots: Roots, tick: float) -> int:
    """The root in force at ``tick``."""
    held = [root for start, root in roots if start <= tick]
    return held[-1] if held else roots[0][1]


def parse_root(symbol: str) -> int | None:
    """Root 0..11 of a chord symbol such as ``Bbm7`` or ``C/E``; none if it is no chord symbol.

    A minus after the letter means minor, as on lead sheets. Files whose symbols write flats so
    (music21: ``B-7``) are better read by their chord track.
    """
    match = _SYMBOL.match(symbol.strip())
    return _to_root(match) if match else None


def _to_root(match: re.Match[str]) -> int:
    return (_LETTERS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]) % 12


def _from_name(name: str) -> Roots:
    match = _SUFFIX.search(PurePosixPath(name.split("#")[0] if ".mid#" in name else name).stem)
    return [(0, _to_root(match))] if match else []


def _from_texts(song: Song) -> Roots:
    found = [(text.tick, parse_root(text.text)) for text in song.texts]
    return [(tick, root) for tick, root in found if root is not None]


def _from_track(song: Song, track: int) -> Roots:
    chords: dict[int, list[int]] = defaultdict(list)
    for note in song.notes:
        if note.track == track:
            chords[note.start].append(note.pitch)
    return [(tick, _block_root(pitches)) for tick, pitches in sorted(chords.items())]


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


def find_chord_track(song: Song) -> int | None:
    """The track that holds block chords: one so named, else one with three notes at most onsets."""
    by_track: dict[int, Counter[int]] = defaultdict(Counter)
    for note in song.notes:
        by_track[note.track][note.start] += 1
    for number in sorted(by_track):
        if "chord" in song.track_names.get(number, "").lower():
            return number
    for number, onsets in sorted(by_track.items()):
        if len(by_track) > 1 and np.median(list(onsets.values())) >= 3:
            return number
    return None


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
