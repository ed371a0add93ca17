"""The problem once more, from its file and in 50 digits: no number of the search is taken over.

Searches evaluate numpy code that sympy wrote. Here the expressions are read again and evaluated by
mpmath; the table of a blend is evaluated in fractions of its printed decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import sympy

from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.formulas import Formulas, read_formulas

FloatArray = npt.NDArray[np.float64]

DIGITS = 50


def reread(problem: Problem, constants: Mapping[str, float] | None = None) -> Formulas:
    """The expressions of the problem's file once more, with other ``constants`` where given."""
    document = Document(problem.definition.name, {}, {})
    return read_formulas(problem.definition, document, constants)


def compile_exactly(
    symbols: Sequence[sympy.Symbol], expressions: Sequence[sympy.Expr]
) -> Callable[[Sequence[Any]], list[Any]]:
    """A function from D numbers to the values of the expressions, in mpmath's precision."""
    compiled: Any = sympy.lambdify(
        list(symbols), list(expressions), modules="mpmath", cse=True, dummify=True
    )

    def evaluate(point: Sequence[Any]) -> list[Any]:
        return list(compiled(*(mpmath.mpf(value) for value in point)))

    return evaluate


def evaluate_exactly(problem: Problem, point: FloatArray) -> tuple[float, FloatArray]:
    """Objective and row values (M,) of a point (D,), in the sense of minimisation.

    Where an expression leaves the reals there, the value is NaN. A blend that depends on which
    sources are used is evaluated by its own functions: its table alone does not tell.
    """
    program = linear_blend(problem)
    if program is not None:
        shares = [Fraction(float(value)) for value in point]
        rows = [float(dot(row, shares)) for row in program.rows]
        return float(decimal(program.constant) + dot(program.cost, shares)), np.array(rows)
    if problem.definition.blend is not None:
        values = problem.functions.values(point[None])[:, 0]
        return float(values[0]), values[1:]
    read = reread(problem)
    expressions = [read.objective, *(expression for expression, _, _ in read.rows)]
    with mpmath.workdps(DIGITS):
        found = compile_exactly(list(read.symbols.values()), expressions)(
            [float(value) for value in point]
        )
        exact = [_real(value) for value in found]
    return exact[0], np.array(exact[1:])


def linear_blend(problem: Problem) -> LinearProgram | None:
    """The program of a blend whose table tells everything; its limits are those of the rows."""
    if problem.definition.blend is None:
        return None
    program = problem.linear_program()
    return None if program is None or program.integer is not None else program


def decimal(value: float) -> Fraction:
    """The number as it is printed: 0.1 is one tenth, not its binary neighbour."""
    return Fraction(repr(float(value)))


def dot(row: Sequence[float] | FloatArray, shares: Sequence[Fraction]) -> Fraction:
    """Sum of the printed coefficients times the shares."""
    return sum((decimal(a) * x for a, x in zip(row, shares, strict=True) if a), Fraction(0))


def _real(value: Any) -> float:
    return float("nan") if isinstance(value, mpmath.mpc) else float(value)
