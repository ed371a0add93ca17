"""Why no point keeps all rows: those that exclude each other, and the least that helps.

Source: Chinneck 2008, Feasibility and Infeasibility in Optimization, doi:10.1007/978-0-387-74932-7
(elastic programs, deletion filter).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_NODES = 10_000  # of a mixed-integer program: what is harder is left to the search itself


@dataclass(frozen=True)
class Rows:
    """low <= matrix x <= high within a box.

    Attributes:
        names: of the M rows.
        matrix: (M, C).
        constants: (M,) taken from both limits of each row.
        low: (M,) infinite where open.
        high: (M,) infinite where open.
        lower: (C,) infinite where unknown.
        upper: (C,) infinite where unknown.
        integer: (C,) columns of whole numbers.
        price: (M,) of moving a row's limit by its size; infinite where there is none to move.
    """

    names: list[str]
    matrix: FloatArray
    constants: FloatArray
    low: FloatArray
    high: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    price: FloatArray

    @property
    def scale(self) -> FloatArray:
        """(M,) size of each row's limits, at least 1."""
        ends = np.abs(np.stack([self.low, self.high]))
        found: FloatArray = np.maximum(1.0, np.where(np.isfinite(ends), ends, 0.0).max(axis=0))
        return found


@dataclass(frozen=True)
class Conflict:
    """Why no point keeps all rows.

    Attributes:
        moves: (M,) of limits, at the least price in all;
            lower limits down where negative, upper ones up where positive.
        worst: the row that is moved most.
        others: rows that exclude it, none of which could be missed.
        bounds: whether the box is needed to exclude it.
    """

    moves: FloatArray
    worst: int
    others: tuple[int, ...]
    bounds: bool


def find_conflict(rows: Rows, tolerated: float) -> Conflict | None:
    """What excludes what; none where some point keeps all rows, or where it is hard to tell.

    Args:
        rows: at least one.
        tolerated: relative moves in all that count as none.
    """
    moves = _least_moves(rows)
    if moves is None or (np.abs(moves) / rows.scale).sum() <= tolerated:
        return None
    worst = int(np.argmax(np.abs(moves) / rows.scale))
    # The other conflicts, if any, are settled, so that what is left is about the worst row.
    settled = np.where(np.arange(moves.size) == worst, 0.0, moves)
    slack = np.where(settled != 0, rows.scale * 1e-9, 0.0)
    low, high = (
        rows.low + np.minimum(settled, 0) - slack,
        rows.high + np.maximum(settled, 0) + slack,
    )
    left = replace(rows, low=low, high=high)
    kept = np.ones(moves.size, dtype=np.bool_)
    for index in range(moves.size):
        if index != worst:
            kept[index] = False
            kept[index] = _is_feasible(left, kept)
    free = replace(
        left, lower=np.full_like(rows.lower, -np.inf), upper=np.full_like(rows.upper, np.inf)
    )
    return Conflict(
        moves=moves,
        worst=worst,
        others=tuple(int(i) for i in np.flatnonzero(kept) if i != worst),
        bounds=_is_feasible(free, kept),
    )


def _least_moves(rows: Rows) -> FloatArray | None:
    """(M,) of an elastic program: each limit may be moved at its price."""
    soft = np.flatnonzero(np.isfinite(rows.price))
    count, columns = soft.size, rows.lower.size
    stretch = np.zeros((rows.low.size, 2 * count))
    stretch[soft, np.arange(count)] = rows.scale[soft]
    stretch[soft, count + np.arange(count)] = -rows.scale[soft]
    found = milp(
        np.concatenate([np.zeros(columns), rows.price[soft], rows.price[soft]]),
        constraints=LinearConstraint(np.hstack([rows.matrix, stretch]), rows.low, rows.high),
        bounds=Bounds(
            np.concatenate([rows.lower, np.zeros(2 * count)]),
            np.concatenate([rows.upper, np.full(2 * count, np.inf)]),
        ),
        integrality=np.concatenate([rows.integer, np.zeros(2 * count)]),
        options={"node_limit": _NODES},
    )
    if found.status != 0:
        return None
    up, down = found.x[columns : columns + count], found.x[columns + count :]
    moves = np.zeros(rows.low.size)
    # What lifts a row that is too low lowers its limit.
    moves[soft] = (down - up) * rows.scale[soft]
    return moves


def _is_feasible(rows: Rows, kept: Sequence[bool] | BoolArray) -> bool:
    """Whether some point keeps the rows that are ``kept``; also where that is hard to tell."""
    chosen = np.asarray(kept, dtype=np.bool_)
    found = milp(
        np.zeros(rows.lower.size),
        constraints=LinearConstraint(rows.matrix[chosen], rows.low[chosen], rows.high[chosen]),
        bounds=Bounds(rows.lower, rows.upper),
        integrality=rows.integer,
        options={"node_limit": _NODES},
    )
    return bool(found.status != 2)
