"""Checked arithmetic built into sympy: only numbers, declared names and listed operations."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sympy

from fairtrial.problems.reading.syntax import (
    ExpressionError,
    chain,
    loop_parts,
    parse_tree,
    quote,
)

_BUILD: dict[str, Callable[..., Any]] = {
    "sqrt": sympy.sqrt,
    "exp": sympy.exp,
    "log": sympy.log,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "abs": sympy.Abs,
    "min": sympy.Min,
    "max": sympy.Max,
}
_LARGEST = 1e100  # of a number: beyond it products overflow before anything is learnt
_MOST_STEPS = 20_000  # operations of one expression, loops written out: more takes minutes
_LARGEST_EXPONENT = 1000


@dataclass(frozen=True)
class Names:
    """What names stand for.

    Attributes:
        scalars: name -> symbol, number or, for a term, its expression.
        vectors: name -> components, for ``name[i]`` with i from 1.
    """

    scalars: Mapping[str, sympy.Expr]
    vectors: Mapping[str, Sequence[sympy.Expr]] = field(default_factory=dict)


def symbol(name: str) -> sympy.Symbol:
    """The sympy symbol of a variable: real, so that abs() has a derivative."""
    return sympy.Symbol(name, real=True)


def number(value: float) -> sympy.Expr:
    """The number as it is written: 0.1 is one tenth, not its binary neighbour."""
    return sympy.Rational(repr(float(value)))


def parse_expression(text: str, names: Names) -> sympy.Expr:
    """Build the expression ``text``.

    Args:
        text: numbers, names, x[i], + - * / ** and brackets, pi, sqrt exp log sin cos abs min max,
            sum(i, first, last, expression) and prod(...).
        names: what each name stands for.

    Raises:
        ExpressionError: anything else, or a value that is not finite.
    """
    return build_tree(parse_tree(text), text, names)


def build_tree(tree: ast.expr, text: str, names: Names) -> sympy.Expr:
    """As `parse_expression`, from the tree of ``text``."""
    try:
        built = _Builder(names).build(tree, {})
    except ExpressionError:
        raise
    except (OverflowError, ValueError, TypeError, RecursionError) as error:
        raise ExpressionError(
            "finite arithmetic", f"{quote(text)} ({error})", "Mend the expression."
        ) from None
    if built.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
        raise ExpressionError(
            "a finite real value", quote(text), "It divides by zero or leaves the reals."
        )
    # Factors that meet where sums are multiplied out are seen only now.
    for found in built.atoms(sympy.Rational):
        if abs(found) > _LARGEST:
            raise ExpressionError(
                f"numbers up to {_LARGEST:g}", f"a larger one in {quote(text)}", "Change the unit."
            )
    return built


class _Builder:
    """Walks one checked tree."""

    def __init__(self, names: Names) -> None:
        self._names, self._steps = names, 0

    def build(self, node: ast.expr, indices: Mapping[str, int]) -> sympy.Expr:
        """The expression of ``node``; ``indices`` are those of the loops around it."""
        self._count(1)
        match node:
            case ast.Constant():
                return _literal(node.value)
            case ast.Name():
                return self._name(node.id, indices)
            case ast.Subscript():
                return self._component(node, indices)
            case ast.UnaryOp():
                inner = self.build(node.operand, indices)
                return -inner if isinstance(node.op, ast.USub) else inner
            case ast.BinOp(op=ast.Pow()):
                return _power(self.build(node.left, indices), self.build(node.right, indices))
            case ast.BinOp():
                return self._chain(node, indices)
        return self._call(cast(ast.Call, node), indices)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise ExpressionError(
                f"at most {_MOST_STEPS} operations, loops written out",
                "more",
                "State the problem with fewer, or a blend as a table.",
            )

    def _name(self, name: str, indices: Mapping[str, int]) -> sympy.Expr:
        if name == "pi":
            return sympy.pi
        if name in indices:
            return sympy.Integer(indices[name])
        if name in self._names.scalars:
            return self._names.scalars[name]
        if name in _BUILD:
            raise ExpressionError("a call", f"{name} alone", f"Write {name}(...).")
        if name in self._names.vectors:
            raise ExpressionError(
                f"a component of {name}", f"{name} alone", f"Write {name}[1], or a sum over it."
            )
        declared = ", ".join([*self._names.vectors, *self._names.scalars]) or "-"
        raise ExpressionError("a declared name", f"the unknown symbol {name!r}", _cut(declared))

    def _component(self, node: ast.Subscript, indices: Mapping[str, int]) -> sympy.Expr:
        name = cast(ast.Name, node.value).id
        if name not in self._names.vectors:
            raise ExpressionError(
                "a variable or constant with a count", f"an index on {name!r}", "Leave it out."
            )
        components = self._names.vectors[name]
        index = self._whole(node.slice, indices)
        if not 1 <= index <= len(components):
            raise ExpressionError(
                f"an index of {name} from 1 to {len(components)}", str(index), "Mend the range."
            )
        return components[index - 1]

    def _whole(self, node: ast.expr, indices: Mapping[str, int]) -> int:
        value = self.build(node, indices)
        if value.is_Integer is not True:
            raise ExpressionError("a whole number as index", quote(str(value)), "Mend the index.")
        return int(value)

    def _chain(self, node: ast.BinOp, indices: Mapping[str, int]) -> sympy.Expr:
        first, rest = chain(node)
        parts = [self.build(first, indices)]
        for operator, operand in rest:
            part = self.build(operand, indices)
            if isinstance(operator, ast.Sub):
                part = -part
            elif isinstance(operator, ast.Div):
                part = 1 / part
            parts.append(part)
        whole = sympy.Add if isinstance(node.op, ast.Add | ast.Sub) else sympy.Mul
        return _bounded(whole(*parts), parts)

    def _call(self, node: ast.Call, indices: Mapping[str, int]) -> sympy.Expr:
        name = cast(ast.Name, node.func).id
        if name not in _BUILD:
            return self._loop(name, node, indices)
        arguments = [self.build(argument, indices) for argument in node.args]
        if name == "exp" and arguments[0].is_number:
            # sympy would leave exp(1000) as it stands and fail over it later.
            _check_size(math.exp(float(arguments[0])))
        return _bounded(_BUILD[name](*arguments), arguments)

    def _loop(self, name: str, node: ast.Call, indices: Mapping[str, int]) -> sympy.Expr:
        index, first, last, body = loop_parts(node)
        if index in {*self._names.scalars, *self._names.vectors, *indices, "pi", *_BUILD}:
            raise ExpressionError("an index of its own", f"{index!r}, which is taken", "Rename it.")
        low, high = self._whole(first, indices), self._whole(last, indices)
        if low > high:
            raise ExpressionError(
                f"{name} from a first to a last index", f"{low} to {high}", "Mend the range."
            )
        self._count(high - low)
        parts = [self.build(body, {**indices, index: i}) for i in range(low, high + 1)]
        return _bounded((sympy.Add if name == "sum" else sympy.Mul)(*parts), parts)


def _literal(value: object) -> sympy.Expr:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError("a number", quote(repr(value)), "Write it in digits.")
    if abs(value) > _LARGEST:
        raise ExpressionError(f"numbers up to {_LARGEST:g}", quote(repr(value)), "Change the unit.")
    return sympy.Integer(value) if isinstance(value, int) else number(value)


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    # sympy raises whole numbers exactly: 9 ** 9 ** 9 would take the memory of the machine.
    if base.is_number and exponent.is_number:
        try:
            value = float(base) ** float(exponent)
        except (OverflowError, ZeroDivisionError):
            value = math.inf
        if isinstance(value, complex) or not math.isfinite(value) or abs(value) > _LARGEST:
            raise ExpressionError(
                f"a real power of at most {_LARGEST:g}", quote(f"{base} ** {exponent}"), "Mend it."
            )
        return number(value)
    if exponent.is_number:
        size = abs(float(exponent))
        factor = abs(float(base.as_coeff_Mul()[0]))
        if size > _LARGEST_EXPONENT:
            raise ExpressionError(
                f"an exponent of at most {_LARGEST_EXPONENT}", str(exponent), "Rescale the problem."
            )
        if factor and abs(math.log10(factor)) * size > math.log10(_LARGEST):
            raise ExpressionError(
                f"a factor of at most {_LARGEST:g}", quote(f"{base} ** {exponent}"), "Rescale it."
            )
    return base**exponent


def _bounded(value: sympy.Expr, parts: Sequence[sympy.Expr]) -> sympy.Expr:
    """``value``, refused where it is a number beyond all sense."""
    if all(part.is_number for part in parts) and value.is_finite:
        _check_size(float(value))
    return value


def _check_size(value: float) -> None:
    if abs(value) > _LARGEST:
        raise ExpressionError(f"numbers up to {_LARGEST:g}", f"{value:g}", "Change the unit.")


def _cut(declared: str) -> str:
    return f"Declared: {declared if len(declared) <= 200 else declared[:197] + '...'}."
