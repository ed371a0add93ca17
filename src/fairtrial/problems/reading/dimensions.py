"""Every expression of a file against the units that it states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fairtrial.problems.definition import Definition
from fairtrial.problems.reading.declared import told
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import components
from fairtrial.problems.reading.syntax import parse_tree, split_rule

if TYPE_CHECKING:
    from fairtrial.problems.reading.units import Unit

Path = tuple[str, ...]


def check_units(definition: Definition, document: Document) -> None:
    """Check the file's units where it states any; what has none is unchecked.

    Raises:
        DataError: an unknown unit or a clash; names the line.
    """
    stated = _stated(definition)
    if not any(text for text, _ in stated.values()):
        return
    # Reading the list of units takes longer than most problems.
    from fairtrial.problems.reading.units import UnitReader, agree, unit_of

    for name in definition.units:
        if not name.isalpha():
            raise document.error(("units",), "letters only", repr(name), "Rename the unit.")
    reader = UnitReader(definition.units)
    units: dict[str, Unit | None] = {}
    known: dict[Path, Unit | None] = {}
    for path, (text, names) in stated.items():
        with told(document, path):
            known[path] = reader.read(text)
        units |= dict.fromkeys(names, known[path])
    for name, text in definition.terms.items():
        with told(document, ("terms", name)):
            units[name] = unit_of(parse_tree(text), text, units, reader)
    for path, sides, text, unit in _equations(definition, known, units):
        with told(document, path):
            agree([parse_tree(side) for side in sides], text, unit, units, reader)


def _stated(definition: Definition) -> dict[Path, tuple[str, Sequence[str]]]:
    """Path of a unit -> its text, and the names that have it."""
    stated: dict[Path, tuple[str, Sequence[str]]] = {}
    for name in definition.constants:
        constant = definition.constant(name)
        count = len(constant.value) if isinstance(constant.value, tuple) else None
        stated["constants", name, "unit"] = constant.unit, [name, *components(name, count)]
    for name, variable in definition.variables.items():
        stated["variables", name, "unit"] = variable.unit, [name, *components(name, variable.count)]
    for key in ("objective", "second_objective"):
        objective = getattr(definition, key)
        if objective is not None:
            stated[key, "unit"] = objective.unit, []
    for name, constraint in definition.constraints.items():
        stated["constraints", name, "unit"] = constraint.unit, []
    if definition.blend is not None:
        stated["blend", "unit"] = definition.blend.unit, []
        stated["blend", "cost_unit"] = definition.blend.cost_unit, []
    return stated


def _equations(
    definition: Definition, known: Mapping[Path, Unit | None], units: Mapping[str, Unit | None]
) -> list[tuple[Path, list[str], str, Unit | None]]:
    """Path, the sides that must agree, the text of all of it, and the unit stated for it."""
    found: list[tuple[Path, list[str], str, Unit | None]] = []
    for key in ("objective", "second_objective"):
        objective = getattr(definition, key)
        if objective is not None:
            text, unit = objective.text, known[key, "unit"]
            found.append(((key, objective.way), [text], text, unit))
    for name, constraint in definition.constraints.items():
        sides, _ = split_rule(constraint.rule)
        unit = known["constraints", name, "unit"]
        found.append((("constraints", name, "rule"), sides, constraint.rule, unit))
    for name, text in definition.repair.items():
        found.append((("repair", name), [text], text, units[name]))
    return found
