"""Constraints as text: an expression between limits."""

from __future__ import annotations

import math

import sympy

from fairtrial.problems.reading.expressions import Names, parse_expression
from fairtrial.problems.reading.syntax import ExpressionError, quote, split_rule


def parse_rule(text: str, names: Names) -> tuple[sympy.Expr, float, float]:
    """Expression, low and high of a rule such as ``x + y <= 10`` or ``0 <= x * y <= 3``.

    Raises:
        ExpressionError: no relation or too many, a strict one, no variable, or low above high.
    """
    parts, signs = split_rule(text)
    sides = [parse_expression(part, names) for part in parts]
    if len(signs) == 2:
        low, row, high = sides if signs[0] == "<=" else sides[::-1]
        if low.free_symbols or high.free_symbols:
            raise ExpressionError(
                "numbers at both ends of a range", quote(text), "Write low <= expression <= high."
            )
        ends = (float(low), float(high))
    else:
        row, ends = _one_sided(sides[0], signs[0], sides[1])
    if not row.free_symbols:
        raise ExpressionError("a variable in the rule", quote(text), "Name one, or remove it.")
    if ends[0] > ends[1]:
        raise ExpressionError(
            "lower <= upper", f"{ends[0]:g} > {ends[1]:g}", "Exchange or mend the limits."
        )
    return row, *ends


def _one_sided(
    left: sympy.Expr, sign: str, right: sympy.Expr
) -> tuple[sympy.Expr, tuple[float, float]]:
    if left.free_symbols and right.free_symbols:
        row, limit = left - right, 0.0
    elif left.free_symbols:
        row, limit = left, float(right)
    else:
        row, limit = right, float(left)
        sign = {"<=": ">=", ">=": "<="}.get(sign, "=")
    low = -math.inf if sign == "<=" else limit
    return row, (low, math.inf if sign == ">=" else limit)
