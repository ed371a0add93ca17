"""Every malformed file ends in one message: where, the rule, what was seen, the remedy."""

from __future__ import annotations

import re

import pytest

from fairtrial.core.errors import DataError
from tests.problems.files import BLEND, TABLE, TANK, compiled

# What replaces what in the good file, the line it stands on, and what the message must say.
EXPRESSION_FILES = [
    ("x * y + running", "x * z + running", 10, "unknown symbol 'z'. Declared: running, x, y."),
    ("x * y + running", "__import__('os') + x", 10, "a known function, found '__import__'"),
    ("x * y + running", "x.real + y", 10, "found 'x.real'"),
    ("x * y + running", "x[0] + y", 10, "a variable or constant with a count"),
    ("x * y + running", "(lambda:x)() + y", 10, "a known function"),
    ("x * y + running", "x ^ y", 10, "Write ** for a power."),
    ("x * y + running", "x * * y", 10, "expected arithmetic"),
    ("x * y + running", "sqrt(x, y)", 10, "1 argument(s) for sqrt, found 2"),
    ("x * y + running", "9 ** 9 ** 9 * x", 10, "a real power of at most 1e+100"),
    ("x * y + running", "x / 0 + y", 10, "a finite real value"),
    ("x * y + running", "log(-x) * y + running", 9, "a finite value somewhere in the box"),
    ("rule: x * y <= 10", "rule: sqrt(-x) <= 10", 13, "a finite value somewhere in the box"),
    ("x * y + running", "sin * x", 10, "a call, found sin alone. Write sin(...)."),
    ("minimise: x * y + running / (x * y)", "minimise: 3 * pi", 10, "expression of the variables"),
    ("minimise: x", "maximize: x", 10, "a known key, found an unknown one. Known here: maximise"),
    ("minimise: x * y + running / (x * y)", "minimise: [x]", 10, "valid string"),
    ("rule: x * y <= 10", "rule: x * y < 10", 13, "one of <=, >= and ="),
    ("rule: x * y <= 10", "rule: x * y", 13, "one of <=, >= and =, or low <= expression <= high"),
    ("rule: x * y <= 10", "rule: 5 <= x * y <= 3", 13, "lower <= upper, found 5 > 3"),
    ("rule: x * y <= 10", "rule: x <= y <= 3", 13, "numbers at both ends of a range"),
    ("rule: x * y <= 10", "rule: 1 <= 10", 13, "a variable in the rule"),
    ("x: {lower: 0.1, upper: 10", "x: {lower: 10, upper: 10", 7, "lower < upper"),
    ("x: {lower: 0.1", 'x: {lower: "0.1"', 7, "a valid number, found '0.1'"),
    ("x: {lower: 0.1", "x: {lower: .nan", 7, "a finite number"),
    ("x: {lower: 0.1, upper: 10", "x: {lower: 0.1", 7, "lower and upper, or choices"),
    ("  y: {lower", "  x: {lower", 8, "every key once, found x again (first on line 7)"),
    ("  y: {lower", "  exp: {lower", 8, "'exp', which is taken"),
    ("  y: {lower", "  2y: {lower", 8, "letters, digits and underscores"),
    ("running: 510000", "x: 510000", 7, "a name used once, found 'x'"),
    ("running: 510000", "running: !!python/name:os.system", 5, "found the tag"),
    ("running: 510000", "running: &a 510000\n  other: *a", 6, "an alias"),
    ("name: tank", "name: The Tank", 1, "pattern"),
    ("name: tank\n", "", 1, "(name): expected a value, found nothing"),
    ("title: A tank", "title: [A tank", 3, "expected YAML"),
    ("at: {x: 1, y: 2}", "at: {x: 1}", 16, "found nothing for 'y'"),
    ("at: {x: 1, y: 2}", "at: {x: 1, y: 2, w: 3}", 16, "found 'w'"),
    ("claims:", "repair: {w: x}\nclaims:", 14, "a variable, found 'w'"),
    ("claims:", "repair: {x: x + 1}\nclaims:", 14, "an expression in variables that stay, found x"),
    ("claims:", "blend: {table: a.csv}\nclaims:", 1, "blend without variables"),
    # Numbers and bounds.
    ("x: {lower: 0.1", "x: {lower: 010", 7, "a whole number in plain digits, found 010"),
    ("x: {lower: 0.1", "x: {lower: 1:30", 7, "a whole number in plain digits, found 1:30"),
    ("x: {lower: 0.1", "x: {lower: 0", 7, "numbers at the bound x = 0, found none for objective"),
    ("x: {lower: 0.1", "x: {lower: -.inf", 7, "a finite number"),
    ("running: 510000", "running: yes", 5, "a valid number, found True"),
    ("running: 510000", "running: [1, b]", 5, "a valid number, found 'b'"),
    ("running: 510000", "running: {value: b}", 5, "a valid number, found 'b'"),
    ("running: 510000", "running: {worth: 3}", 5, "a value, found nothing"),
    # Vectors and loops.
    ("x: {lower: 0.1", "x: {count: 0, lower: 0.1", 7, "greater than or equal to 1, found 0"),
    ("x: {lower: 0.1", "x: {count: 9999, lower: 0.1", 7, "less than or equal to 1000"),
    ("x: {lower: 0.1", "x: {count: 3, lower: [1, 2]", 7, "as many as count says"),
    ("x: {lower: 0.1", "x: {lower: [1, 2]", 7, "as many as count says"),
    ("x: {lower: 0.1", "x: {count: 2, lower: 0.1", 10, "a component of x, found x alone"),
    ("x * y + running", "sum(i, 1, 3, x[i]) + running", 10, "found an index on 'x'"),
    ("x * y + running", "sum(i, 1, 3) + running", 10, "sum(index, first, last, expression)"),
    ("x * y + running", "sum(x, 1, 3, x) + running", 10, "an index of its own, found 'x'"),
    ("x * y + running", "sum(i, 3, 1, x) + running", 10, "from a first to a last index"),
    ("x * y + running", "sum(i, 1, 1.5, x) + running", 10, "a whole number as index"),
    ("x * y + running", "sum(i, 1, x, y) + running", 10, "a whole number as index, found 'x'"),
    ("x * y + running", "sum(i, 1, 1e9, sin(i * x))", 10, "at most 20000 operations"),
    ("running: 510000", "running: 510000\n  c: [1, 2]\n  c1: 3", 7, "a name used once, found 'c1'"),
    # Integers and choices.
    ("x: {lower: 0.1", "x: {integer: true, lower: 0.1", 7, "whole numbers as bounds"),
    ("x: {lower: 0.1", "x: {integer: 1, lower: 1", 7, "a valid boolean, found 1"),
    ("x: {lower: 0.1", "x: {choices: [1, 2], lower: 0.1", 7, "choices without lower, upper"),
    ("x: {lower: 0.1, upper: 10}", "x: {choices: [1]}", 7, "at least 2 items"),
    ("x: {lower: 0.1, upper: 10}", "x: {choices: [1, 1]}", 7, "choices that differ"),
    ("x: {lower: 0.1, upper: 10}", "x: {choices: {steel: 1, zinc: a}}", 7, "a valid number"),
    ("at: {x: 1, y: 2}", "at: {x: steel, y: 2}", 16, "the name of a choice, found 'steel'"),
    ("at: {x: 1, y: 2}", "at: {x: [1, 2], y: 2}", 16, "1 values of x, found 2 of x"),
    ("claims:", "optimum: {objective: 1, source: a, at: {x: 1}}\nclaims:", 14, "nothing for 'y'"),
    # Terms and a second objective.
    ("objective:", "terms: {x: y + 1}\nobjective:", 9, "a name used once, found 'x'"),
    ("objective:", "terms: {a: b + 1, b: y}\nobjective:", 9, "the unknown symbol 'b'"),
    ("claims:", 'second_objective: {minimise: "3"}\nclaims:', 14, "expression of the variables"),
    ("claims:", "second_objective: {minimise: log(-y)}\nclaims:", 14, "somewhere in the box"),
    # Limits that cannot be kept.
    ("x * y <= 10", "x * y <= 10}\n  wide: {rule: x * y >= 11", 14, "wide at 11, which area"),
    ("x * y <= 10", "x + y >= 30", 13, "area at 30, which the bounds exclude"),
    ("x * y <= 10", "x ** 2 + y ** 2 <= 0.01", 13, "area at 0.01, which the bounds exclude"),
    ("x * y <= 10", "x * exp(y) <= 0.1", 13, "area at 0.1, which the bounds exclude"),
    (
        "x * y <= 10",
        "x + y <= 1}\n  b: {rule: x >= 0.6}\n  c: {rule: y >= 0.6",
        14,
        "b at 0.6, which area and c exclude",
    ),
    # What would take the machine.
    ("x * y + running", "(" * 300 + "x" + ")" * 300, 10, "too many nested parentheses"),
    ("x * y + running", "sin(" * 60 + "x" + ")" * 60, 10, "brackets nested at most 50 deep"),
    ("x * y + running", "-" * 9000 + "x", 10, "brackets nested at most 50 deep"),
    ("x * y + running", "x" + " + x" * 9000, 10, "at most 10000 characters"),
    ("x * y + running", "((9 * x) ** 900) ** 900", 10, "a factor of at most 1e+100"),
    ("x * y + running", "exp(exp(1000)) * x", 10, "finite arithmetic"),
    ("x * y + running", "max(exp(999), x)", 10, "finite arithmetic"),
    ("x * y + running", "9e99 * 9e99 * x", 10, "numbers up to 1e+100"),
    ("x * y + running", "max([i for i in (1, 2)], x)", 10, "numbers, names"),
    ("x * y + running", "(i for i in (1, 2))", 10, "numbers, names"),
    ("x * y + running", "().__class__.__base__ + x", 10, "numbers, names"),
    ("running: 510000", "running: !!python/object/apply:os.system [ls]", 5, "found the tag"),
    # Units.
    ("x: {lower: 0.1, upper: 10}", "x: {lower: 0.1, upper: 10, unit: 'm^^2'}", 7, "a known unit"),
    ("x: {lower: 0.1, upper: 10}", "x: {lower: 0.1, upper: 10, unit: m**9**9**9}", 7, "known unit"),
    ("x: {lower: 0.1, upper: 10}", "x: {lower: 0.1, upper: 10, unit: 9**9}", 7, "a known unit"),
    (
        "x: {lower: 0.1, upper: 10}",
        "x: {lower: 0.1, upper: 10, unit: blub}",
        7,
        "'blub' is not defined",
    ),
    ("x: {lower: 0.1, upper: 10}", f"x: {{lower: 0.1, upper: 10, unit: {'m' * 99}}}", 7, "60 char"),
    ("variables:", "units: [b2]\nvariables:", 6, "letters only"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), EXPRESSION_FILES)
