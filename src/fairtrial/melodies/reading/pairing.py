"""Notes from the ons and offs of a track."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from itertools import groupby
from operator import itemgetter

import mido

from fairtrial.melodies.reading.chunks import Timed
from fairtrial.melodies.reading.songs import Note

DRUM_CHANNEL = 10
_CLOSING_CONTROLS = (120, 123)  # all sound off, all notes off


def pair_notes(
    track: Timed, number: int, dropped: Counter[str], repairs: Counter[str]
) -> list[Note]:
    """Notes of one track: offs close the oldest note of their pitch, before ons of their tick.

    An off that finds no older note closes an on of its own tick that stands before it in the
    file: a note of zero length, dropped and counted. Every on is a note, or counted as dropped.

    Args:
        track: its messages.
        number: of the track.
        dropped: counts drums and zero_length are added here.
        repairs: counts hanging (closed at the track's end), overlaps (struck again while it
            sounds) and unmatched_off are added here.
    """
    pairing = _Pairing(number, dropped, repairs)
    heard = [
        (tick, message)
        for tick, message in track
        if message.type in ("note_on", "note_off", "control_change")
    ]
    for tick, messages in groupby(heard, key=itemgetter(0)):
        pairing.take(tick, [message for _, message in messages])
    pairing.end(track[-1][0] if track else 0)
    return pairing.notes


class _Pairing:
    """The notes that sound, and those that have ended."""

    def __init__(self, number: int, dropped: Counter[str], repairs: Counter[str]) -> None:
        self.notes: list[Note] = []
        self._number = number
        self._dropped = dropped
        self._repairs = repairs
        # channel -> pitch -> ticks at which notes that still sound began
        self._sounding: dict[int, dict[int, deque[int]]] = defaultdict(dict)

    def take(self, tick: int, messages: list[mido.Message]) -> None:
        """All messages of one tick."""
        waiting = []
        for message in messages:
            channel = message.channel + 1
            if message.type == "control_change":
                if message.control in _CLOSING_CONTROLS:
                    self._close_all(channel, tick)
            elif _is_on(message) or not self._close(channel, message.note, tick):
                waiting.append(message)
        for message in waiting:
            channel = message.channel + 1
            if _is_on(message):
                self._open(channel, message.note, tick)
            elif not self._close(channel, message.note, tick):
                self._repairs["unmatched_off"] += 1

    def end(self, tick: int) -> None:
        """Close what still sounds at the track's end."""
        for channel in sorted(self._sounding):
            if channel != DRUM_CHANNEL:
                open_notes = self._sounding[channel].values()
                self._repairs["hanging"] += sum(len(starts) for starts in open_notes)
            self._close_all(channel, tick)

    def _open(self, channel: int, pitch: int, tick: int) -> None:
        starts = self._sounding[channel].setdefault(pitch, deque())
        if starts and channel != DRUM_CHANNEL:
            self._repairs["overlaps"] += 1
        starts.append(tick)

    def _close(self, channel: int, pitch: int, tick: int) -> bool:
        """End the oldest note of a pitch; false where none sounds."""
        starts = self._sounding[channel].get(pitch)
        if not starts:
            return False
        start = starts.popleft()
        if not starts:
            del self._sounding[channel][pitch]
        if channel == DRUM_CHANNEL:
            self._dropped["drums"] += 1
        elif start == tick:
            self._dropped["zero_length"] += 1
        else:
            self.notes.append(Note(start, tick, pitch, self._number, channel))
        return True

    def _close_all(self, channel: int, tick: int) -> None:
        for pitch in sorted(self._sounding[channel]):
            while self._close(channel, pitch, tick):
                pass


def _is_on(message: mido.Message) -> bool:
    return bool(message.type == "note_on" and message.velocity > 0)
