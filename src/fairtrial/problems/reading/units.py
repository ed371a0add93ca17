"""Units of expressions: what is added or compared must be stated in one unit.

A name without a unit is unchecked, and so are what it is multiplied with and the bare numbers
that are added to it. Elsewhere a bare number counts as a pure number: a price or a length belongs
under ``constants``, with its unit. Numbers are never converted: metres and millimetres in one sum
are a clash, not a factor.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pint

from fairtrial.problems.reading.syntax import ExpressionError, chain, loop_parts, quote

# Kinds of money are units of their own: exchange rates are constants of a problem.
_MONEY = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "Rs", "JPY": "¥", "CHF": "Fr", "CNY": "RMB"}
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_POWER = re.compile(r"(?<=[A-Za-zµ°%)])(?:\s*(?:\*\*|\^)\s*)?(-?\d{1,2})(?![\d.])")
_ALLOWED = re.compile(r"[A-Za-zµ°%_0-9 */^().\-]*")

Unit = Any  # a pint unit; pint ships its registry's unit class only at run time


class UnitReader:
    """Units by their text.

    Args:
        own: further units of a file, such as ``batch``, each unlike any other.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        self._registry: Any = pint.UnitRegistry(on_redefinition="ignore")
        for code, sign in _MONEY.items():
            short = "" if sign in _SIGNS else f" = {sign}"
            self._registry.define(f"{code} = [{code}]{short}")
        for name in own:
            self._registry.define(f"{name} = [{name}]")

    @property
    def none(self) -> Unit:
        """The unit of a pure number."""
        return self._registry.dimensionless

    def read(self, text: str) -> Unit | None:
        """The unit ``text`` such as ``Rs/m2``, ``kg m-3`` or ``BTU/(hr ft2)``; none if empty.

        Raises:
            ExpressionError: it is not known.
        """
        if not text.strip():
            return None
        plain = text.strip()
        for sign, code in _SIGNS.items():
            plain = plain.replace(sign, code)
        rest = _POWER.sub("", plain)
        # Powers of numbers are left to nobody: pint would work out 9**9**9.
        odd = "**" in rest or "^" in rest or re.search(r"\d(?<!1)|\d\d|\.", rest)
        try:
            if odd or not _ALLOWED.fullmatch(plain):
                raise ValueError(plain)
            plain = _POWER.sub(r"**\1", plain).replace("%", "percent")
            return self._registry.parse_units(plain, as_delta=False)
        except (pint.PintError, ValueError, TypeError, AttributeError, SyntaxError) as error:
            unknown = isinstance(error, pint.UndefinedUnitError)
            raise ExpressionError(
                "a known unit, such as m, m3, kg/m3, % or Rs/m2",
                quote(str(error) if unknown else text),
                "Mend it, declare it under units, or leave it out: then nothing is checked.",
            ) from None

    def same(self, one: Unit, other: Unit) -> bool:
        """Whether numbers in both may be added as they stand."""
        return self._difference(one, other) == ""

    def clash(self, one: Unit, other: Unit, text: str) -> ExpressionError:
        """The error for two units that meet in ``text``."""
        return ExpressionError(
            "one unit on both sides of + - and relations",
            f"{_show(one)} and {_show(other)}{self._difference(one, other)} in {quote(text)}",
            "Mend the formula, give its numbers units as constants, or leave the units out.",
        )

    def _difference(self, one: Unit, other: Unit) -> str:
        ratio = one / other
        if ratio == self.none:
            return ""
        if not ratio.dimensionless:
            return ", which differ in kind"
        # Degrees have an origin as well as a size: only the same ones can be added.
        if not self._registry.Quantity(1, ratio)._is_multiplicative:
            return ", which have different origins"
        factor = float(self._registry.Quantity(1, ratio).to_base_units().magnitude)
        return "" if abs(factor - 1) < 1e-12 else f", which differ by a factor of {factor:g}"


def unit_of(
    tree: ast.expr, text: str, units: Mapping[str, Unit | None], reader: UnitReader
) -> Unit | None:
    """Unit of a checked expression; none where it is unchecked.

    Args:
        tree: of ``text``.
        text: for messages.
        units: name -> unit of a variable, constant, vector or term.
        reader: that read them.

    Raises:
        ExpressionError: a clash.
    """
    return _Walker(text, units, reader).walk(tree, frozenset())