def test_a_mistake_in_expressions_is_told_with_its_line(
    old: str, new: str, line: int, message: str
) -> None:
    """The file, the line, the rule and the value seen."""
    assert old in TANK
    with pytest.raises(DataError) as caught:
        compiled(TANK.replace(old, new, 1))
    told = str(caught.value)
    assert told.startswith(f"p.yml, line {line}"), told
    assert message in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "p.yml: expected a problem, found an empty file"),
        ("# nothing\n", "p.yml: expected a problem, found an empty file"),
        ("- a\n- b\n", "p.yml, line 1: expected a mapping"),
        ("name: a\n? [x]\n: b\n", "p.yml, line 2: expected a key of text"),
        ("name: a\ttitle: b\n\tx: 1", "expected YAML"),
        ("name: " + "[" * 9000, "expected YAML, found endless nesting"),
        ("name: " + "a" * 1_000_000, "at most 1000000 bytes, found 1000006"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n", "line 2 (b.0)"),
    ],
)
def test_what_is_no_mapping_is_refused(content: str, message: str) -> None:
    """Empty files, lists, broken YAML, and what would fill the memory."""
    with pytest.raises(DataError, match=re.escape(message)):
        compiled(content)


TABLE_FILES = [
    ("property,A,B,C", "property,A,A,C", 1, "different headings, found 'A' twice"),
    ("lower,upper", "low,upper", 1, "a column 'lower' of limits"),
    ("10,20,40", "10,20", 2, "6 cells, found 5"),
    ("10,20,40", "10,twenty,40", 2, "(B): expected a number, found 'twenty'"),
    ("10,20,40", "10,,40", 2, "(B): expected a number, found ''"),
    ("10,20,40", "10,inf,40", 2, "(B): expected a number, found 'inf'"),
    ("15,30", "30,15", 2, "lower <= upper, found 30.0 > 15.0"),
    ("cost,1,2,5,,", "cost,1,2,5,0,9", 3, "no limits on the cost"),
    ("cost,1,2,5,,", "strength,1,2,5,,", 3, "labels once, found 'strength'"),
]


