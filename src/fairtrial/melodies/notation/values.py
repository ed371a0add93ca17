"""A bar of music in written values: what sounds together, how long, and what is tied or grouped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER, GridNote, round_half_up

# Where the thirds of a beat fall on the grid: 0, 5, 11, 16.
_THIRDS = tuple(round_half_up(COLUMNS_PER_QUARTER * third, 3) for third in range(4))
_PLAIN = (64, 32, 16, 8, 4, 2, 1)


class Slice(NamedTuple):
    """A stretch of a bar in which the same notes sound, written as one value.

    Args:
        column: where it starts.
        length: in columns.
        pitches: that sound; none in a rest.
        tied_from: those that began before.
        tied_to: those that go on after.
        n: it is written as an n-th note.
        dots: after it, 0 or 1.
        triplet: whether it is part of a beat of three.
    """

    column: int
    length: int
    pitches: tuple[int, ...]
    tied_from: frozenset[int]
    tied_to: frozenset[int]
    n: int = 0
    dots: int = 0
    triplet: bool = False


def write_values(notes: Iterable[GridNote], bar: int) -> list[Slice]:
    """The written values of a bar, rests among them, from its first column to its last.

    A beat whose notes begin and end on its thirds only is written as a triplet.

    Args:
        notes: of the song, columns counted from its start.
        bar: counted from 0.
    """
    start = bar * COLUMNS
    here = [
        (note.pitch, note.column - start, note.column + note.length - start)
        for note in notes
        if note.column < start + COLUMNS and note.column + note.length > start
    ]
    edges = {0, COLUMNS, *(edge for _, begin, end in here for edge in (begin, end))}
    edges = {edge for edge in edges if 0 <= edge <= COLUMNS}
    thirds = {beat for beat in range(0, COLUMNS, COLUMNS_PER_QUARTER) if _in_thirds(edges, beat)}
    edges |= {edge for beat in thirds for edge in (beat, beat + COLUMNS_PER_QUARTER)}
    written: list[Slice] = []
    for left, right in pairwise(sorted(edges)):
        beat = left - left % COLUMNS_PER_QUARTER
        if beat in thirds:
            first, last = (_THIRDS.index(edge - beat) for edge in (left, right))
            written.append(
                _slice(here, left, right)._replace(n=8 if last - first == 1 else 4, triplet=True)
            )
            continue
        for begin, end, n, dots in split_values(left, right):
            written.append(_slice(here, begin, end)._replace(n=n, dots=dots))
    return written


def _in_thirds(edges: Iterable[int], beat: int) -> bool:
    """Whether notes begin or end on a third within the beat, and nowhere else in it."""
    inner = {edge - beat for edge in edges if beat < edge < beat + COLUMNS_PER_QUARTER}
    return bool(inner) and inner <= set(_THIRDS)


def _slice(here: Sequence[tuple[int, int, int]], left: int, right: int) -> Slice:
    sounding = sorted(each for each in here if each[1] <= left and each[2] >= right)
    return Slice(
        left,
        right - left,
        tuple(pitch for pitch, _, _ in sounding),
        frozenset(pitch for pitch, begin, _ in sounding if begin < left),
        frozenset(pitch for pitch, _, end in sounding if end > right),
    )


def split_values(column: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Written values that fill the columns of a bar from ``column`` to ``end``.

    A plain value begins on a multiple of itself, a dotted one begins or ends on a multiple of twice
    its plain value: so beats can be seen.

    Yields:
        (first column, column after it, n, dots): an n-th note with so many dots.
    """
    while column < end:
        size, n, dots = next(
            (size, COLUMNS // plain, dots)
            for plain in _PLAIN
            for size, dots in ((plain + plain // 2, 1), (plain, 0))
            if column + size <= end and _is_readable(column, plain, dots)
        )
        yield column, column + size, n, dots
        column += size


def _is_readable(column: int, plain: int, dots: int) -> bool:
    if not dots:
        return column % plain == 0
    begins, ends = column % (2 * plain), (column + plain + plain // 2) % (2 * plain)
    return plain > 1 and 0 in (begins, ends)
