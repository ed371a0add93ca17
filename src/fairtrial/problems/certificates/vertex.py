"""The corner of a linear program next to a point, in fractions.

Rows that lie at a limit and columns that lie off their bounds settle each other; where more limits
meet in the point than are needed, prices and reduced costs say which to take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from sympy import QQ
from sympy.polys.matrices import DomainMatrix

from fairtrial.problems.certificates.exact import decimal

FloatArray = npt.NDArray[np.float64]
Vector = list[Fraction]

_BINDS = 1e-7  # relative to the limit's size: what a solver's rounding may leave
LARGEST_BASIS = 60  # fractions grow with it: beyond, the proof takes longer than the search


@dataclass(frozen=True)
class Vertex:
    """Rows at their limits and columns off their bounds, which settle each other."""

    rows: list[int]
    columns: list[int]
    inverse: list[Vector]  # of the matrix (rows, columns)


def find_vertex(
    matrix: list[Vector],
    ends: list[Fraction | None],
    rests: list[Fraction | None],
    duals: FloatArray,
    reduced: FloatArray,
) -> Vertex | None:
    """As many independent binding rows as columns off their bounds; none where there is no such."""
    off = [j for j, end in enumerate(ends) if end is None]
    held = [j for j, end in enumerate(ends) if end is not None]
    binding = [r for r, rest in enumerate(rests) if rest is not None]
    if len(off) > LARGEST_BASIS:
        return None
    # Where more limits meet in the point than are needed, prices and costs say which to take.
    binding.sort(key=lambda row: -abs(duals[row]))
    held.sort(key=lambda column: abs(reduced[column]))
    known = _independent([[matrix[r][j] for r in binding] for j in off + held], binding)
    priced = sum(abs(duals[r]) > _BINDS for r in known)
    for size in range(max(len(off), priced), len(known) + 1):
        rows = known[:size]
        columns = _independent([[matrix[r][j] for j in off + held] for r in rows], off + held)
        if len(columns) == size and set(off) <= set(columns):
            return Vertex(rows, columns, _inverse(matrix, rows, columns))
    return None


def _inverse(matrix: list[Vector], rows: list[int], columns: list[int]) -> list[Vector]:
    if not rows:
        return []
    square = DomainMatrix(
        [[QQ(v.numerator, v.denominator) for v in (matrix[r][c] for c in columns)] for r in rows],
        (len(rows), len(columns)),
        QQ,
    )
    return [
        [Fraction(int(v.numerator), int(v.denominator)) for v in line]
        for line in square.inv().to_list()
    ]


def _independent(lines: list[Vector], labels: list[int]) -> list[int]:
    """Labels of the first independent columns of ``lines``."""
    if not lines or not labels:
        return []
    grid = [[QQ(v.numerator, v.denominator) for v in line] for line in lines]
    _, pivots = DomainMatrix(grid, (len(lines), len(labels)), QQ).rref()
    return [labels[pivot] for pivot in pivots]


def nearest_end(value: float, low: float, high: float) -> Fraction | None:
    """The end that ``value`` lies on, up to a solver's rounding."""
    for end in (low, high):
        if np.isfinite(end) and abs(value - end) <= _BINDS * max(1.0, abs(end)):
            return decimal(end)
    return None


def dot_exactly(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    """Sum of the products."""
    return sum((a * b for a, b in zip(left, right, strict=True) if a and b), Fraction(0))
