"""Units: what is added or compared must be stated in one unit, and nothing is converted."""

from __future__ import annotations

import pytest

from fairtrial.core.errors import DataError
from fairtrial.problems.reading.syntax import ExpressionError, parse_tree
from fairtrial.problems.reading.units import UnitReader, unit_of
from tests.problems.files import compiled

TEXT = """\
name: tank
title: A tank
source: a test
units: [batch]
constants:
  price: {{value: 3, unit: Rs/m2}}
  bulk: {{value: 2, unit: m3}}
  free: 4
variables:
  x: {{lower: 1, upper: 10, unit: m}}
  y: {{lower: 1, upper: 10, unit: m}}
  z: {{count: 2, lower: 1, upper: 10, unit: mm}}
  n: {{lower: 1, upper: 9, unit: batch}}
terms:
  area: x * y
objective:
  minimise: {goal}
  unit: Rs
constraints:
  limit: {{rule: "{rule}", unit: {unit}}}
"""


def told(goal: str = "price * area", rule: str = "x <= 9", unit: str = "m") -> str | None:
    """The message for such a file, or none."""
    try:
        compiled(TEXT.format(goal=goal, rule=rule, unit=unit))
    except DataError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("goal", "rule", "unit"),
    [
        ("price * x * y", "x + y <= 9", "m"),
        ("price * area + free * n", "area * y <= bulk", "m3"),
        ("2 * price * sqrt(area ** 2)", "max(0, x - y) <= 9", "m"),
        ("price * abs(x) * min(x, y)", "sum(i, 1, 2, z[i]) <= 9", "mm"),
        ("price * area * exp(x / y)", "z1 + z2 <= 9", "''"),
        ("price * area * 2 ** (x / y)", "free * x * n <= 9", "kg"),
        ("price * area * log(bulk / (x * area))", "area ** 1.5 <= bulk", "m3"),
        ("price * area", "0 <= x - y <= 9", "m"),
        ("price * area", "prod(i, 1, 2, z[i]) <= 9", "mm"),
        ("price * area * cos(pi / 3)", "x / y <= 9", "'1'"),
        ("price * area", "100 * x / y <= 900", "'1'"),
    ],
)
def test_consistent_units_pass(goal: str, rule: str, unit: str) -> None:
    """Products, powers, roots, shared units, and whatever has a name without a unit in it."""
    assert told(goal, rule, unit) is None


@pytest.mark.parametrize(
    ("goal", "rule", "unit", "message"),
    [
        ("price * x", "x <= 9", "m", "line 17 (objective.minimise): expected one unit"),
        ("price * area + 3", "x <= 9", "m", "Rs and a pure number, which differ in kind"),
        ("price * area + n", "x <= 9", "m", "Rs and batch"),
        ("price * area", "x + z1 <= 9", "m", "m and mm, which differ by a factor of 1000"),
        ("price * area", "x <= z1", "''", "mm and m"),
        ("price * area", "x <= 9", "kg", "line 20 (constraints.limit.rule): expected one unit"),
        ("price * area * exp(x)", "x <= 9", "m", "m and a pure number"),
        ("price * area ** y", "x <= 9", "m", "m and a pure number"),
        ("price * min(area, x)", "x <= 9", "m", "m**2 and m"),
        ("price * area", "x / y <= 9", "'%'", "which differ by a factor of 100"),
        ("price * area * z1", "x <= 9", "m", "Rs*mm and Rs"),
    ],
)
def test_clashes_are_told(goal: str, rule: str, unit: str, message: str) -> None:
    """Different kinds, different sizes, and functions of what is no pure number."""
    assert message in str(told(goal, rule, unit))


def test_a_repair_has_the_unit_of_its_variable() -> None:
    """The expression that sets a variable is compared with it."""
    text = TEXT.format(goal="price * area", rule="x <= 9", unit="m")
    compiled(text + "repair: {y: bulk / (x * x)}\n")
    with pytest.raises(DataError, match=r"\(repair.y\): expected one unit .* m\*\*2 and m,"):
        compiled(text + "repair: {y: bulk / x}\n")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("m3", "m**3"),
        ("m^3", "m ** 3"),
        ("kg/m3", "kg m-3"),
        ("Rs/m2", "INR m^-2"),
        ("$/t", "USD / tonne"),
        ("€", "EUR"),
        ("J/(mol K)", "J mol-1 K-1"),
        ("%", "percent"),
        ("BTU/(hr ft2 degF)", "BTU/hr/ft2/degF"),
        ("1/s", "s-1"),
    ],
)
def test_units_may_be_written_as_people_do(text: str, same: str) -> None:
    """Powers with or without signs, money by its sign, products by a space."""
    reader = UnitReader()
    assert reader.same(reader.read(text), reader.read(same))


def test_degrees_can_only_be_added_to_the_same_degrees() -> None:
    """A degree Celsius is as large as a kelvin, but starts elsewhere."""
    reader = UnitReader()
    units = {name: reader.read(unit) for name, unit in (("c", "degC"), ("d", "degC"), ("k", "K"))}
    assert unit_of(parse_tree("c - d"), "c - d", units, reader) == units["c"]
    with pytest.raises(ExpressionError) as caught:
        unit_of(parse_tree("c - k"), "c - k", units, reader)
    assert "different origins" in caught.value.seen


def test_kinds_of_money_differ() -> None:
    """Exchange rates are constants of a problem."""
    reader = UnitReader()
    assert not reader.same(reader.read("$"), reader.read("€"))


def test_without_units_nothing_is_checked() -> None:
    """A file that states none may add what it likes."""
    text = "".join(
        line + "\n"
        for line in TEXT.format(goal="price * x + n", rule="x <= z1", unit="''").splitlines()
    )
    for unit in ("Rs/m2", "m3", "mm", "batch", "Rs", "m"):
        text = text.replace(f", unit: {unit}}}", "}").replace(f"unit: {unit}\n", "\n")
    compiled(text)
