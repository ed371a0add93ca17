"""MIDI files written by the tests, event by event."""

from __future__ import annotations

import io
from collections.abc import Sequence

import mido

TICKS = 480


def on(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_on", note=note, velocity=90, time=time, channel=channel)


def off(note: int, time: int = 0, channel: int = 0) -> mido.Message:
    return mido.Message("note_off", note=note, velocity=0, time=time, channel=channel)


def metre(beats: int, unit: int, time: int = 0) -> mido.MetaMessage:
    return mido.MetaMessage("time_signature", numerator=beats, denominator=unit, time=time)


def midi(*tracks: Sequence[mido.Message], kind: int = 1) -> bytes:
    """A file of tracks at 480 ticks a quarter."""
    file = mido.MidiFile(
        type=kind, ticks_per_beat=TICKS, tracks=[mido.MidiTrack(track) for track in tracks]
    )
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()
