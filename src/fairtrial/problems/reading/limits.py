"""Limits that exclude each other, found by a linear program before anything is optimised.

Every term of a row that is not linear counts as a variable of its own, within bounds by interval
arithmetic: what is refused is surely empty; what passes may still be.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sympy
from scipy.optimize import linprog

from fairtrial.core.text import list_text
from fairtrial.problems.functions import ExpressionFunctions
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.intervals import bounds_of

FloatArray = npt.NDArray[np.float64]

_NOTHING = 1e-6  # relative to the limit: what a linear solver leaves


def check_limits(problem: Problem, document: Document) -> None:
    """Refuse rows that no point of the box keeps together.

    Raises:
        DataError: naming the row that is missed by the least that some row must be, and those it
            disagrees with.
    """
    if not problem.rows:
        return
    matrix, constants, lower, upper = _relax(problem)
    low = np.array([row.low for row in problem.rows][: len(matrix)]) - constants
    high = np.array([row.high for row in problem.rows][: len(matrix)]) - constants
    scale = np.array([_size(row.low, row.high) for row in problem.rows][: len(matrix)])
    # Each row may be missed by a slack either way; the least sum of them is 0 where all agree.
    rows, count = matrix.shape
    slack = np.eye(rows) * scale[:, None]
    block = np.hstack([matrix, slack, -slack])
    above, below = np.isfinite(high), np.isfinite(low)
    found = linprog(
        np.concatenate([np.zeros(count), np.ones(2 * rows)]),
        A_ub=np.vstack([block[above], -block[below]]),
        b_ub=np.concatenate([high[above], -low[below]]),
        bounds=[*zip(lower, upper, strict=True), *[(0, None)] * (2 * rows)],
        method="highs",
    )
    if found.status != 0 or found.fun <= _NOTHING + _tolerance(problem):
        return
    up, down = found.x[count : count + rows], found.x[count + rows :]
    worst = int(np.argmax(np.maximum(up, down)))
    prices = np.zeros(rows)
    np.maximum.at(prices, np.flatnonzero(above), np.abs(found.ineqlin.marginals[: above.sum()]))
    np.maximum.at(prices, np.flatnonzero(below), np.abs(found.ineqlin.marginals[above.sum() :]))
    names = [row.name for row in problem.rows[:rows]]
    others = [names[i] for i in np.flatnonzero(prices > 1e-9) if i != worst]
    short = "more" if up[worst] > down[worst] else "less"
    limit = low[worst] + constants[worst] if short == "more" else high[worst] + constants[worst]
    missed = float(max(up[worst], down[worst]) * scale[worst])
    group = ("blend",) if problem.definition.blend else ("constraints", names[worst], "rule")
    against = f"{list_text(others)} and the bounds" if others else "the bounds"
    raise document.error(
        group,
        "limits that some point keeps",
        f"{names[worst]} at {limit:g}, which {against} exclude",
        f"No point is nearer than {missed:.4g}; {short} room there, or elsewhere, is needed.",
    )


def _relax(problem: Problem) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Matrix (M, C), constants (M,) and bounds (C,) twice of rows that are linear in C terms."""
    functions = problem.functions
    if isinstance(functions, ExpressionFunctions):
        return _relax_expressions(problem, functions.expressions[1:])
    program = problem.linear_program()
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    count = len(problem.names)
    rows = [row for row in program.rows if not row[count:].any()]
    matrix = np.array(rows)[:, :count]
    return matrix, np.zeros(len(matrix)), problem.lower, problem.upper


def _relax_expressions(
    problem: Problem, expressions: list[sympy.Expr]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    symbols = {str(s): s for e in expressions for s in e.free_symbols}
    box = {
        symbols[name]: (float(low), float(high))
        for name, low, high in zip(problem.names, problem.lower, problem.upper, strict=True)
        if name in symbols
    }
    rows = [expression.as_coefficients_dict() for expression in expressions]
    terms = list(dict.fromkeys(term for row in rows for term in row if term != 1))
    place = {term: index for index, term in enumerate(terms)}
    matrix, constants = np.zeros((len(rows), len(terms))), np.zeros(len(rows))
    for number, row in enumerate(rows):
        for term, factor in row.items():
            if term == 1:
                constants[number] = float(factor)
            else:
                matrix[number, place[term]] = float(factor)
    ends = np.array([bounds_of(term, box) for term in terms]).reshape(-1, 2)
    return matrix, constants, ends[:, 0], ends[:, 1]


def _tolerance(problem: Problem) -> float:
    return sum(problem.tolerance(row) for row in problem.rows)


def _size(low: float, high: float) -> float:
    """Size of a row's limits, at least 1."""
    return max([1.0, *(abs(end) for end in (low, high) if np.isfinite(end))])
