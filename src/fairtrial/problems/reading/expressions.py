"""Arithmetic as text, read by a whitelist and built into sympy: nothing is ever evaluated.

Python's own parser gives the tree; a node that is not listed here is refused. Text never reaches
sympy, only numbers, declared names and the operations below.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy

FUNCTIONS: dict[str, tuple[Callable[..., Any], int | None]] = {
    # name -> (sympy's function, number of arguments; None: two or more)
    "sqrt": (sympy.sqrt, 1),
    "exp": (sympy.exp, 1),
    "log": (sympy.log, 1),
    "sin": (sympy.sin, 1),
    "cos": (sympy.cos, 1),
    "abs": (sympy.Abs, 1),
    "min": (sympy.Min, None),
    "max": (sympy.Max, None),
}
RESERVED = {*FUNCTIONS, "pi"}

_RELATION = re.compile(r"(<=|>=|==|=|<|>)")
_LONGEST = 10_000  # characters; the parser's memory grows with the nesting
_LARGEST = 1e100  # of a number: beyond it products overflow before anything is learnt


class ExpressionError(ValueError):
    """The text breaks a rule; ``rule``, ``seen`` and ``remedy`` as in FairtrialError."""

    def __init__(self, rule: str, seen: str, remedy: str) -> None:
        super().__init__(rule, seen, remedy)
        self.rule, self.seen, self.remedy = rule, seen, remedy


def check_symbol(name: str) -> str:
    """Return ``name`` if it can stand in an expression.

    Raises:
        ExpressionError: it is no identifier, or it already means something.
    """
    if not (name.isascii() and name.isidentifier()) or name.startswith("_"):
        raise ExpressionError(
            "letters, digits and underscores, a letter first", repr(name), "Rename it, e.g. x1."
        )
    if keyword.iskeyword(name) or name in RESERVED:
        raise ExpressionError("a free name", f"{name!r}, which is taken", "Rename it.")
    return name


def symbol(name: str) -> sympy.Symbol:
    """The sympy symbol of a variable: real, so that abs() has a derivative."""
    return sympy.Symbol(name, real=True)


def parse_expression(text: str, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Build the expression ``text``.

    Args:
        text: numbers, names, + - * / ** and brackets, pi, sqrt exp log sin cos abs min max.
        names: what each name stands for: a variable's symbol or a constant's number.

    Raises:
        ExpressionError: anything else, or a value that is not finite.
    """
    if len(text) > _LONGEST:
        raise ExpressionError(
            f"at most {_LONGEST} characters", str(len(text)), "Split it with constants."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
        built = _build(tree.body, names)
    except ExpressionError:
        raise
    except SyntaxError as error:
        raise ExpressionError(
            "arithmetic", f"{text.strip()!r} ({error.msg})", "Mend the expression."
        ) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(
            "brackets nested less deep", "too many levels", "Split it with constants."
        ) from None
    except (OverflowError, ValueError, TypeError) as error:
        raise ExpressionError("finite arithmetic", str(error), "Mend the expression.") from None
    if built.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I):
        raise ExpressionError(
            "a finite real value", repr(text.strip()), "It divides by zero or leaves the reals."
        )
    return built


