"""Writing melodies as standard MIDI files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import mido

from fairtrial.core.errors import DataError
from fairtrial.melodies.piano_roll import COLUMNS_PER_QUARTER, GridNote

TICKS_PER_QUARTER = 480
CHORDS = "chords"
"""Name of the track that holds an accompaniment."""

_TICKS_PER_COLUMN = TICKS_PER_QUARTER // COLUMNS_PER_QUARTER
_MELODY_VELOCITY, _CHORD_VELOCITY = 90, 60
_LONGEST_US = 2**24 - 1  # a tempo event holds microseconds a quarter in three bytes


class Melody(NamedTuple):
    """What a MIDI file of ours holds; the arguments of `write_midi`."""

    notes: tuple[GridNote, ...]
    tempo_bpm: float = 120.0
    name: str = "melody"
    markers: tuple[tuple[int, str], ...] = ()
    accompaniment: tuple[GridNote, ...] = ()


Clips = dict[str, Melody | bytes]
"""Relative POSIX path -> a melody where it ends in .mid, the content of any other file."""


def write_midi(
    notes: Iterable[GridNote],
    tempo_bpm: float,
    name: str,
    markers: Sequence[tuple[int, str]] = (),
    accompaniment: Iterable[GridNote] = (),
) -> bytes:
    """A file in 4/4 with one melody: of type 0, or of type 1 with its chords on a second track.

    Args:
        notes: pitch 0..127, columns (16 a quarter) from the start, lengths of 1 column or more.
        tempo_bpm: quarters a minute, 3.6 or more.
        name: of the track, any text; written as UTF-8.
        markers: (column, text), such as chord symbols.
        accompaniment: notes of a softer second track, named `CHORDS`, on the second channel.

    Returns:
        The file's content, the same bytes for the same notes.

    Raises:
        DataError: a tempo or a note that no MIDI file can hold.
    """
    tempo = round(60e6 / tempo_bpm)
    if not 0 < tempo <= _LONGEST_US:
        rule = f"a tempo of {60e6 / _LONGEST_US:.1f} quarters a minute or more"
        raise DataError(f"melody {name!r}", rule, tempo_bpm, "Set another tempo.")
    head = [
        mido.MetaMessage("track_name", name=name),
        mido.MetaMessage("set_tempo", tempo=tempo),
        mido.MetaMessage("time_signature", numerator=4, denominator=4),
    ]
    tracks = [mido.MidiTrack(head + _events(notes, 0, _MELODY_VELOCITY, name, markers))]
    chords = list(accompaniment)
    if chords:
        named = [mido.MetaMessage("track_name", name=CHORDS)]
        tracks.append(mido.MidiTrack(named + _events(chords, 1, _CHORD_VELOCITY, name)))
    file = mido.MidiFile(
        type=len(tracks) - 1, ticks_per_beat=TICKS_PER_QUARTER, tracks=tracks, charset="utf-8"
    )
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _events(
    notes: Iterable[GridNote],
    channel: int,
    velocity: int,
    name: str,
    markers: Sequence[tuple[int, str]] = (),
) -> list[mido.Message]:
    """Messages of one track, each with the ticks since the one before."""
    # At equal columns: texts, then ends, then onsets, so that a repeated note is struck again.
    events: list[tuple[int, int, int | str]] = [(column, 0, text) for column, text in markers]
    for note in notes:
        if not (0 <= note.pitch <= 127 and note.column >= 0 and note.length >= 1):
            rule = "notes of pitch 0..127 from column 0 on, a column long or more"
            raise DataError(f"melody {name!r}", rule, note, "Mend what made the melody.")
        pitch, column, length = note
        events += [(column, 2, pitch), (column + length, 1, pitch)]
    messages = []
    before = 0
    for column, kind, value in sorted(events, key=lambda event: (event[0], event[1])):
        ticks = (column - before) * _TICKS_PER_COLUMN
        before = column
        if kind == 0:
            message = mido.MetaMessage("marker", text=value, time=ticks)
        elif kind == 1:
            message = mido.Message("note_off", note=value, velocity=0, time=ticks, channel=channel)
        else:
            message = mido.Message(
                "note_on", note=value, velocity=velocity, time=ticks, channel=channel
            )
        messages.append(message)
    return messages