def agree(
    trees: Iterable[ast.expr],
    text: str,
    stated: Unit | None,
    units: Mapping[str, Unit | None],
    reader: UnitReader,
) -> None:
    """Check that the sides of a rule or assignment share a unit, and it is the ``stated`` one.

    A side of bare numbers takes the unit of the others.

    Raises:
        ExpressionError: a clash.
    """
    known = stated
    for tree in trees:
        if not _has_names(tree):
            continue
        unit = unit_of(tree, text, units, reader)
        if known is not None and unit is not None and not reader.same(unit, known):
            raise reader.clash(unit, known, text)
        known = unit if known is None else known


class _Walker:
    def __init__(self, text: str, units: Mapping[str, Unit | None], reader: UnitReader) -> None:
        self._text, self._units, self._reader = text, units, reader

    def walk(self, node: ast.expr, indices: frozenset[str]) -> Unit | None:
        """Unit of ``node``; ``indices`` are those of the loops around it."""
        match node:
            case ast.Constant():
                return self._reader.none
            case ast.Name():
                pure = node.id == "pi" or node.id in indices
                return self._reader.none if pure else self._units.get(node.id)
            case ast.Subscript():
                return self._units.get(cast(ast.Name, node.value).id)
            case ast.UnaryOp():
                return self.walk(node.operand, indices)
            case ast.BinOp(op=ast.Pow()):
                return self._power(node, indices)
            case ast.BinOp():
                first, rest = chain(node)
                if isinstance(node.op, ast.Add | ast.Sub):
                    return self._common([first, *(part for _, part in rest)], indices)
                return self._product(first, rest, indices)
        return self._call(cast(ast.Call, node), indices)

    def _common(self, parts: Iterable[ast.expr], indices: frozenset[str]) -> Unit | None:
        found = [(part, self.walk(part, indices)) for part in parts if not _is_zero(part)]
        if any(unit is None for _, unit in found):
            # Beside what is unchecked, bare numbers are, too.
            found = [(part, unit) for part, unit in found if _has_names(part)]
        known = None
        for _, unit in found:
            if known is not None and unit is not None and not self._reader.same(known, unit):
                raise self._reader.clash(known, unit, self._text)
            known = unit if known is None else known
        return known

    def _product(
        self,
        first: ast.expr,
        rest: list[tuple[ast.operator, ast.expr]],
        indices: frozenset[str],
    ) -> Unit | None:
        result = self.walk(first, indices)
        for operator, part in rest:
            unit = self.walk(part, indices)
            if result is None or unit is None:
                result = None
            else:
                result = result / unit if isinstance(operator, ast.Div) else result * unit
        return result

    def _power(self, node: ast.BinOp, indices: frozenset[str]) -> Unit | None:
        base = self.walk(node.left, indices)
        self._pure(node.right, indices)
        if base is None or base == self._reader.none:
            return base
        try:
            exponent = ast.literal_eval(node.right)
        except ValueError:
            return None  # a named exponent: what the power's unit is, it does not say
        return base**exponent

    def _call(self, node: ast.Call, indices: frozenset[str]) -> Unit | None:
        name = cast(ast.Name, node.func).id
        if name in ("sum", "prod"):
            index, _, _, body = loop_parts(node)
            unit = self.walk(body, indices | {index})
            return unit if name == "sum" or unit == self._reader.none else None
        if name in ("abs", "min", "max"):
            return self._common(node.args, indices)
        if name == "sqrt":
            unit = self.walk(node.args[0], indices)
            return None if unit is None else unit**0.5
        self._pure(node.args[0], indices)
        return self._reader.none

    def _pure(self, node: ast.expr, indices: frozenset[str]) -> None:
        unit = self.walk(node, indices)
        if unit is not None and not self._reader.same(unit, self._reader.none):
            raise self._reader.clash(unit, self._reader.none, self._text)


def _has_names(tree: ast.expr) -> bool:
    """Whether more than bare numbers stands in ``tree``."""
    return any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _is_zero(node: ast.expr) -> bool:
    """Nothing is nothing in every unit."""
    return isinstance(node, ast.Constant) and node.value == 0


def _show(unit: Unit) -> str:
    return f"{unit:~C}" or "a pure number"
