"""Objective and constraint rows over many points at once, with exact gradients.

A row of the result depends on its own point alone, bit for bit: sums run over the columns in a
fixed order, never through a matrix product whose rounding depends on the number of points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import sympy

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]


class Functions(Protocol):
    """The 1 + M functions of a problem: the objective, then the constraint rows."""

    def values(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (1 + M, N)."""
        ...

    def slopes(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 1 + M, D), the exact gradients."""
        ...

    def linear(self) -> tuple[FloatArray, FloatArray] | None:
        """Coefficients (1 + M, D) and constants (1 + M,) where all are linear, else nothing."""
        ...

    def program(self, rows: Sequence[Row]) -> LinearProgram | None:
        """The linear or mixed-integer program with the limits of ``rows``, where it is one."""
        ...


class LinearFunctions:
    """coefficients x + constants.

    Args:
        coefficients: (1 + M, D).
        constants: (1 + M,).
    """

    def __init__(self, coefficients: FloatArray, constants: FloatArray) -> None:
        self._coefficients, self._constants = coefficients, constants

    def values(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (1 + M, N)."""
        columns = np.ascontiguousarray(points.T)
        result = np.repeat(self._constants[:, None], len(points), axis=1)
        for index, column in enumerate(columns):
            result += self._coefficients[:, index : index + 1] * column
        return result

    def slopes(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 1 + M, D)."""
        return np.broadcast_to(self._coefficients, (len(points), *self._coefficients.shape))

    def linear(self) -> tuple[FloatArray, FloatArray]:
        """Coefficients and constants themselves."""
        return self._coefficients, self._constants

    def program(self, rows: Sequence[Row]) -> LinearProgram:
        """The program itself."""
        return LinearProgram(
            cost=self._coefficients[0],
            constant=float(self._constants[0]),
            rows=self._coefficients[1:],
            row_lower=np.array([row.low for row in rows]) - self._constants[1:],
            row_upper=np.array([row.high for row in rows]) - self._constants[1:],
        )


class ExpressionFunctions:
    """sympy expressions compiled to numpy.

    Args:
        symbols: D variables.
        expressions: 1 + M, the objective first.
    """

    def __init__(self, symbols: Sequence[sympy.Symbol], expressions: Sequence[sympy.Expr]) -> None:
        self._symbols, self.expressions = list(symbols), list(expressions)
        self._value = compile_expressions(self._symbols, self.expressions)

    @cached_property
    def _gradients(self) -> list[sympy.Expr]:
        return [sympy.diff(e, s) for e in self.expressions for s in self._symbols]

    @cached_property
    def _slope(self) -> Callable[[FloatArray], FloatArray]:
        # Only when it is asked for: most methods never do, and this is most of the work.
        return compile_expressions(self._symbols, self._gradients)

    def values(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (1 + M, N)."""
        return self._value(points)

    def slopes(self, points: FloatArray) -> FloatArray:
        """(N, D) -> (N, 1 + M, D)."""
        shape = (len(points), len(self.expressions), len(self._symbols))
        return np.ascontiguousarray(self._slope(points).T).reshape(shape)

    def linear(self) -> tuple[FloatArray, FloatArray] | None:
        """Coefficients and constants where no gradient depends on a variable."""
        # Lazily: the first bent one decides.
        if any(sympy.diff(e, s).free_symbols for e in self.expressions for s in e.free_symbols):
            return None
        shape = (len(self.expressions), len(self._symbols))
        coefficients = np.array([float(g) for g in self._gradients]).reshape(shape)
        origin = dict.fromkeys(self._symbols, 0)
        constants = np.array([float(e.subs(origin)) for e in self.expressions])
        return coefficients, constants

    def program(self, rows: Sequence[Row]) -> LinearProgram | None:
        """The program where all are linear."""
        linear = self.linear()
        return None if linear is None else LinearFunctions(*linear).program(rows)


def compile_expressions(
    symbols: Sequence[sympy.Symbol], expressions: Sequence[sympy.Expr]
) -> Callable[[FloatArray], FloatArray]:
    """A function (N, D) -> (K, N) of K expressions in D variables.

    Where an expression leaves the reals (a logarithm of a negative number, a division by zero)
    the value is NaN or infinite.
    """
    # dummify: a user's name must not meet a name of the generated code.
    compiled: Any = sympy.lambdify(
        list(symbols), list(expressions), modules="numpy", cse=True, dummify=True
    )

    def evaluate(points: FloatArray) -> FloatArray:
        columns = np.ascontiguousarray(points.T)
        result = np.empty((len(expressions), len(points)))
        with np.errstate(all="ignore"):
            for row, value in zip(result, compiled(*columns), strict=True):
                row[:] = value
        return result

    return evaluate
