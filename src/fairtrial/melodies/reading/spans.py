"""The stretches of one metre in a song, and where a tick falls in them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER
from fairtrial.melodies.reading.songs import Metre, Song

PICKUP = "pickup"


@dataclass(frozen=True)
class Span:
    """A stretch of one metre, or the pickup.

    Args:
        song: whose it is.
        start: its first tick.
        stop: the tick after it.
        bar_columns: columns of one of its bars.
        excluded: why none of its bars is used; empty where they are.
        last: whether the song ends with it.
    """

    song: Song
    start: int
    stop: int
    bar_columns: int
    excluded: str
    last: bool

    @property
    def columns(self) -> int:
        """Its length."""
        return self.column(self.stop)

    def column(self, tick: int) -> int:
        """Column of a tick, counted from the span's start, rounded half up."""
        return self.song.column(tick - self.start)

    def tick(self, bar: int) -> int:
        """Where a bar of the span starts, counted from 0."""
        per_bar = self.bar_columns * self.song.ticks_per_quarter
        return self.start + bar * per_bar // COLUMNS_PER_QUARTER


def find_spans(song: Song, ingest: Ingest, offset_ticks: int, end: int) -> list[Span]:
    """Spans of a song in order, from its first tick to the end of its melody.

    Bars of four quarters (4/4, 2/2, 8/8) fill a roll. Others are excluded, or used and padded
    with silence where ``other_metres`` is ``pad`` and they are shorter.

    Args:
        song: the music.
        ingest: the study's parameters.
        offset_ticks: length of the pickup before the first bar line.
        end: last tick of the melody.
    """
    first = song.metres[0]
    found = []
    if offset_ticks:
        found.append(Span(song, 0, min(offset_ticks, end), _bar_columns(first), PICKUP, False))
    metres = [metre._replace(tick=max(metre.tick, offset_ticks)) for metre in song.metres]
    stops = [metre.tick for metre in metres[1:]] + [end]
    for metre, stop in zip(metres, (min(stop, end) for stop in stops), strict=True):
        columns = _bar_columns(metre)
        fits = columns == COLUMNS or (ingest.other_metres == "pad" and columns < COLUMNS)
        excluded = "" if fits else f"metre {metre.beats}/{metre.unit}"
        span = Span(song, metre.tick, stop, columns, excluded, stop == end)
        if stop > metre.tick and (span.columns or span.last):
            found.append(span)
    return found


def home_of(spans: list[Span], tick: int) -> int:
    """Index of the span in which a note that begins at ``tick`` is drawn.

    A note that starts less than half a column before a span is its first, as it is within a bar.
    """
    half = spans[0].song.ticks_per_quarter
    scaled = 2 * COLUMNS_PER_QUARTER * tick + half
    return max(bisect_right(spans, scaled, key=lambda s: 2 * COLUMNS_PER_QUARTER * s.start) - 1, 0)


def _bar_columns(metre: Metre) -> int:
    # Whole for every unit up to a 64th.
    return 4 * COLUMNS_PER_QUARTER * metre.beats // metre.unit
