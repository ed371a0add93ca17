"""Bounds of an expression over a box, by interval arithmetic: never too tight, often too wide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import sympy
from mpmath import iv, mp

_FUNCTIONS: dict[Any, Any] = {
    sympy.exp: iv.exp,
    sympy.log: iv.log,
    sympy.sin: iv.sin,
    sympy.cos: iv.cos,
}

_FREE = (-math.inf, math.inf)


def bounds_of(
    expression: sympy.Expr, box: Mapping[sympy.Symbol, tuple[float, float]]
) -> tuple[float, float]:
    """Lower and upper bound of ``expression``; infinite where none is found.

    Args:
        expression: of the symbols of ``box``.
        box: symbol -> its bounds.
    """
    try:
        found = _bound(expression, box)
        low, high = float(mp.mpf(found.a)), float(mp.mpf(found.b))
    except (ValueError, ZeroDivisionError, OverflowError, NotImplementedError):
        # It leaves the reals or the numbers somewhere in the box, or a function has no bound
        # here: nothing can be said, so nothing is refused.
        return _FREE
    return (low, high) if low <= high else _FREE


def _bound(node: sympy.Expr, box: Mapping[sympy.Symbol, tuple[float, float]]) -> Any:
    if node.is_Symbol:
        return iv.mpf(list(box[node]))
    if node.is_number:
        return iv.mpf(float(node))
    parts = [_bound(part, box) for part in node.args]
    if node.func in _FUNCTIONS:
        return _FUNCTIONS[node.func](parts[0])
    if node.is_Add:
        return sum(parts[1:], parts[0])
    if node.is_Mul:
        return math.prod(parts[1:], start=parts[0])
    if node.is_Pow:
        if node.args[1].is_Integer:
            return parts[0] ** int(node.args[1])
        if parts[0].a < 0:
            raise ValueError("a power that leaves the reals")
        return parts[0] ** parts[1]
    if node.func is sympy.Abs:
        return abs(parts[0])
    if node.func in (sympy.Min, sympy.Max):
        pick = min if node.func is sympy.Min else max
        return iv.mpf([pick(part.a for part in parts), pick(part.b for part in parts)])
    raise NotImplementedError(str(node.func))
