"""Music as it stands in a file: notes in ticks, metres, tempos and texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from fairtrial.melodies.piano_roll import COLUMNS_PER_QUARTER, round_half_up

DEFAULT_TEMPO_BPM = 120.0


class Note(NamedTuple):
    """A sounding note: ticks from the start of its song, MIDI pitch 0..127.

    The channel is counted from 1, as on instruments; 0 where the file knows no channels.
    """

    start: int
    end: int
    pitch: int
    track: int
    channel: int


class Metre(NamedTuple):
    """A time signature in force from ``tick`` on."""

    tick: int
    beats: int
    unit: int


class Text(NamedTuple):
    """A marker or text event; ``kind`` is which of the two."""

    tick: int
    text: str
    kind: str


@dataclass(frozen=True)
class Song:
    """One piece of music: a file, or a part of a file that holds several.

    Args:
        name: the file's path; ``path#part`` where the file holds several songs.
        path: the file's path.
        ticks_per_quarter: the grid of every tick here.
        notes: pitched notes, ordered by start, pitch and end; drums are left out.
        metres: time signatures in order, the first at tick 0.
        tempos_bpm: (tick, beats a minute) in order; empty where the file states none.
        texts: marker and text events in order.
        track_names: track number -> name.
        end: last tick of the song.
        dropped: notes of the file that are not in ``notes``, by reason: drums, zero_length.
        repairs: what was mended or passed over, by kind.
    """

    name: str
    path: str
    ticks_per_quarter: int
    notes: tuple[Note, ...]
    metres: tuple[Metre, ...] = (Metre(0, 4, 4),)
    tempos_bpm: tuple[tuple[int, float], ...] = ()
    texts: tuple[Text, ...] = ()
    track_names: dict[int, str] = field(default_factory=dict)
    end: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)

    def column(self, tick: int) -> int:
        """The column (16 a quarter) of a tick or a number of ticks, rounded half up."""
        return round_half_up(tick * COLUMNS_PER_QUARTER, self.ticks_per_quarter)
