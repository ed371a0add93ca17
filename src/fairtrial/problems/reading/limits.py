"""Limits that exclude each other, found by a linear program before anything is optimised.

Every term of a row that is not linear counts as a variable of its own, within bounds by interval
arithmetic: what is refused is surely empty; what passes may still be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sympy
from scipy.optimize import linprog

from fairtrial.core.errors import DataError
from fairtrial.core.text import list_text
from fairtrial.problems.blending import SourcedFunctions
from fairtrial.problems.functions import ExpressionFunctions
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.intervals import bounds_of

FloatArray = npt.NDArray[np.float64]

_NOTHING = 1e-6  # relative to the limit: what a linear solver leaves


@dataclass(frozen=True)
class _Relaxed:
    """low <= matrix x <= high within a box, without what is not linear.

    Attributes:
        names: of the M rows.
        matrix: (M, C).
        constants: (M,) taken from both limits of each row.
        low, high: (M,) infinite where open.
        lower, upper: (C,) infinite where unknown.
    """

    names: list[str]
    matrix: FloatArray
    constants: FloatArray
    low: FloatArray
    high: FloatArray
    lower: FloatArray
    upper: FloatArray


def check_limits(problem: Problem, document: Document) -> None:
    """Refuse rows that no point of the box keeps together.

    Raises:
        DataError: naming the row that is missed by the least that some row must be, and those it
            disagrees with.
    """
    if not problem.rows:
        return
    relaxed = _relax(problem)
    rows, count = relaxed.matrix.shape
    # Each row may be missed by a slack either way; the least sum of them is 0 where all agree.
    scale = np.array([_size(*ends) for ends in zip(relaxed.low, relaxed.high, strict=True)])
    block = np.hstack([relaxed.matrix, np.diag(scale), -np.diag(scale)])
    above, below = np.isfinite(relaxed.high), np.isfinite(relaxed.low)
    found = linprog(
        np.concatenate([np.zeros(count), np.ones(2 * rows)]),
        A_ub=np.vstack([block[above], -block[below]]),
        b_ub=np.concatenate([relaxed.high[above], -relaxed.low[below]]),
        bounds=[*zip(relaxed.lower, relaxed.upper, strict=True), *[(0, None)] * (2 * rows)],
        method="highs",
    )
    if found.status != 0 or found.fun <= _NOTHING + sum(map(problem.tolerance, problem.rows)):
        return
    up, down = found.x[count : count + rows], found.x[count + rows :]
    worst = int(np.argmax(np.maximum(up, down)))
    prices = np.zeros(rows)
    np.maximum.at(prices, np.flatnonzero(above), np.abs(found.ineqlin.marginals[: above.sum()]))
    np.maximum.at(prices, np.flatnonzero(below), np.abs(found.ineqlin.marginals[above.sum() :]))
    raise _contradiction(problem, document, relaxed, worst, prices, float(up[worst] - down[worst]))


def _contradiction(
    problem: Problem,
    document: Document,
    relaxed: _Relaxed,
    worst: int,
    prices: FloatArray,
    moved: float,
) -> DataError:
    """The error for row ``worst`` and those that have a price against it."""
    name = relaxed.names[worst]
    others = dict.fromkeys(relaxed.names[i] for i in np.flatnonzero(prices > 1e-9) if i != worst)
    low, high = relaxed.low[worst], relaxed.high[worst]
    limit = (low if moved > 0 else high) + relaxed.constants[worst]
    missed = abs(moved) * _size(low, high)
    blend = problem.definition.blend is not None
    against = list_text([*others, "the bounds"])
    return document.error(
        ("blend",) if blend else ("constraints", name, "rule"),
        "limits that some point keeps",
        f"{name} at {limit:.6g}, which {against} exclude",
        f"It is missed by {missed:.4g} at least: move it, or one of the others.",
    )


def _relax(problem: Problem) -> _Relaxed:
    functions = problem.functions
    if isinstance(functions, ExpressionFunctions):
        return _relax_expressions(problem, functions.expressions[1:])
    program = functions.program(problem.rows)
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    count = len(program.rows)
    # Rows of helpers have no name of their own; whole numbers are left out of account.
    whole = functions.whole if isinstance(functions, SourcedFunctions) else 0
    plain = len(problem.rows) - whole
    names = [row.name for row in problem.rows[:plain]] + ["the terms of sources"] * (count - plain)
    return _Relaxed(
        names=names,
        matrix=program.rows,
        constants=np.zeros(count),
        low=program.row_lower,
        high=program.row_upper,
        lower=np.concatenate([problem.lower, program.helper_lower]),
        upper=np.concatenate([problem.upper, program.helper_upper]),
    )


def _relax_expressions(problem: Problem, expressions: list[sympy.Expr]) -> _Relaxed:
    symbols = {str(s): s for e in expressions for s in e.free_symbols}
    box = {
        symbols[name]: (float(low), float(high))
        for name, low, high in zip(problem.names, problem.lower, problem.upper, strict=True)
        if name in symbols
    }
    rows = [expression.as_coefficients_dict() for expression in expressions]
    terms = list(dict.fromkeys(term for row in rows for term in row if term != 1))
    place = {term: index for index, term in enumerate(terms)}
    matrix = np.zeros((len(rows), len(terms)))
    for number, row in enumerate(rows):
        for term, factor in row.items():
            if term != 1:
                matrix[number, place[term]] = float(factor)
    constants = np.array([float(row.get(sympy.Integer(1), 0)) for row in rows])
    ends = np.array([bounds_of(term, box) for term in terms]).reshape(-1, 2)
    return _Relaxed(
        names=[row.name for row in problem.rows],
        matrix=matrix,
        constants=constants,
        low=np.array([row.low for row in problem.rows]) - constants,
        high=np.array([row.high for row in problem.rows]) - constants,
        lower=ends[:, 0],
        upper=ends[:, 1],
    )


def _size(low: float, high: float) -> float:
    """Size of a row's limits, at least 1."""
    return max([1.0, *(abs(end) for end in (low, high) if np.isfinite(end))])
