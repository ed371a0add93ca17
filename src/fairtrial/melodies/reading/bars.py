"""Cutting a song into bars: its melody, its metres, the chord root under each bar.

Every note of the melody belongs to one bar, or to a span that gave none: that of its onset. There
it is kept, or counted with the reason for which it is not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
)
from fairtrial.melodies.reading.chords import Roots, find_roots, root_at
from fairtrial.melodies.reading.parts import Part, choose_melody, find_chords
from fairtrial.melodies.reading.songs import Note, Song
from fairtrial.melodies.reading.spans import PICKUP, Span, find_spans, home_of

# Caps of one song, which a few crafted events could pass otherwise.
MAX_BARS = 10_000
MAX_HELD_BARS = 200_000  # over which all its notes sound


@dataclass(frozen=True)
class Bar:
    """A bar, or a span of the song that gave none.

    Args:
        number: as musicians count: 0 is the pickup, 1 the first bar; a span has its first bar's.
        tick: where it starts.
        root: chord root 0..11.
        roll: uint8 (48, 64); none where it is excluded.
        excluded: why it gave no roll; empty for a used bar.
        bars: how many bars of its metre a span holds, begun ones included.
        counts: notes (those that begin here), kept, out_of_range, merged (lost to another note of
            their row in the same column); of those drawn, shortened (by the next of their row),
            lengthened (to one column), folded; of earlier notes, parts that are lost here:
            held_out_of_range (this bar's chord leaves no row for them), held_left_out.
    """

    number: int
    tick: int
    root: int
    roll: Roll | None
    excluded: str = ""
    bars: int = 1
    counts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class CutSong:
    """The bars of a song and how they were found.

    Args:
        bars: in order, excluded spans among them.
        part: the melody's.
        part_why: the rule that chose it.
        root_source: file_name, marker, chord_track, key or none.
        other_parts: notes that are not the melody's.
        grid_error: mean and maximum distance of an onset or end from the grid, in columns.
    """

    bars: list[Bar]
    part: Part
    part_why: str
    root_source: str
    other_parts: int
    grid_error: tuple[float, float]


@dataclass(frozen=True)
class _Placed:
    """A note, or the part of one that lies in a bar; the row of its cell is still open."""

    pitch: int
    cell: Cell
    lengthened: bool


def cut_song(song: Song, ingest: Ingest) -> CutSong:
    """Cut a song into bars of 64 columns.

    A note across a bar line goes on in the next bar as a held one. Bars at a metre whose bar is
    four quarters fill a roll; see `find_spans` for others.

    Args:
        song: the music.
        ingest: the study's parameters.

    Raises:
        DataError: the part asked for is not there, or the song is beyond all bounds.
    """
    chords = find_chords(song)
    part, why = choose_melody(song, ingest, chords)
    notes = [note for note in song.notes if part.holds(note)]
    roots, source = find_roots(song, chords, ingest.chord_root)
    bars: list[Bar] = []
    errors: tuple[float, float] = (0.0, 0.0)
    if notes:
        end = max(note.end for note in notes)
        spans = find_spans(song, ingest, _offset_ticks(song, ingest), end)
        homes = [home_of(spans, note.start) for note in notes]
        _check_size(song, spans, notes, homes)
        bars = _cut_spans(spans, notes, homes, roots, ingest)
        errors = _grid_error(notes, [spans[home] for home in homes])
    return CutSong(bars, part, why, source, len(song.notes) - len(notes), errors)


def _cut_spans(
    spans: list[Span], notes: list[Note], homes: list[int], roots: Roots, ingest: Ingest
) -> list[Bar]:
    """Bars of all spans from the notes, each of which begins in the span of its index in homes."""
    by_home: dict[int, list[Note]] = defaultdict(list)
    for note, home in zip(notes, homes, strict=True):
        by_home[home].append(note)
    bars: list[Bar] = []
    held: list[Note] = []  # begun in an earlier span, and not over
    number = 1
    for index, span in enumerate(spans):
        begun = by_home[index]
        if span.excluded == PICKUP:
            bars += [_leave_out(span, roots, 0, len(begun), len(held))] if begun else []
        else:
            found = (
                [_leave_out(span, roots, number, len(begun), len(held))]
                if span.excluded
                else _cut_span(span, held, begun, roots, ingest, number)
            )
            bars += found
            number += sum(bar.bars for bar in found)
        held = [note for note in (*held, *begun) if note.end > span.stop]
    return bars


def _offset_ticks(song: Song, ingest: Ingest) -> int:
    quarters = ingest.bar_offsets_quarters.get(song.path, ingest.bar_offset_quarters)
    if quarters == "remainder":
        metre = song.metres[0]
        return song.end % max(4 * song.ticks_per_quarter * metre.beats // metre.unit, 1)
    return round(quarters * song.ticks_per_quarter)


def _check_size(song: Song, spans: list[Span], notes: list[Note], homes: list[int]) -> None:
    used = [span for span in spans if not span.excluded]
    bars = sum(ceil(span.columns / span.bar_columns) for span in used)
    if bars > MAX_BARS:
        raise DataError(song.name, f"at most {MAX_BARS} bars", bars, "Split the song.")
    shortest = min((span.bar_columns for span in used), default=COLUMNS)
    held = sum(
        1 + song.column(note.end - note.start) // shortest + home_of(spans, note.end) - home
        for note, home in zip(notes, homes, strict=True)
    )
    if held > MAX_HELD_BARS:
        rule = f"notes that sound for {MAX_HELD_BARS} bars in all"
        raise DataError(song.name, rule, held, "Mend the lengths of its notes.")


def _leave_out(span: Span, roots: Roots, number: int, notes: int, held: int) -> Bar:
    root = _root_under(span, roots, span.start)
    bars = ceil(span.columns / span.bar_columns)
    counts = Counter(notes=notes, held_left_out=held)
    return Bar(number, span.start, root, None, span.excluded, bars, +counts)


def _root_under(span: Span, roots: Roots, tick: int) -> int:
    """Root at a bar's start; a chord struck less than half a column later counts."""
    return root_at(roots, tick + span.song.ticks_per_quarter / (2 * COLUMNS_PER_QUARTER))


def _cut_span(
    span: Span, held: list[Note], begun: list[Note], roots: Roots, ingest: Ingest, first: int
) -> list[Bar]:
    """Bars of a span from the notes that began before it and those that begin in it."""
    total = span.columns
    if span.last:  # a last note of less than a column still takes one
        total = max([total, *(span.column(note.start) + 1 for note in begun)])
    placed: list[list[_Placed]] = [[] for _ in range(ceil(total / span.bar_columns))]
    for note in held:
        _place(placed, span, note, -1, min(span.column(note.end), total))
    for note in begun:
        onset = min(max(span.column(note.start), 0), total - 1)
        _place(placed, span, note, onset, min(max(span.column(note.end), onset + 1), total))
    bars = []
    for index, parts in enumerate(placed):
        tick = span.tick(index)
        root = _root_under(span, roots, tick)
        cut = not span.last and (index + 1) * span.bar_columns > total
        excluded = "cut by a change of metre" if cut else ""
        bars.append(_draw_bar(parts, root, tick, first + index, ingest.out_of_range, excluded))
    return bars


def _place(placed: list[list[_Placed]], span: Span, note: Note, onset: int, end: int) -> None:
    """Put a note's parts into their bars; an ``onset`` of -1 lies in an earlier span."""
    lengthened = span.column(note.end) <= onset
    start = max(onset, 0)
    for bar in range(start // span.bar_columns, ceil(end / span.bar_columns)):
        left = max(start, bar * span.bar_columns)
        right = min(end, (bar + 1) * span.bar_columns)
        cell = Cell(0, left - bar * span.bar_columns, right - left, left == onset)
        placed[bar].append(_Placed(note.pitch, cell, lengthened and cell.begins))


def _draw_bar(
    placed: list[_Placed], root: int, tick: int, number: int, out_of_range: str, excluded: str
) -> Bar:
    counts: Counter[str] = Counter(notes=sum(part.cell.begins for part in placed))
    cells = []
    for part in placed:
        row, begins = pitch_to_row(part.pitch, root), part.cell.begins
        if not 0 <= row < ROWS:
            counts["out_of_range" if begins else "held_out_of_range"] += 1
            if out_of_range == "drop":
                continue
            row = fold_row(row)
        counts["lengthened"] += part.lengthened
        cells.append(part.cell._replace(row=row))
    outside = counts["out_of_range"] + counts["held_out_of_range"]
    if not excluded and outside and out_of_range == "reject":
        excluded = "note out of range"
    if not excluded and not cells:
        excluded = "only notes out of range" if outside else "silent"
    if excluded:
        counts = Counter(notes=counts["notes"], held_left_out=len(placed) - counts["notes"])
        return Bar(number, tick, root, None, excluded, 1, +counts)
    roll, losses = draw_roll(cells)
    counts += losses
    if out_of_range == "fold_octave":
        counts["folded"] = counts.pop("out_of_range", 0)
        counts.pop("held_out_of_range", 0)
    counts["kept"] = counts["notes"] - counts["out_of_range"] - counts["merged"]
    return Bar(number, tick, root, roll, "", 1, +counts)


def _grid_error(notes: list[Note], spans: list[Span]) -> tuple[float, float]:
    """Mean and maximum distance from the grid over onsets and ends, in columns."""
    errors = []
    for note, span in zip(notes, spans, strict=True):
        for tick in (note.start, note.end):
            exact = (tick - span.start) * COLUMNS_PER_QUARTER / span.song.ticks_per_quarter
            errors.append(abs(exact - round(exact)))
    return sum(errors) / len(errors), max(errors)