def parse_rule(text: str, names: Mapping[str, sympy.Expr]) -> tuple[sympy.Expr, float, float]:
    """Expression, low and high of a rule such as ``x + y <= 10`` or ``0 <= x * y <= 3``.

    Raises:
        ExpressionError: no relation or too many, a strict one, no variable, or low above high.
    """
    parts = _RELATION.split(text)
    signs = ["=" if sign == "==" else sign for sign in parts[1::2]]
    if not signs or len(signs) > 2 or {"<", ">"} & set(signs):
        seen = "none" if not signs else " and ".join(signs)
        raise ExpressionError(
            "one of <=, >= and =, or low <= expression <= high", seen, "Rewrite the rule."
        )
    sides = [parse_expression(part, names) for part in parts[0::2]]
    if len(signs) == 2:
        low, middle, high = sides if signs[0] == "<=" else sides[::-1]
        if signs[0] != signs[1] or signs[0] == "=" or low.free_symbols or high.free_symbols:
            raise ExpressionError(
                "numbers at both ends of a range", repr(text), "Write low <= expression <= high."
            )
        row, ends = middle, (float(low), float(high))
    else:
        left, right = sides
        if left.free_symbols and right.free_symbols:
            row, limit = left - right, 0.0
        elif left.free_symbols:
            row, limit = left, float(right)
        else:
            row, limit = right, float(left)
            signs = [{"<=": ">=", ">=": "<="}.get(signs[0], "=")]
        low_end = -math.inf if signs[0] == "<=" else limit
        ends = (low_end, math.inf if signs[0] == ">=" else limit)
    if not row.free_symbols:
        raise ExpressionError("a variable in the rule", repr(text), "Name one, or remove the rule.")
    if ends[0] > ends[1]:
        raise ExpressionError(
            "lower <= upper", f"{ends[0]:g} > {ends[1]:g}", "Exchange or mend the limits."
        )
    return row, *ends


def _build(node: ast.expr, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    if isinstance(node, ast.Constant):
        return _number(node.value)
    if isinstance(node, ast.Name):
        return _name(node.id, names)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd | ast.USub):
        inner = _build(node.operand, names)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp):
        return _binary(node, names)
    if isinstance(node, ast.Call):
        return _call(node, names)
    raise ExpressionError(
        "numbers, names, + - * / **, brackets and known functions",
        repr(ast.unparse(node)),
        f"Functions: {', '.join(FUNCTIONS)}.",
    )


def _number(value: object) -> sympy.Expr:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExpressionError("a number", repr(value), "Write it in digits.")
    if abs(value) > _LARGEST:
        raise ExpressionError(f"numbers up to {_LARGEST:g}", repr(value)[:40], "Change the unit.")
    return sympy.Integer(value) if isinstance(value, int) else sympy.Float(value)


def _name(name: str, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    if name == "pi":
        return sympy.pi
    if name in names:
        return names[name]
    if name in FUNCTIONS:
        raise ExpressionError("a call", f"{name} alone", f"Write {name}(...).")
    raise ExpressionError(
        "a declared name", f"the unknown symbol {name!r}", f"Declared: {', '.join(names) or '-'}."
    )


def _binary(node: ast.BinOp, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    left, right = _build(node.left, names), _build(node.right, names)
    match node.op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Pow():
            return _power(left, right)
    raise ExpressionError(
        "one of + - * / **",
        repr(ast.unparse(node)),
        "Write ** for a power." if isinstance(node.op, ast.BitXor) else "Use one of them.",
    )


def _power(base: sympy.Expr, exponent: sympy.Expr) -> sympy.Expr:
    # sympy raises whole numbers exactly: 9 ** 9 ** 9 would take the memory of the machine.
    if base.is_number and exponent.is_number:
        try:
            value = float(base) ** float(exponent)
        except (OverflowError, ZeroDivisionError):
            value = math.inf
        if isinstance(value, complex) or not math.isfinite(value) or abs(value) > _LARGEST:
            raise ExpressionError(
                f"a real power of at most {_LARGEST:g}", f"{base} ** {exponent}", "Mend it."
            )
        return sympy.Float(value)
    if exponent.is_number and abs(float(exponent)) > 1000:
        raise ExpressionError("an exponent of at most 1000", str(exponent), "Rescale the problem.")
    return base**exponent


def _call(node: ast.Call, names: Mapping[str, sympy.Expr]) -> sympy.Expr:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        raise ExpressionError(
            "a known function",
            repr(ast.unparse(node.func)),
            f"Functions: {', '.join(FUNCTIONS)}.",
        )
    function, count = FUNCTIONS[node.func.id]
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ExpressionError("plain arguments", repr(ast.unparse(node)), "List them.")
    if len(node.args) != count if count else len(node.args) < 2:
        raise ExpressionError(
            f"{count or 'two or more'} argument(s) for {node.func.id}",
            str(len(node.args)),
            "Mend the call.",
        )
    return function(*(_build(argument, names) for argument in node.args))
