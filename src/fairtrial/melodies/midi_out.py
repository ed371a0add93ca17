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
    # At equal ticks: texts, then ends, then onsets, so that a repeated note is struck again.
    events: list[tuple[int, int, int, mido.Message]] = []
    for column, text in markers:
        message = mido.MetaMessage("marker", text=text)
        events.append((column * _TICKS_PER_COLUMN, 0, 0, message))
    for pitch, column, length in notes:
        on = mido.Message("note_on", note=pitch, velocity=_VELOCITY)
        off = mido.Message("note_off", note=pitch, velocity=0)
        events.append((column * _TICKS_PER_COLUMN, 2, pitch, on))
        events.append(((column + length) * _TICKS_PER_COLUMN, 1, pitch, off))
    track = mido.MidiTrack(
        [
            mido.MetaMessage("track_name", name=name),
            mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo_bpm)),
            mido.MetaMessage("time_signature", numerator=4, denominator=4),
        ]
    )
    before = 0
    for tick, _, _, message in sorted(events, key=lambda event: event[:3]):
        track.append(message.copy(time=tick - before))
        before = tick
    file = mido.MidiFile(type=0, ticks_per_beat=TICKS_PER_QUARTER, tracks=[track])
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()
