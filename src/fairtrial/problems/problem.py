"""A compiled problem: what is minimised, within which limits, and how far a point is off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.optimizers.constraints import norm
from fairtrial.optimizers.task import LinearProgram, Task
from fairtrial.problems.definition import Definition, Point
from fairtrial.problems.functions import Functions
from fairtrial.problems.levels import Levels, with_levels
from fairtrial.problems.reading.entries import Objective, components
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One limit of a row: excess = sign (value - limit), 0 for an equality, else kept <= 0."""

    row: int
    sign: float
    limit: float
    equality: bool


@dataclass(frozen=True)
class Problem:
    """A problem ready to be evaluated.

    Values are in the sense of minimisation throughout; `sign` turns them into the user's.

    Attributes:
        definition: what the file says.
        names, units: of the D variables.
        lower, upper: (D,) the box.
        rows: the M constraints.
        functions: objective (times `sign`) and row values with gradients.
        repair: (N, D) -> (N, D), applied to a point before it is evaluated, or none.
        objective_unit: of the objective.
        levels: of the variables that are not continuous, where there are any.
        second: the second objective with gradients, times its own sign, where there is one.
        sieve_mm: sieve sizes of the rows where the problem is a mix of aggregates.
    """

    definition: Definition
    names: tuple[str, ...]
    units: tuple[str, ...]
    lower: FloatArray
    upper: FloatArray
    rows: tuple[Row, ...]
    functions: Functions
    repair: Callable[[FloatArray], FloatArray] | None = None
    objective_unit: str = ""
    levels: Levels | None = None
    second: Functions | None = None
    sieve_mm: tuple[float, ...] = ()

    @property
    def sign(self) -> float:
        """-1 where the user maximises."""
        return _sign(self.definition.objective)

    @property
    def second_sign(self) -> float:
        """-1 where the user maximises the second objective."""
        return _sign(self.definition.second_objective)

    @property
    def optimum(self) -> float | None:
        """The best known value, in the sense of minimisation."""
        known = self.definition.optimum
        return None if known is None else self.sign * known.objective

    def sides(self) -> list[Side]:
        """The one-sided limits of the rows, in their order."""
        sides = []
        for index, row in enumerate(self.rows):
            if row.equality:
                sides.append(Side(index, 1.0, row.high, True))
                continue
            if np.isfinite(row.high):
                sides.append(Side(index, 1.0, row.high, False))
            if np.isfinite(row.low):
                sides.append(Side(index, -1.0, row.low, False))
        return sides

    def tolerance(self, row: Row) -> float:
        """By how much a limit of ``row`` may be missed, relative to limits above 1."""
        stated = self.definition.equality_tolerance if row.equality else None
        return self.definition.tolerance if stated is None else stated

    def evaluate(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Objective (N,) and violation (N,) of points (N, D), without repair.

        The violation is the Euclidean norm of `missed`; zero where the point is feasible.
        """
        objective, missed = self.missed(points)
        return objective, norm(missed)

    def missed(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Objective (N,) and what each limit is missed by (N, sides + 1), without repair.

        What exceeds a limit by more than its tolerance, in the limit's unit; the last column is
        how far the point lies outside the box or off the levels of its variables.
        """
        values = self.functions.values(points)
        sides = self.sides()
        missed = np.zeros((len(sides) + 1, len(points)))
        with np.errstate(all="ignore"):
            for own, side in zip(missed, sides, strict=False):
                excess = side.sign * (values[1 + side.row] - side.limit)
                if side.equality:
                    excess = np.abs(excess)
                allowed = self.tolerance(self.rows[side.row]) * max(1.0, abs(side.limit))
                np.maximum(excess - allowed, 0.0, out=own)
        missed[-1] = self._outside(points)
        return values[0], missed.T

    def _outside(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N,): distance to the box and to the levels, beyond the tolerance."""
        off = np.maximum(self.lower - points, points - self.upper)
        if self.levels is not None:
            off = np.maximum(off, np.abs(points - self.levels.nearest(points)))
        squares = np.zeros(len(points))
        if not (off <= 0).all():
            scale = np.maximum(1.0, np.maximum(np.abs(self.lower), np.abs(self.upper)))
            for column in np.maximum(off - self.definition.tolerance * scale, 0.0).T:
                squares += column**2
        return np.sqrt(squares)

    def row_values(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, M): the value of each constraint's row, in its unit."""
        return self.functions.values(points)[1:].T

    def margins(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, M): distance to the nearer limit, in the row's unit; negative if missed."""
        values = self.row_values(points)
        low = np.array([row.low for row in self.rows])
        high = np.array([row.high for row in self.rows])
        margins: FloatArray = np.minimum(values - low, high - values)
        return margins

    def excess(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, sides): each one-sided limit; kept where <= 0, equalities where 0."""
        values = self.functions.values(points)
        sides = [side.sign * (values[1 + side.row] - side.limit) for side in self.sides()]
        return np.array(sides).T.reshape(len(points), len(sides))

    def slopes(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 1 + sides, D): exact gradients of the objective and of `excess`."""
        slopes = self.functions.slopes(points)
        sides = [side.sign * slopes[:, 1 + side.row] for side in self.sides()]
        return np.stack([slopes[:, 0], *sides], axis=1)

    def objectives(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 2) of a problem with two, both in the sense of minimisation."""
        if self.second is None:
            raise TypeError("a problem with a single objective")
        first = self.functions.values(points)[0]
        return np.column_stack([first, self.second.values(points)[0]])

    def linear_program(self) -> LinearProgram | None:
        """The same problem as a linear or mixed-integer program, where it is one."""
        program = self.functions.program(self.rows)
        if program is None or self.levels is None:
            return program
        return with_levels(program, self.levels)

    def task(self) -> Task:
        """What an optimiser is given."""
        return Task(
            evaluate=self.missed,
            lower=self.lower,
            upper=self.upper,
            repair=self.repair,
            excess=self.excess,
            equalities=np.array([side.equality for side in self.sides()], dtype=np.bool_),
            slopes=self.slopes,
            linear=self.linear_program(),
            discrete=None if self.levels is None else self.levels.discrete,
            objectives=None if self.second is None else self.objectives,
        )

    def point(self, at: Point) -> FloatArray:
        """(D,) from names; what is left out of a blend is 0.

        Args:
            at: variable -> value, a vector's list of values, or the name of a choice.

        Raises:
            DataError: a name is unknown, one is missing, or a list is too short or too long.
        """
        flat: dict[str, float] = {}
        for name, stated in at.items():
            variable = self.definition.variables.get(name)
            if isinstance(stated, str):
                labels = variable.choices if variable is not None else None
                if not isinstance(labels, dict) or stated not in labels:
                    raise self._wrong_point("a number, or the name of a choice", repr(stated))
                flat[name] = labels[stated]
            elif isinstance(stated, tuple):
                names = [] if variable is None else components(name, variable.count)
                if len(names) != len(stated):
                    rule = f"{len(names)} values of {name}" if names else "a number"
                    raise self._wrong_point(rule, f"{len(stated)} of {name}")
                flat |= dict(zip(names, stated, strict=True))
            else:
                flat[name] = stated
        unknown = sorted(set(flat) - set(self.names))
        missing = [] if self.definition.blend else sorted(set(self.names) - set(flat))
        if unknown or missing:
            seen = f"{unknown[0]!r}" if unknown else f"nothing for {missing[0]!r}"
            raise self._wrong_point(f"the variables {', '.join(self.names)}", seen)
        return np.array([flat.get(name, 0.0) for name in self.names])

    def _wrong_point(self, rule: str, seen: str) -> DataError:
        where = f"{self.definition.name}: a solution"
        return DataError(where, rule, seen, "Name each variable once.")


def _sign(objective: Objective | None) -> float:
    return -1.0 if objective is not None and objective.way == "maximise" else 1.0
