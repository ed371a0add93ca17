"""Whether a local minimum is the global one, by the form of the problem.

Source: Boyd, Kim, Vandenberghe and Hassibi 2007, "A tutorial on geometric programming", sections
2.1 and 2.5: with x = exp(y) the problem is convex, so that a local minimum is a global one.
"""

from __future__ import annotations

import sympy

from fairtrial.problems.reading.formulas import Formulas


def is_geometric_program(read: Formulas, lower: list[float]) -> bool:
    """Whether a posynomial is minimised over positive variables within posynomial limits.

    Args:
        read: the problem, read again.
        lower: (D,) lower ends of the box.
    """
    if min(lower, default=0.0) <= 0:
        return False
    counted = _signs(read.objective)
    if counted is None or counted[1]:
        return False
    return all(_keeps_form(*row) for row in read.rows)


def _keeps_form(expression: sympy.Expr, low: float, high: float) -> bool:
    """``expression`` within [low, high] as posynomial <= monomial, or monomial = monomial."""
    if low == high:
        counted = _signs(expression - sympy.Float(low))
        return counted in ((1, 1),)
    sides = []
    if high < float("inf"):
        sides.append(expression - sympy.Float(high))
    if low > -float("inf"):
        sides.append(sympy.Float(low) - expression)
    counted_sides = [_signs(side) for side in sides]
    # Without a negative term nothing positive keeps the limit; the searches would have found out.
    return all(counted is not None and counted[1] == 1 for counted in counted_sides)


def _signs(expression: sympy.Expr) -> tuple[int, int] | None:
    """Number of positive and of negative monomials; none where a term is no monomial."""
    positive = negative = 0
    for term in sympy.Add.make_args(sympy.expand(expression)):
        coefficient, factors = term.as_coeff_mul()
        coefficient = sympy.Mul(coefficient, *(f for f in factors if f.is_number))
        for factor in factors:
            if factor.is_number:
                continue
            base, exponent = factor.as_base_exp()
            if not base.is_Symbol or not exponent.is_number:
                return None
        if float(coefficient) > 0:
            positive += 1
        elif float(coefficient) < 0:
            negative += 1
    return positive, negative