@pytest.mark.parametrize(("old", "new", "line", "message"), TABLE_FILES)
def test_a_mistake_in_a_table_is_told_with_its_line(
    old: str, new: str, line: int, message: str
) -> None:
    """The table, the line, the column, the rule and the value seen."""
    with pytest.raises(DataError) as caught:
        compiled(BLEND, {"blend.csv": TABLE.replace(old, new, 1)})
    told = str(caught.value)
    assert told.startswith(f"blend.csv, line {line}"), told
    assert message in told


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "a heading and rows, found 0 row(s)"),
        ("property,A,B,lower,upper\nstrength,1,2,,\n", "a row labelled 'cost'"),
        ("property,A,B,lower,upper\ncost,1,2,,\n", "a row of a property"),
        ("property,A,lower,upper\ncost,1,,\n", "two components at least"),
        ("sieve_mm,A,B,lower,upper\nfine,1,2,,\ncost,1,2,,\n", "sieve sizes in mm"),
        (
            "property,A,B,lower,upper\ntotal,1,2,,\ncost,1,2,,\n",
            "has, found 'total'",
        ),
    ],
)
def test_a_table_that_lacks_something_is_refused(table: str, message: str) -> None:
    """No rows, no costs, no property, a single component, sieves without size."""
    with pytest.raises(DataError, match=re.escape(message)):
        compiled(BLEND, {"blend.csv": table})


