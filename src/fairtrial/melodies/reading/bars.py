"""Cutting a song into bars: its melody track, its metres, the chord root under each bar."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    ROWS,
    Cell,
    Roll,
    draw_roll,
    fold_row,
    pitch_to_row,
    round_half_up,
)
from fairtrial.melodies.reading.chords import Roots, find_chord_track, find_roots, root_at
from fairtrial.melodies.reading.midi import Note, Song


@dataclass(frozen=True)
class Bar:
    """A bar, or a span of the song that gave none.

    Args:
        number: counted from 1 over the song's bars and spans.
        tick: where it starts.
        root: chord root 0..11.
        roll: uint8 (48, 64); none where it is excluded.
        excluded: why it gave no roll; empty for a used bar.
        counts: notes, out_of_range, merged: its notes, those outside the rows, those lost to
            another note of their row in the same column.
    """

    number: int
    tick: int
    root: int
    roll: Roll | None
    excluded: str = ""
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class CutSong:
    """The bars of a song and how they were found.

    Args:
        bars: in order, excluded spans among them.
        root_source: file_name, marker, chord_track, key or none.
        track: number of the melody's track; none where all were read.
        grid_error: mean and maximum distance of an onset or end from the grid, in columns.
    """

    bars: list[Bar]
    root_source: str
    track: int | None
    grid_error: tuple[float, float]


def cut_song(song: Song, parameters: Ingest, bar_offset_quarters: float) -> CutSong:
    """Cut a song into bars of 64 columns.

    A note across a bar line goes on in the next bar as a held one. Bars at a metre whose bar is
    four quarters (4/4, 2/2, 8/8) fill a roll; others are excluded as one span, or padded with
    silence where ``other_metres`` is ``pad`` and they are shorter.

    Args:
        song: the music.
        parameters: the study's ingest parameters.
        bar_offset_quarters: length of the pickup before the first bar line.

    Raises:
        DataError: the track asked for is not there.
    """
    chord_track = find_chord_track(song)
    track = _choose_track(song, parameters, chord_track)
    notes = [note for note in song.notes if track is None or note.track == track]
    roots, source = find_roots(song, chord_track, parameters.chord_root)
    bars: list[Bar] = []
    end = max((note.end for note in notes), default=0)
    start = round(bar_offset_quarters * song.ticks_per_quarter)
    if start and any(note.start < start for note in notes):
        bars.append(Bar(1, 0, root_at(roots, 0), None, "pickup"))
    metres = [metre._replace(tick=max(metre.tick, start)) for metre in song.metres]
    for index, metre in enumerate(metres):
        stop = metres[index + 1].tick if index + 1 < len(metres) else end
        stop = min(stop, end)
        if stop <= metre.tick:
            continue
        length = 4 * COLUMNS_PER_QUARTER * metre.beats / metre.unit
        fits = length == COLUMNS or (parameters.other_metres == "pad" and length < COLUMNS)
        if not fits:
            reason = f"metre {metre.beats}/{metre.unit}"
            bars.append(Bar(len(bars) + 1, metre.tick, root_at(roots, metre.tick), None, reason))
            continue
        last = index + 1 == len(metres) or stop == end
        span = _Span(metre.tick, stop, int(length), last, song.ticks_per_quarter)
        bars += _cut_span(notes, span, roots, parameters.out_of_range, len(bars) + 1)
    return CutSong(bars, source, track, _grid_error(notes, start, song.ticks_per_quarter))


def _choose_track(song: Song, parameters: Ingest, chord_track: int | None) -> int | None:
    pitches: dict[int, list[int]] = {}
    for note in song.notes:
        pitches.setdefault(note.track, []).append(note.pitch)
    if parameters.track == "all":
        return None
    if isinstance(parameters.track, int):
        if parameters.track not in pitches:
            known = ", ".join(str(number) for number in sorted(pitches)) or "none"
            raise DataError(
                song.name,
                f"notes on track {parameters.track}",
                f"notes on track {known}",
                "Set ingest.track to one of them, or to auto.",
            )
        return parameters.track
    named = [n for n in sorted(pitches) if "melody" in song.track_names.get(n, "").lower()]
    if named:
        return named[0]
    candidates = [n for n in pitches if n != chord_track] or list(pitches)
    by_height = {n: sum(pitches[n]) / len(pitches[n]) for n in candidates}
    return max(sorted(by_height), key=lambda n: by_height[n], default=None)


@dataclass(frozen=True)
class _Span:
    """A stretch of one metre: ticks, columns a bar, and whether the song ends with it."""

    start: int
    stop: int
    columns: int
    last: bool
    ticks_per_quarter: int

    def column(self, tick: int) -> int:
        """Column of a tick, counted from the span's start, rounded half up."""
        return round_half_up((tick - self.start) * COLUMNS_PER_QUARTER, self.ticks_per_quarter)

    def tick(self, bar: int) -> int:
        """Where a bar of the span starts."""
        return self.start + bar * self.columns * self.ticks_per_quarter // COLUMNS_PER_QUARTER


def _cut_span(
    notes: list[Note], span: _Span, roots: Roots, out_of_range: str, first: int
) -> list[Bar]:
    total = span.column(span.stop)
    if span.last:  # a last note of less than a column still takes one
        total = max([total, *(span.column(note.start) + 1 for note in notes)])
    number_of_bars = ceil(total / span.columns)
    by_bar: list[list[tuple[int, Cell]]] = [[] for _ in range(number_of_bars)]
    for note in notes:
        onset = span.column(note.start)
        end = max(span.column(note.end), onset + 1)
        for bar in range(max(onset, 0) // span.columns, ceil(end / span.columns)):
            if bar >= number_of_bars:
                break
            left = max(onset, bar * span.columns)
            right = min(end, (bar + 1) * span.columns)
            column = left - bar * span.columns
            by_bar[bar].append((note.pitch, Cell(0, column, right - left, left == onset)))
    bars = []
    for index, placed in enumerate(by_bar):
        tick = span.tick(index)
        root = root_at(roots, tick)
        if not span.last and (index + 1) * span.columns > total:
            bars.append(Bar(first + index, tick, root, None, "cut by a change of metre"))
        else:
            bars.append(_draw_bar(placed, root, tick, first + index, out_of_range))
    return bars


def _draw_bar(
    placed: list[tuple[int, Cell]], root: int, tick: int, number: int, out_of_range: str
) -> Bar:
    counts: Counter[str] = Counter()
    cells = []
    for pitch, cell in placed:
        row = pitch_to_row(pitch, root)
        counts["notes"] += cell.begins
        if not 0 <= row < ROWS:
            counts["out_of_range"] += 1
            if out_of_range == "drop":
                continue
            row = fold_row(row)
        cells.append(cell._replace(row=row))
    if counts["out_of_range"] and out_of_range == "reject":
        return Bar(number, tick, root, None, "note out of range", counts)
    if not cells:
        reason = "only notes out of range" if counts["out_of_range"] else "silent"
        return Bar(number, tick, root, None, reason, counts)
    roll, counts["merged"] = draw_roll(cells)
    return Bar(number, tick, root, roll, "", counts)


def _grid_error(notes: list[Note], start: int, ticks_per_quarter: int) -> tuple[float, float]:
    errors = []
    for note in notes:
        for tick in (note.start, note.end):
            exact = (tick - start) * COLUMNS_PER_QUARTER / ticks_per_quarter
            errors.append(abs(exact - round(exact)))
    return (sum(errors) / len(errors), max(errors)) if errors else (0.0, 0.0)
