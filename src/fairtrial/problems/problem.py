"""A compiled problem: what is minimised, within which limits, and how far a point is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.optimizers.task import LinearProgram, Task
from fairtrial.problems.definition import Definition
from fairtrial.problems.functions import Functions

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A constraint low <= value <= high; an equality where low == high; infinite where open."""

    name: str
    unit: str
    low: float
    high: float


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
    sieve_mm: tuple[float, ...] = ()

    @property
    def sign(self) -> float:
        """-1 where the user maximises."""
        objective = self.definition.objective
        return -1.0 if objective is not None and objective.maximise is not None else 1.0

    @property
    def optimum(self) -> float | None:
        """The best known value, in the sense of minimisation."""
        known = self.definition.optimum
        return None if known is None else self.sign * known.objective

    def sides(self) -> list[Side]:
        """The one-sided limits of the rows, in their order."""
        sides = []
        for index, row in enumerate(self.rows):
            if row.low == row.high:
                sides.append(Side(index, 1.0, row.high, True))
                continue
            if np.isfinite(row.high):
                sides.append(Side(index, 1.0, row.high, False))
            if np.isfinite(row.low):
                sides.append(Side(index, -1.0, row.low, False))
        return sides

    def evaluate(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Objective (N,) and violation (N,) of points (N, D), without repair.

        The violation is the Euclidean norm of what exceeds a limit (a bound of the box included)
        by more than the tolerance, in the limits' units; zero where the point is feasible.
        """
        values = self.functions.values(points)
        tolerance = self.definition.tolerance
        squares = np.zeros(len(points))
        with np.errstate(all="ignore"):
            for side in self.sides():
                excess = side.sign * (values[1 + side.row] - side.limit)
                if side.equality:
                    excess = np.abs(excess)
                squares += np.maximum(excess - tolerance * max(1.0, abs(side.limit)), 0.0) ** 2
            outside = np.maximum(self.lower - points, points - self.upper)
            if not (outside <= 0).all():
                scale = np.maximum(1.0, np.maximum(np.abs(self.lower), np.abs(self.upper)))
                for column in np.maximum(outside - tolerance * scale, 0.0).T:
                    squares += column**2
            return values[0], np.sqrt(squares)

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

    def linear_program(self) -> LinearProgram | None:
        """The same problem as a linear program, where it is one."""
        linear = self.functions.linear()
        if linear is None:
            return None
        coefficients, constants = linear
        return LinearProgram(
            cost=coefficients[0],
            constant=float(constants[0]),
            rows=coefficients[1:],
            row_lower=np.array([row.low for row in self.rows]) - constants[1:],
            row_upper=np.array([row.high for row in self.rows]) - constants[1:],
        )

    def task(self) -> Task:
        """What an optimiser is given."""
        return Task(
            evaluate=self.evaluate,
            lower=self.lower,
            upper=self.upper,
            repair=self.repair,
            excess=self.excess,
            equalities=np.array([side.equality for side in self.sides()], dtype=np.bool_),
            slopes=self.slopes,
            linear=self.linear_program(),
        )

    def point(self, at: Mapping[str, float]) -> FloatArray:
        """(D,) from names; what is left out of a blend is 0.

        Raises:
            DataError: a name is unknown, or one is missing.
        """
        unknown = sorted(set(at) - set(self.names))
        missing = [] if self.definition.blend else sorted(set(self.names) - set(at))
        if unknown or missing:
            seen = f"{unknown[0]!r}" if unknown else f"nothing for {missing[0]!r}"
            raise DataError(
                f"{self.definition.name}: a solution",
                f"the variables {', '.join(self.names)}",
                seen,
                "Name each of them once.",
            )
        return np.array([at.get(name, 0.0) for name in self.names])