SOURCE_FILES = [
    ("sources: {a: {components: [Z]}}", "(blend.sources.a.components): expected components of"),
    ("sources: {a: {components: []}}", "at least 1 item"),
    (
        "sources: {a: {components: [A]}, b: {components: [A]}}",
        "each component once, found 'A' in a",
    ),
    ("sources: {a: {components: [A], fixed_costs: 1}}", "Known here: components, fixed_cost"),
    ("sources: {a: {components: [A], minimum_share: 0.6, maximum_share: 0.5}}", "0.6 > 0.5 for a"),
    ("minimum_dose: 1.5", "less than or equal to 1, found 1.5"),
    ("fixed_cost: -1", "greater than or equal to 0, found -1"),
    ("most_sources: 0", "greater than or equal to 1, found 0"),
    ("maximum_share: 0.2", "limits that some point keeps, found"),
    ("minimum_share: 0.4", "limits that some point keeps, found"),
    ("most_sources: 2.5", "a valid integer"),
    ("cost_unit: nonsense", "a known unit"),
]


@pytest.mark.parametrize(("line", "message"), SOURCE_FILES)
def test_a_mistake_in_the_terms_of_sources_is_told_with_its_line(line: str, message: str) -> None:
    """Unknown components, terms that exclude each other, shares that cannot sum to 1."""
    with pytest.raises(DataError) as caught:
        compiled(f"{BLEND}  {line}\n", {"blend.csv": TABLE})
    told = str(caught.value)
    assert re.match(r"p.yml, line [456] \(blend", told), told
    assert message in told


def test_limits_of_a_table_that_exclude_each_other_are_told() -> None:
    """Which limit no mix keeps, and by how much the nearest one misses it."""
    with pytest.raises(DataError, match=r"strength at 50, which total and the bounds exclude") as e:
        compiled(BLEND, {"blend.csv": TABLE.replace("15,30", "50,60")})
    assert "It is missed by 10 at least" in str(e.value)


def test_numbers_may_have_an_exponent_without_a_point() -> None:
    """1e6 is the number that everyone means, though YAML 1.1 takes it for text."""
    assert compiled(TANK.replace("510000", "51e4")).definition.constants["running"] == 510000


def test_a_table_elsewhere_is_refused() -> None:
    """A table lies beside its problem; no path leads out of the folder."""
    with pytest.raises(DataError, match=r"line 5 \(blend.table\)"):
        compiled(BLEND.replace("blend.csv", "../secret.csv"))
