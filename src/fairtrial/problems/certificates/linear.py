"""A proof in fractions that a linear program's answer is the optimum, and how far it holds.

HiGHS (or any method) tells which limits bind. From there on nothing is rounded: the vertex where
they meet, the multipliers that balance the costs there, and the costs and limits between which the
same vertex stays the best one are fractions of the table's printed decimals.

Source: Bertsimas and Tsitsiklis 1997, Introduction to Linear Optimization, sections 4.3 and 5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.certificates.exact import decimal
from fairtrial.problems.certificates.vertex import Vertex, dot_exactly, find_vertex, nearest_end

FloatArray = npt.NDArray[np.float64]
Vector = list[Fraction]


@dataclass(frozen=True)
class Reach:
    """Between which values a cost or a limit may lie without changing what binds.

    Attributes:
        low, high: None where it may go on for ever.
        below, above: what changes there: the name of the component or limit that comes in.
    """

    low: Fraction | None
    high: Fraction | None
    below: str = ""
    above: str = ""


@dataclass(frozen=True)
class LinearProof:
    """An optimal vertex in fractions.

    Attributes:
        point: (D,).
        objective: in the sense of minimisation.
        prices: (M,) change of the optimum for each unit that a row's active limit is raised.
        reduced: (D,) what a unit of a component that is left out costs more than it saves.
        unique: no other point is as good.
        costs: (D,) reach of each cost.
        limits: row -> reach of the limit that binds.
    """

    point: Vector
    objective: Fraction
    prices: Vector
    reduced: Vector
    unique: bool
    costs: list[Reach]
    limits: dict[int, Reach]


def prove(
    program: LinearProgram,
    lower: FloatArray,
    upper: FloatArray,
    point: FloatArray,
    duals: FloatArray,
    names: tuple[Sequence[str], Sequence[str]],
) -> LinearProof | None:
    """The vertex next to ``point`` with its proof; none where it is not the optimum.

    Args:
        program: what is minimised; continuous.
        lower: (D,) lower ends of the box.
        upper: (D,) upper ends.
        point: (D,) the claimed optimum.
        duals: (M,) its claimed prices, which choose among limits that meet in one point.
        names: of the D columns and the M rows.
    """
    matrix = [[decimal(value) for value in row] for row in program.rows]
    cost = [decimal(value) for value in program.cost]
    ends = [
        nearest_end(value, low, high) for value, low, high in zip(point, lower, upper, strict=True)
    ]
    rests = [
        nearest_end(float(value), low, high)
        for value, low, high in zip(
            program.rows @ point, program.row_lower, program.row_upper, strict=True
        )
    ]
    vertex = find_vertex(matrix, ends, rests, duals, program.cost - program.rows.T @ duals)
    if vertex is None:
        return None
    exact = [Fraction(0) if end is None else end for end in ends]
    for column in vertex.columns:
        exact[column] = Fraction(0)
    right = [(rests[r] or Fraction(0)) - dot_exactly(matrix[r], exact) for r in vertex.rows]
    for place, column in enumerate(vertex.columns):
        exact[column] = dot_exactly(vertex.inverse[place], right)
    prices = [Fraction(0)] * len(matrix)
    for place, row in enumerate(vertex.rows):
        prices[row] = sum(
            (cost[c] * vertex.inverse[i][place] for i, c in enumerate(vertex.columns)), Fraction(0)
        )
    reduced = [
        cost[j] - sum((prices[r] * matrix[r][j] for r in vertex.rows), Fraction(0))
        for j in range(len(cost))
    ]
    state = _State(program, lower, upper, matrix, cost, exact, prices, reduced, vertex, names)
    if not state.is_optimal():
        return None
    return LinearProof(
        point=exact,
        objective=decimal(program.constant) + dot_exactly(cost, exact),
        prices=prices,
        reduced=reduced,
        unique=state.is_unique(),
        costs=[state.cost_reach(column) for column in range(len(cost))],
        limits={row: state.limit_reach(row) for row in vertex.rows},
    )


@dataclass(frozen=True)
class _State:
    """The vertex with all that its neighbours are judged by."""

    program: LinearProgram
    lower: FloatArray
    upper: FloatArray
    matrix: list[Vector]
    cost: Vector
    exact: Vector
    prices: Vector
    reduced: Vector
    vertex: Vertex
    names: tuple[Sequence[str], Sequence[str]]

    def is_optimal(self) -> bool:
        """Feasible, and no price or reduced cost of the wrong sign."""
        for value, low, high in zip(self.exact, self.lower, self.upper, strict=True):
            if value < decimal(low) or value > decimal(high):
                return False
        for row in range(len(self.matrix)):
            low, high = self._row_ends(row)
            value = dot_exactly(self.matrix[row], self.exact)
            if (low is not None and value < low) or (high is not None and value > high):
                return False
        return all(self._slack(*key) >= 0 for key in self._outside())

    def is_unique(self) -> bool:
        """Every limit that binds has its price, every component left out costs."""
        return all(self._slack(*key) > 0 for key in self._outside())

    def _row_ends(self, row: int) -> tuple[Fraction | None, Fraction | None]:
        low, high = self.program.row_lower[row], self.program.row_upper[row]
        return (
            decimal(low) if np.isfinite(low) else None,
            decimal(high) if np.isfinite(high) else None,
        )

    def _outside(self) -> list[tuple[bool, int]]:
        """(is a row, index) of what the vertex holds at a limit and could leave it."""
        columns = [(False, j) for j in range(len(self.cost)) if j not in self.vertex.columns]
        rows = [
            (True, r)
            for r in self.vertex.rows
            if self.program.row_lower[r] != self.program.row_upper[r]
        ]
        return columns + rows

    def _sign(self, is_row: bool, index: int) -> int:
        """+1 where leaving the limit costs the price itself, -1 where it costs minus the price."""
        if is_row:
            high = self._row_ends(index)[1]
            return (
                -1
                if high is not None and dot_exactly(self.matrix[index], self.exact) == high
                else 1
            )
        return -1 if self.exact[index] == decimal(self.upper[index]) else 1

    def _slack(self, is_row: bool, index: int) -> Fraction:
        value = self.prices[index] if is_row else self.reduced[index]
        return self._sign(is_row, index) * value

    def _change(self, place: int, is_row: bool, index: int) -> Fraction:
        """Change of a slack for each unit that the cost of the basic column at ``place`` rises."""
        line = self.vertex.inverse[place]
        if is_row:
            return self._sign(True, index) * line[self.vertex.rows.index(index)]
        rate = dot_exactly(line, [self.matrix[r][index] for r in self.vertex.rows])
        return -self._sign(False, index) * rate

    def cost_reach(self, column: int) -> Reach:
        """Costs of ``column`` between which the vertex stays the best one."""
        cost = self.cost[column]
        if column not in self.vertex.columns:
            own = self.names[0][column]
            if self._sign(False, column) > 0:
                return Reach(cost - self.reduced[column], None, below=own)
            return Reach(None, cost - self.reduced[column], above=own)
        place = self.vertex.columns.index(column)
        steps = [
            (self._slack(*key), self._change(place, *key), self._name(*key))
            for key in self._outside()
        ]
        return _reach(cost, steps)

    def limit_reach(self, row: int) -> Reach:
        """Values of the limit of ``row`` between which its price holds."""
        place = self.vertex.rows.index(row)
        moves = {c: self.vertex.inverse[i][place] for i, c in enumerate(self.vertex.columns)}
        steps = []
        for column, move in moves.items():
            value, name = self.exact[column], self.names[0][column]
            steps.append((value - decimal(self.lower[column]), move, name))
            steps.append((decimal(self.upper[column]) - value, -move, name))
        for other in range(len(self.matrix)):
            if other in self.vertex.rows:
                continue
            rate = sum((self.matrix[other][c] * m for c, m in moves.items()), Fraction(0))
            value, name = dot_exactly(self.matrix[other], self.exact), self.names[1][other]
            low, high = self._row_ends(other)
            steps += [] if low is None else [(value - low, rate, name)]
            steps += [] if high is None else [(high - value, -rate, name)]
        return _reach(dot_exactly(self.matrix[row], self.exact), steps)

    def _name(self, is_row: bool, index: int) -> str:
        return self.names[1 if is_row else 0][index]


def _reach(value: Fraction, steps: Sequence[tuple[Fraction, Fraction, str]]) -> Reach:
    """How far ``value`` may move before a slack, which changes at a rate, is used up."""
    up = [(slack / -rate, name) for slack, rate, name in steps if rate < 0]
    down = [(slack / rate, name) for slack, rate, name in steps if rate > 0]
    above, below = min(up, default=None), min(down, default=None)
    return Reach(
        low=None if below is None else value - below[0],
        high=None if above is None else value + above[0],
        below="" if below is None else below[1],
        above="" if above is None else above[1],
    )
