"""A parsed file against the rules, with the line of the first mistake."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fairtrial.core.errors import DataError
from fairtrial.problems.definition import Claim, Definition, Optimum, Printed
from fairtrial.problems.reading.blends import Blend, Source
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import Constant, Constraint, Objective, Variable


def check_definition(document: Document) -> Definition:
    """Check a parsed file against the rules.

    Raises:
        DataError: naming the file, the line, the rule, the value seen and the remedy.
    """
    try:
        return Definition.model_validate(document.data)
    except ValidationError as error:
        raise _explain(document, error) from None


def _explain(document: Document, error: ValidationError) -> DataError:
    fault, path = _first(document.data, error)
    remedy = "Mend it; conf/base/problems holds examples."
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_fields_at(path[:-1]))
        return document.error(path, "a known key", "an unknown one", f"Known here: {known}.")
    if fault["type"] == "missing":
        return document.error(path, "a value", "nothing", "Add the key.")
    rule = fault["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return document.error(path, rule, _seen(fault["input"]), remedy)


def _first(data: Any, error: ValidationError) -> tuple[ErrorDetails, list[str | int]]:
    """The first mistake and where it is.

    Where a value may take several forms, pydantic tells what each of them lacks: the one that
    came furthest is the one that was meant.
    """
    faults = [(fault, _path_in(data, fault["loc"], fault["type"])) for fault in error.errors()]
    first = faults[0][1]
    same = [fault for fault in faults if fault[1][: len(first)] == first]
    return max(same, key=lambda fault: len(fault[1]))


def _path_in(data: Any, loc: tuple[str | int, ...], kind: str) -> list[str | int]:
    """The part of pydantic's ``loc`` that leads through the file.

    Pydantic also names the branch of a union that it tried, which is no key of anyone's.
    """
    path: list[str | int] = []
    for part in loc:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            if kind != "missing" or part != loc[-1]:
                continue
        path.append(part)
    return path


def _seen(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _fields_at(path: list[str | int]) -> list[str]:
    """Keys that are allowed where ``path`` leads."""
    models: dict[str, type[BaseModel]] = {
        "constants": Constant,
        "variables": Variable,
        "objective": Objective,
        "second_objective": Objective,
        "printed": Printed,
        "constraints": Constraint,
        "blend": Source if "sources" in path else Blend,
        "optimum": Optimum,
        "claims": Claim,
    }
    model = models.get(str(path[0]), Definition) if path else Definition
    return sorted(model.model_fields)
