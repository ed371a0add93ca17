"""Writing melodies as standard MIDI files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import mido

from fairtrial.melodies.piano_roll import COLUMNS_PER_QUARTER, GridNote

TICKS_PER_QUARTER = 480
_TICKS_PER_COLUMN = TICKS_PER_QUARTER // COLUMNS_PER_QUARTER
_VELOCITY = 90


def write_midi(
    notes: Iterable[GridNote],
    tempo_bpm: float,
    name: str,
    markers: Sequence[tuple[int, str]] = (),
) -> bytes:
    """A type 0 file in 4/4 with one melody.

    Args:
        notes: pitch 0..127, columns (16 a quarter) from the start.
        tempo_bpm: quarters a minute.
        name: of the track, Latin-1 text.
        markers: (column, text), such as chord symbols.

    Returns:
        The file's content, the same bytes for the same notes.
    """
    # At equal columns: texts, then ends, then onsets, so that a repeated note is struck again.
    events: list[tuple[int, int, int | str]] = [(column, 0, text) for column, text in markers]
    for pitch, column, length in notes:
        events += [(column, 2, pitch), (column + length, 1, pitch)]
    track = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name=name),
            mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo_bpm)),
            mido.MetaMessage("time_signature", numerator=4, denominator=4),
        ]
    )
    before = 0
    for column, kind, value in sorted(events, key=lambda event: (event[0], event[1])):
        ticks = (column - before) * _TICKS_PER_COLUMN
        before = column
        if kind == 0:
            message = mido.MetaMessage("marker", text=value, time=ticks)
        elif kind == 1:
            message = mido.Message("note_off", note=value, velocity=0, time=ticks)
        else:
            message = mido.Message("note_on", note=value, velocity=_VELOCITY, time=ticks)
        track.append(message)
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()
