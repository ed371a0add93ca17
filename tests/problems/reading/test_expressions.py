"""Expressions mean what Python's arithmetic means, and nothing else gets through."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.problems.functions import ExpressionFunctions
from fairtrial.problems.reading.expressions import Names, parse_expression, symbol
from fairtrial.problems.reading.intervals import bounds_of
from fairtrial.problems.reading.syntax import ExpressionError

SYMBOLS = [symbol("x"), symbol("y")]
NAMES = Names({"x": SYMBOLS[0], "y": SYMBOLS[1]})
# Without pi: sin(pi) is 0 here and 1e-16 in Python, which a root makes 1e-8.
LEAVES = st.sampled_from(["x", "y", "2", "0.5", "3.25"])


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({' '.join(t)})"),
        inner.map(lambda e: f"(-{e})"),
        inner.map(lambda e: f"{e} ** 2"),
        inner.map(lambda e: f"({e} / (1 + abs({e})))"),
        inner.map(lambda e: f"sin({e})"),
        inner.map(lambda e: f"exp(-abs({e}))"),
        inner.map(lambda e: f"log(1 + abs({e}))"),
        inner.map(lambda e: f"sqrt(abs({e}))"),
        st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"min({t[0]}, {t[1]})"),
    )


@given(st.recursive(LEAVES, _grow, max_leaves=5), st.floats(0.1, 3), st.floats(-3, 3))
def test_values_are_those_of_python(text: str, x: float, y: float) -> None:
    """The compiled expression agrees with Python on the same text."""
    words = {name: getattr(math, name) for name in ("sin", "exp", "log", "sqrt")}
    expected = eval(text, {"__builtins__": {}}, {**words, "abs": abs, "max": max, "min": min,
                                                 "x": x, "y": y})  # fmt: skip
    expression = parse_expression(text, NAMES)
    functions = ExpressionFunctions(SYMBOLS, [expression])
    value = functions.values(np.array([[x, y], [y, x]]))[0, 0]
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_pi_is_a_constant() -> None:
    """It stands for itself, exactly where that is possible."""
    functions = ExpressionFunctions(SYMBOLS[:1], [parse_expression("x * pi + sin(pi)", NAMES)])
    assert functions.values(np.array([[2.0]]))[0, 0] == pytest.approx(2 * math.pi)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("sum(i, 1, 3, v[i])", "v1 + v2 + v3"),
        ("sum(i, 1, 2, i * v[i + 1] ** i)", "v2 + 2 * v3 ** 2"),
        ("prod(i, 2, 3, v[i] + i)", "(v2 + 2) * (v3 + 3)"),
        ("sum(i, 1, 2, sum(j, i, 2, v[i] * c[j]))", "10 * v1 + 20 * v1 + 20 * v2"),
        ("sum(i, 1, n, v[i])", "v1 + v2"),
        ("v[n] - v[n - 1] + v[1]", "v2"),
        ("c2 * x - -x + +y", "21 * x + y"),
        ("1 - 2 - 3 + x / 2 / 5 * 10", "x - 4"),
        ("2 ** 3 ** 2 * x", "512 * x"),
        ("-x ** 2", "-(x * x)"),
        ("0.1 * x + 0.2 * x", "0.3 * x"),
    ],
)
def test_loops_and_chains_are_written_out(text: str, same: str) -> None:
    """Indices start at 1, ranges include their last, chains go from left to right."""
    vector = [symbol(f"v{i}") for i in (1, 2, 3)]
    numbers = [sympy.Integer(10), sympy.Integer(20)]
    names = Names(
        {
            **NAMES.scalars,
            "n": sympy.Integer(2),
            **{str(s): s for s in vector},
            "c1": numbers[0],
            "c2": numbers[1],
        },
        {"v": vector, "c": numbers},
    )
    both = parse_expression(text, names) - parse_expression(same, names)
    assert sympy.expand(both) == 0


def test_a_long_sum_is_no_deep_one() -> None:
    """Hundreds of terms in a row are fine; it is nesting that nobody can read."""
    expression = parse_expression(" + ".join(["x * y"] * 900), NAMES)
    assert expression == 900 * SYMBOLS[0] * SYMBOLS[1]


def test_decimals_are_what_they_say() -> None:
    """0.1 is one tenth: nothing is lost where constants meet."""
    assert parse_expression("x * 0.1 * 3 - x * 0.3", NAMES) == 0


@given(
    st.recursive(LEAVES, _grow, max_leaves=6),
    st.floats(-3, 3),
    st.floats(0, 2),
    st.floats(-3, 3),
    st.floats(0, 2),
)
def test_intervals_hold_every_value(text: str, x: float, w: float, y: float, v: float) -> None:
    """No point of the box has a value outside the bounds."""
    expression = parse_expression(text, NAMES)
    box = {SYMBOLS[0]: (x, x + w), SYMBOLS[1]: (y, y + v)}
    low, high = bounds_of(expression, box)
    points = np.array([[x, y], [x + w, y + v], [x + w / 3, y + v / 2], [x + w, y]])
    values = ExpressionFunctions(SYMBOLS, [expression]).values(points)[0]
    values = values[np.isfinite(values)]
    slack = 1e-9 * (1 + np.abs(values))
    assert (values >= low - slack).all()
    assert (values <= high + slack).all()


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("x * y", (-2.0, 2.0)),
        ("x ** 2", (0.0, 4.0)),
        ("abs(x) + 1", (1.0, 3.0)),
        ("max(x, y, 0.5)", (0.5, 2.0)),
        ("min(x, y)", (-2.0, 1.0)),
        ("sqrt(y + 2)", (1.0, math.sqrt(3))),
        ("sqrt(y)", (-math.inf, math.inf)),
        ("y ** 0.3", (-math.inf, math.inf)),
        ("log(x)", (-math.inf, math.inf)),
        ("1 / (y + 3)", (0.25, 0.5)),
    ],
)
def test_intervals_are_as_tight_as_they_can_be(text: str, bounds: tuple[float, float]) -> None:
    """x in [-2, 2] and y in [-1, 1]; where a function leaves the reals, nothing is said."""
    box = {SYMBOLS[0]: (-2.0, 2.0), SYMBOLS[1]: (-1.0, 1.0)}
    found = bounds_of(parse_expression(text, NAMES), box)
    assert found == pytest.approx(bounds)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "x.__class__",
        "open('a')",
        "eval('1')",
        "[x for x in (1, 2)]",
        "x if y else 2",
        "x and y",
        "x < y",
        "f'{x}'",
        "'text'",
        "True",
        "1j",
        "x // 2",
        "x % 2",
        "x @ y",
        "x := 3",
        "max(*x)",
        "sqrt(x=2)",
        "min(x)",
        "x; y",
        "x\ny",
        "",
        "1e999",
        "10 ** 10 ** 10",
        "2 ** 400 * x",
        "x ** 5000",
        "log(0) * x",
        "sqrt(-1) * x",
        "(" * 3000 + "x" + ")" * 3000,
        "-" * 9000 + "x",
        "x + " * 5000 + "x",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """No code, no attribute, no comparison, no text, no number without end."""
    with pytest.raises(ExpressionError):
        parse_expression(text, NAMES)
