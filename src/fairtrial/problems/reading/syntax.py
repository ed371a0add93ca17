"""Arithmetic as text, checked against a whitelist: nothing is ever evaluated.

Python's own parser gives the tree; a node that is not listed here is refused. What passes is
built into sympy (`fairtrial.problems.reading.expressions`) and walked for its units
(`fairtrial.problems.reading.units`), so neither has to doubt the tree's form.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from typing import cast

FUNCTIONS: dict[str, int | None] = {
    # name -> number of arguments; None: two or more
    "sqrt": 1,
    "exp": 1,
    "log": 1,
    "sin": 1,
    "cos": 1,
    "abs": 1,
    "min": None,
    "max": None,
}
LOOPS = ("sum", "prod")  # sum(i, 1, n, expression)
RESERVED = {*FUNCTIONS, *LOOPS, "pi"}

LONGEST = 10_000  # characters; the parser's memory grows with the nesting
_DEEPEST = 50  # brackets or calls inside each other; nobody can read more
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_CHAINED = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_RELATION = re.compile(r"(<=|>=|==|=|<|>)")
_SHOWN = 80  # characters of a text that a message quotes


class ExpressionError(ValueError):
    """The text breaks a rule; ``rule``, ``seen`` and ``remedy`` as in FairtrialError."""

    def __init__(self, rule: str, seen: str, remedy: str) -> None:
        super().__init__(rule, seen, remedy)
        self.rule, self.seen, self.remedy = rule, seen, remedy


def quote(text: str) -> str:
    """``text`` in quotes on one line, shortened where it is long."""
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= _SHOWN else flat[: _SHOWN - 3] + "...")


def check_symbol(name: str) -> str:
    """Return ``name`` if it can stand in an expression.

    Raises:
        ExpressionError: it is no identifier, or it already means something.
    """
    if not (name.isascii() and name.isidentifier()) or name.startswith("_"):
        raise ExpressionError(
            "letters, digits and underscores, a letter first", quote(name), "Rename it, e.g. x1."
        )
    if keyword.iskeyword(name):
        raise ExpressionError("a free name", f"{name!r}, a reserved word", "Rename it.")
    if name in RESERVED:
        raise ExpressionError("a free name", f"{name!r}, which is taken", "Rename it.")
    return name


def parse_tree(text: str) -> ast.expr:
    """The tree of ``text``: numbers, names, x[i], + - * / **, brackets, functions and loops.

    Raises:
        ExpressionError: anything else, or more of it than anyone can read.
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            f"at most {LONGEST} characters", str(len(text)), "Name parts of it under terms."
        )
    text = text.strip()
    try:
        with warnings.catch_warnings():
            # Python warns of what looks odd before the whitelist refuses it.
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(
            "arithmetic", f"{quote(text)} ({error.msg})", "Mend the expression."
        ) from None
    except (RecursionError, MemoryError, ValueError) as error:
        raise ExpressionError(
            f"brackets nested at most {_DEEPEST} deep",
            f"what the parser gives up ({type(error).__name__})",
            "Name parts of it under terms.",
        ) from None
    _check(tree, text)
    return tree


def split_rule(text: str) -> tuple[list[str], list[str]]:
    """Sides and relations (<=, >= or =) of a rule such as ``0 <= x * y <= 3``.

    Raises:
        ExpressionError: no relation, too many, or a strict one.
    """
    parts = _RELATION.split(text)
    signs = ["=" if sign == "==" else sign for sign in parts[1::2]]
    if not signs or len(signs) > 2 or {"<", ">"} & set(signs):
        raise ExpressionError(
            "one of <=, >= and =, or low <= expression <= high",
            " and ".join(signs) or "none",
            "Rewrite the rule.",
        )
    if len(signs) == 2 and (signs[0] != signs[1] or signs[0] == "="):
        raise ExpressionError(
            "a range low <= expression <= high", quote(text), "Use one relation twice."
        )
    return parts[0::2], signs


def chain(node: ast.BinOp) -> tuple[ast.expr, list[tuple[ast.operator, ast.expr]]]:
    """First operand of a chain such as a - b + c, and what follows, without recursion."""
    level = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    rest: list[tuple[ast.operator, ast.expr]] = []
    first: ast.expr = node
    while isinstance(first, ast.BinOp) and isinstance(first.op, level):
        rest.append((first.op, first.right))
        first = first.left
    return first, rest[::-1]


def loop_parts(node: ast.Call) -> tuple[str, ast.expr, ast.expr, ast.expr]:
    """Index, first, last and body of a checked sum or prod."""
    index, first, last, body = node.args
    return cast(ast.Name, index).id, first, last, body


def _check(tree: ast.expr, text: str) -> None:
    """Refuse what is not listed; without recursion, for a chain may be thousands of terms long."""
    todo: list[tuple[ast.expr, int]] = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if depth > _DEEPEST:
            raise ExpressionError(
                f"brackets nested at most {_DEEPEST} deep", "more", "Name parts of it under terms."
            )
        match node:
            case ast.Constant() | ast.Name():
                continue
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                todo.append((node.operand, depth + 1))
            case ast.BinOp():
                _check_operator(node, text)
                on = 0 if isinstance(node.op, _CHAINED) else 1
                todo += [(node.left, depth + on), (node.right, depth + 1)]
            case ast.Subscript(value=ast.Name()) if not isinstance(node.slice, ast.Slice):
                todo.append((node.slice, depth + 1))
            case ast.Call():
                todo += [(argument, depth + 1) for argument in _arguments(node, text)]
            case _:
                raise ExpressionError(
                    "numbers, names, x[i], + - * / **, brackets and known functions",
                    _source(text, node),
                    f"Functions: {', '.join([*FUNCTIONS, *LOOPS])}.",
                )


def _check_operator(node: ast.BinOp, text: str) -> None:
    if not isinstance(node.op, _OPERATORS):
        raise ExpressionError(
            "one of + - * / **",
            _source(text, node),
            "Write ** for a power." if isinstance(node.op, ast.BitXor) else "Use one of them.",
        )


def _arguments(node: ast.Call, text: str) -> list[ast.expr]:
    """Arguments that are expressions."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in FUNCTIONS and name not in LOOPS:
        raise ExpressionError(
            "a known function",
            _source(text, node.func),
            f"Functions: {', '.join([*FUNCTIONS, *LOOPS])}.",
        )
    if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
        raise ExpressionError("plain arguments", _source(text, node), "List them.")
    given = len(node.args)
    if name in LOOPS:
        if given != 4 or not isinstance(node.args[0], ast.Name):
            raise ExpressionError(
                f"{name}(index, first, last, expression)",
                _source(text, node),
                f"Write e.g. {name}(i, 1, 3, x[i]).",
            )
        return node.args[1:]
    count = FUNCTIONS[name]
    if given != count if count else given < 2:
        raise ExpressionError(
            f"{count or 'two or more'} argument(s) for {name}", str(given), "Mend the call."
        )
    return node.args


def _source(text: str, node: ast.expr) -> str:
    return quote(ast.get_source_segment(text, node) or text)
