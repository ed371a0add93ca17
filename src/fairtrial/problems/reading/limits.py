"""Limits that exclude each other, found by a linear program before anything is optimised.

Every term of a row that is not linear counts as a variable of its own, within bounds by interval
arithmetic: what is refused is surely empty; what passes may still be.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import sympy

from fairtrial.core.errors import DataError
from fairtrial.core.text import list_text
from fairtrial.problems.blending import SourcedFunctions
from fairtrial.problems.functions import ExpressionFunctions
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.conflicts import Conflict, Rows, find_conflict
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.intervals import bounds_of
from fairtrial.problems.wording import row_name

FloatArray = npt.NDArray[np.float64]

_NOTHING = 1e-6  # relative to the limit: what a linear solver leaves
_TOTAL_PRICE = 1000.0  # shares make up a whole: that is moved only where nothing else helps


def check_limits(problem: Problem, document: Document) -> None:
    """Refuse rows that no point of the box keeps together.

    Raises:
        DataError: naming the row that is missed by the most, those that exclude it, and the
            least by which limits must be moved.
    """
    if not problem.rows:
        return
    rows = _relax(problem)
    conflict = find_conflict(rows, _NOTHING + sum(map(problem.tolerance, problem.rows)))
    if conflict is not None:
        raise _contradiction(problem, document, rows, conflict)


def _contradiction(
    problem: Problem, document: Document, rows: Rows, conflict: Conflict
) -> DataError:
    """The error for the row that is missed by the most and those that exclude it."""
    name = rows.names[conflict.worst]
    others = list(dict.fromkeys(rows.names[index] for index in conflict.others))
    if conflict.bounds or not others:
        others.append("the bounds")
    limit = f"{_limit(rows, conflict, conflict.worst):.6g}"
    return document.error(
        ("blend",) if problem.definition.blend else ("constraints", name, "rule"),
        "limits that some point keeps",
        f"{name} at {limit}, which {list_text(others)} exclude",
        _remedy(rows, conflict),
    )


def _remedy(rows: Rows, conflict: Conflict) -> str:
    """By how much one limit, or several together, must be moved at least."""
    moved = [int(i) for i in np.flatnonzero(np.abs(conflict.moves) > _NOTHING * rows.scale)]
    if len(moved) < 2:
        missed = abs(conflict.moves[conflict.worst])
        return f"It is missed by {missed:.4g} at least: move it, or one of the others."
    told = [
        f"{rows.names[i]} from {_limit(rows, conflict, i):.6g} to "
        f"{_outward(_limit(rows, conflict, i) + conflict.moves[i], conflict.moves[i]):.6g}"
        for i in moved
    ]
    return f"The least that helps: {list_text(told)}."


def _outward(value: float, move: float) -> float:
    """``value`` in six digits, rounded the way that its limit is moved."""
    if abs(value) <= _NOTHING:
        return 0.0
    step = 10.0 ** (np.floor(np.log10(abs(value))) - 5)
    return float(step * (np.ceil if move > 0 else np.floor)(value / step))


def _limit(rows: Rows, conflict: Conflict, index: int) -> float:
    """The limit of a row that is moved."""
    end = rows.low if conflict.moves[index] < 0 else rows.high
    return float(end[index] + rows.constants[index])


def _relax(problem: Problem) -> Rows:
    functions = problem.functions
    if isinstance(functions, ExpressionFunctions):
        return _relax_expressions(problem, functions.expressions[1:])
    program = functions.program(problem.rows)
    if program is None:
        raise TypeError("a blend is a linear or mixed-integer program")
    count = len(program.rows)
    whole = functions.whole if isinstance(functions, SourcedFunctions) else 0
    plain = len(problem.rows) - whole
    names = [row_name(problem, row) for row in problem.rows[:plain]]
    names += ["the terms of sources"] * (count - plain)
    price = np.where([name == "total" for name in names], _TOTAL_PRICE, 1.0)
    if count > plain:
        # What helpers mean is no limit, but for the last one: how many sources may be used.
        names[-1] = "sources used"
        price[plain:-1] = np.inf
    none = np.zeros(program.cost.size, dtype=np.bool_)
    return Rows(
        names=names,
        matrix=program.rows,
        constants=np.zeros(count),
        low=program.row_lower,
        high=program.row_upper,
        lower=np.concatenate([problem.lower, program.helper_lower]),
        upper=np.concatenate([problem.upper, program.helper_upper]),
        integer=none if program.integer is None else program.integer,
        price=price,
    )


def _relax_expressions(problem: Problem, expressions: list[sympy.Expr]) -> Rows:
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
    return Rows(
        names=[row.name for row in problem.rows],
        matrix=matrix,
        constants=constants,
        low=np.array([row.low for row in problem.rows]) - constants,
        high=np.array([row.high for row in problem.rows]) - constants,
        lower=ends[:, 0],
        upper=ends[:, 1],
        integer=np.zeros(len(terms), dtype=np.bool_),
        price=np.ones(len(rows)),
    )
