"""Chorales on a grid: JSON of voices and steps, as the JSB chorales are handed round.

A file is a list of songs, or an object of such lists (``train``, ``valid``, ``test``). A song is a
list of steps; a step lists one MIDI pitch a voice, -1 for a rest. The form cannot tell a repeated
note from a held one: equal pitches in a row are one note. It knows no metre: bars are in 4/4.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from fairtrial.core.errors import DataError
from fairtrial.melodies.reading.songs import Note, Song

# Caps: ten times the whole collection of 382 chorales.
MAX_BYTES = 20 * 2**20
MAX_STEPS = 20_000  # of one song
MAX_VOICES = 16
REST = -1
_REMEDY = "Give each song as steps of one MIDI pitch a voice, -1 for a rest."


def read_grid_json(data: bytes, path: str, steps_per_quarter: int) -> list[Song]:
    """The songs of a file, one voice a track.

    Args:
        data: content of the file.
        path: the file's path, for messages; songs are named ``path#train_0`` and so on.
        steps_per_quarter: 4 where a step is a sixteenth.

    Raises:
        DataError: naming the file, the song, the step and the rule.
    """
    if len(data) > MAX_BYTES:
        raise DataError(path, f"at most {MAX_BYTES} bytes", len(data), "Split the file.")
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        seen = f"{type(error).__name__}: {error}"
        raise DataError(path, "JSON", seen, _REMEDY) from error
    parts = content if isinstance(content, dict) else {"": content}
    songs = []
    for part, listed in sorted(parts.items()):
        if not isinstance(listed, list):
            raise DataError(f"{path}, {part}", "a list of songs", type(listed).__name__, _REMEDY)
        for index, steps in enumerate(listed):
            name = f"{path}#{part}_{index}" if part else f"{path}#{index}"
            songs.append(_build_song(_check_steps(steps, name), name, path, steps_per_quarter))
    return songs


def _check_steps(steps: Any, name: str) -> list[list[int]]:
    if not isinstance(steps, list):
        raise DataError(name, "a list of steps", type(steps).__name__, _REMEDY)
    if len(steps) > MAX_STEPS:
        raise DataError(name, f"at most {MAX_STEPS} steps", len(steps), "Split the song.")
    voices = len(steps[0]) if steps and isinstance(steps[0], list) else 0
    for number, step in enumerate(steps):
        sound = (
            isinstance(step, list)
            and len(step) == voices <= MAX_VOICES
            and all(type(pitch) is int and REST <= pitch <= 127 for pitch in step)
        )
        if not sound:
            rule = f"a pitch of {REST}..127 for each of {voices} voices ({MAX_VOICES} at most)"
            raise DataError(f"{name}, step {number}", rule, f"{step!r:.100}", _REMEDY)
    return steps


def _build_song(steps: list[list[int]], name: str, path: str, steps_per_quarter: int) -> Song:
    notes = []
    for voice, pitches in enumerate(zip(*steps, strict=True)):
        start = 0
        for pitch, held in groupby(pitches):
            end = start + sum(1 for _ in held)
            if pitch != REST:
                notes.append(Note(start, end, pitch, voice, 0))
            start = end
    return Song(
        name=name,
        path=path,
        ticks_per_quarter=steps_per_quarter,
        notes=tuple(sorted(notes, key=lambda note: (note.start, note.pitch, note.end))),
        end=len(steps),
    )
