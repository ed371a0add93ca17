"""From a good point to the exact one: Newton's method on the balance of slopes, in 50 digits.

The reported point of a search is good to some digits. The point nearby at which the multipliers
balance exactly, if there is one, says how many, and can be checked to be a strict minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import sympy

from fairtrial.problems.certificates.exact import DIGITS, compile_exactly
from fairtrial.problems.certificates.multipliers import Multipliers
from fairtrial.problems.reading.formulas import Formulas

FloatArray = npt.NDArray[np.float64]

_STEPS = 60
_SOLVED = mpmath.mpf(10) ** (-DIGITS // 2)  # relative change of the last step
_DIFFERENCE = mpmath.mpf(10) ** (-DIGITS // 3)
_CURVED = 1e-9  # of the largest curvature: below it a direction is flat


@dataclass(frozen=True)
class Refined:
    """A stationary point in 50 digits, rounded to floats at the end.

    Attributes:
        point: (D,).
        objective: in the sense of minimisation.
        text: the objective in 16 digits.
        rows: (M,) values of the constraints.
        prices: (M,) change of the optimum for each unit that a row's limit is raised.
        strict: every direction that the binding limits leave open rises: a strict local minimum.
    """

    point: FloatArray
    objective: float
    text: str
    rows: FloatArray
    prices: FloatArray
    strict: bool


def refine(
    read: Formulas, point: FloatArray, found: Multipliers, span: FloatArray
) -> Refined | None:
    """The exact stationary point with the same binding limits; none where Newton finds none.

    Args:
        read: the problem, read again.
        point: (D,) the reported point.
        found: its multipliers; the variables that a bound holds stay where they are.
        span: (D,) widths of the box, in which curvatures are compared.
    """
    variables = list(read.symbols.values())
    free = [index for index in range(point.size) if index not in found.fixed]
    weights = [sympy.Symbol(f"weight{place}", real=True) for place in range(len(found.active))]
    limits = [
        sympy.Rational(repr(float(binding_end(*read.rows[row][1:], found.prices[row]))))
        for row in found.active
    ]
    lagrangian = read.objective - sum(
        weight * (read.rows[row][0] - limit)
        for weight, row, limit in zip(weights, found.active, limits, strict=True)
    )
    unknowns = [variables[index] for index in free] + weights
    equations = [_smooth(sympy.diff(lagrangian, unknown)) for unknown in unknowns]
    symbols = [*variables, *weights]
    with mpmath.workdps(DIGITS):
        values = [mpmath.mpf(float(x)) for x in point]
        values += [mpmath.mpf(float(found.prices[row])) for row in found.active]
        places = [*free, *range(point.size, point.size + len(weights))]
        try:
            system = compile_exactly(symbols, equations)
            solved = _newton(system, values, places)
            if solved is None:
                return None
            matrix = np.array(_slopes(system, solved, places).tolist(), dtype=float)
            expressions = [read.objective, *(expression for expression, _, _ in read.rows)]
            functions = compile_exactly(variables, expressions)(solved[: point.size])
        # A logarithm may leave the reals on the way.
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            return None
        prices = np.zeros(len(read.rows))
        prices[list(found.active)] = [float(value) for value in solved[point.size :]]
        return Refined(
            point=np.array([float(value) for value in solved[: point.size]]),
            objective=float(functions[0]),
            text=mpmath.nstr(functions[0], 16),
            rows=np.array([float(value) for value in functions[1:]]),
            prices=prices,
            strict=_is_strict(matrix.reshape(len(places), len(places)), len(free), span[free]),
        )


def _smooth(slope: sympy.Expr) -> sympy.Expr:
    """A slope of abs, min or max as it is away from the kink; on one nothing will balance."""
    slope = slope.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))
    return slope.replace(sympy.Heaviside, lambda at, *_: (sympy.sign(at) + 1) / 2)


def binding_end(low: float, high: float, price: float) -> float:
    """The end of a row that binds: raising an upper limit can only lower the optimum."""
    if not np.isfinite(low):
        return high
    return low if price > 0 or not np.isfinite(high) else high


def _newton(system: Any, values: list[Any], places: list[int]) -> list[Any] | None:
    """Values at which ``system`` vanishes, changing those at ``places`` only."""
    values = list(values)
    for _ in range(_STEPS if places else 0):
        found = system(values)
        if any(isinstance(value, mpmath.mpc) for value in found):
            return None
        step = mpmath.lu_solve(_slopes(system, values, places), mpmath.matrix(found))
        change = mpmath.mpf(0)
        for place, move in zip(places, step, strict=True):
            change = max(change, abs(move) / max(1, abs(values[place])))
            values[place] -= move
        if change < _SOLVED:
            return values
    return None if places else values


def _slopes(system: Any, values: list[Any], places: list[int]) -> Any:
    """Slopes (K, K) of ``system`` in the values at ``places``, by central differences."""
    # With 50 digits to spend they are as good as formulas, which grow with the square of K.
    matrix = mpmath.matrix(len(places), len(places))
    for column, place in enumerate(places):
        step = _DIFFERENCE * max(1, abs(values[place]))
        ends = []
        for side in (-1, 1):
            moved = list(values)
            moved[place] += side * step
            ends.append(system(moved))
        for row, (low, high) in enumerate(zip(*ends, strict=True)):
            matrix[row, column] = (high - low) / (2 * step)
    return matrix


def _is_strict(matrix: FloatArray, free: int, span: FloatArray) -> bool:
    """Whether the Lagrangian's curvature is positive wherever the binding limits stay kept.

    Args:
        matrix: (F + A, F + A): second slopes among the F free variables, then minus the slopes of
            the A binding rows.
        free: F.
        span: (F,) unit of each variable.
    """
    curvature = matrix[:free, :free] * np.outer(span, span)
    normals = matrix[free:, :free] * span
    if not free:
        return True
    _, sizes, directions = np.linalg.svd(np.vstack([normals, np.zeros((1, free))]))
    rank = int((sizes > _CURVED * max(sizes.max(), 1e-300)).sum()) if sizes.size else 0
    open_directions = directions[rank:]
    if not len(open_directions):
        return True
    bends = np.linalg.eigvalsh(open_directions @ curvature @ open_directions.T)
    return bool(bends.min() > _CURVED * max(abs(bends).max(), 1e-300))
