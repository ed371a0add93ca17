"""From files to a compiled problem, to its stored form, and back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Arrays
from fairtrial.problems.definition import Blend, Definition, Objective, check_definition
from fairtrial.problems.functions import (
    ExpressionFunctions,
    LinearFunctions,
    compile_expressions,
)
from fairtrial.problems.problem import Problem, Row
from fairtrial.problems.reading.document import Document, read_document
from fairtrial.problems.reading.expressions import (
    ExpressionError,
    check_symbol,
    parse_expression,
    parse_rule,
    symbol,
)
from fairtrial.problems.reading.table import BlendTable, read_table

FloatArray = npt.NDArray[np.float64]
Read = Callable[[str], bytes]

_SAMPLES = 256  # points of the box at which a function must be a number once


def read_problem(name: str, read: Read) -> tuple[Problem, Arrays]:
    """Read, check and compile a problem file with its table.

    Args:
        name: of the YAML file.
        read: content of a file beside it, by name.

    Returns:
        The problem and its pack, from which `from_pack` builds the same problem.

    Raises:
        DataError: naming the file, line, rule, value and remedy of the first mistake.
    """
    content = read(name)
    document = read_document(content, name)
    definition = check_definition(document)
    files = {name: sha256_bytes(content)}
    table = None
    if definition.blend is not None:
        table_content = read(definition.blend.table)
        files[definition.blend.table] = sha256_bytes(table_content)
        table = read_table(table_content, definition.blend.table, definition.blend)
    problem = _compile(definition, table, document)
    _check_finite(problem, document)
    for claim, stated in definition.claims.items():
        try:
            problem.point(stated.at)
        except DataError as error:
            raise document.error(("claims", claim, "at"), *error.args[1:]) from None
    return problem, _pack(problem, definition, table, files)


def _check_finite(problem: Problem, document: Document) -> None:
    """A function that is no number anywhere in the box (a logarithm of what is negative)."""
    shares = np.random.default_rng(0).random((_SAMPLES, len(problem.names)))
    values = problem.functions.values(problem.lower + shares * (problem.upper - problem.lower))
    names = ["objective", *(f"constraints.{row.name}" for row in problem.rows)]
    for name, found in zip(names, values, strict=True):
        if not np.isfinite(found).any():
            raise document.error(
                name.split("."),
                "a finite value somewhere in the box",
                f"none at {_SAMPLES} points of it",
                "Mend the expression or the bounds.",
            )


def from_pack(pack: Arrays) -> Problem:
    """The problem that `read_problem` packed."""
    description = pack.description
    definition = Definition.model_validate(description["definition"])
    document = Document(next(iter(description["files"])), {}, {})
    table = None
    if definition.blend is not None:
        table = BlendTable(
            kind=description["table"]["kind"],
            components=tuple(description["table"]["components"]),
            properties=tuple(description["table"]["properties"]),
            cost=np.asarray(pack["cost"]),
            composition=np.asarray(pack["composition"]),
            lower=np.asarray(pack["row_lower"]),
            upper=np.asarray(pack["row_upper"]),
        )
    return _compile(definition, table, document)


def _pack(
    problem: Problem, definition: Definition, table: BlendTable | None, files: Mapping[str, str]
) -> Arrays:
    arrays: dict[str, Any] = {"lower": problem.lower, "upper": problem.upper}
    description: dict[str, Any] = {
        "definition": definition.model_dump(mode="json"),
        "files": dict(files),
    }
    if table is not None:
        arrays |= {
            "cost": table.cost,
            "composition": table.composition,
            "row_lower": table.lower,
            "row_upper": table.upper,
        }
        description["table"] = {
            "kind": table.kind,
            "components": list(table.components),
            "properties": list(table.properties),
        }
    return Arrays(arrays, description)


def _compile(definition: Definition, table: BlendTable | None, document: Document) -> Problem:
    if definition.blend is not None and table is not None:
        return _compile_blend(definition, definition.blend, table)
    if definition.objective is not None:
        return _compile_expressions(definition, definition.objective, document)
    raise TypeError("a definition has a blend with its table, or an objective")


def _compile_blend(definition: Definition, blend: Blend, table: BlendTable) -> Problem:
    count = len(table.components)
    rows = [
        Row(name, blend.unit, float(low), float(high))
        for name, low, high in zip(table.properties, table.lower, table.upper, strict=True)
    ]
    rows.append(Row("total", "", 1.0, 1.0))
    coefficients = np.vstack([table.cost, table.composition, np.ones(count)])
    sieves: tuple[float, ...] = ()
    if table.kind == "sieve_mm":
        try:
            sieves = tuple(float(name) for name in table.properties)
        except ValueError as error:
            raise DataError(
                f"{blend.table} (sieve_mm)", "sieve sizes in mm", str(error), "Write numbers."
            ) from None
    return Problem(
        definition=definition,
        names=table.components,
        units=("",) * count,
        lower=np.zeros(count),
        upper=np.ones(count),
        rows=tuple(rows),
        functions=LinearFunctions(coefficients, np.zeros(len(coefficients))),
        repair=to_unit_sum,
        objective_unit=blend.cost_unit,
        sieve_mm=sieves,
    )


def to_unit_sum(points: FloatArray) -> FloatArray:
    """(N, D) of shares >= 0 divided by their sum; equal shares where all are 0."""
    total = np.zeros(len(points))
    for column in points.T:
        total += column
    empty = total <= 0
    mixed: FloatArray = np.where(
        empty[:, None], 1.0 / points.shape[1], points / np.where(empty, 1.0, total)[:, None]
    )
    return mixed


def _compile_expressions(
    definition: Definition, objective: Objective, document: Document
) -> Problem:
    for group in ("constants", "variables"):
        for name in getattr(definition, group):
            with _told(document, (group, name)):
                check_symbol(name)
    both = set(definition.constants) & set(definition.variables)
    if both:
        name = min(both)
        raise document.error(
            ("variables", name), "a name used once", f"{name!r} as a constant too", "Rename one."
        )
    symbols = {name: symbol(name) for name in definition.variables}
    names: dict[str, sympy.Expr] = {
        **symbols,
        **{name: sympy.Float(value) for name, value in definition.constants.items()},
    }
    way = "minimise" if objective.minimise is not None else "maximise"
    text = objective.minimise if objective.minimise is not None else objective.maximise
    with _told(document, ("objective", way)):
        goal = parse_expression(text or "", names)
    if not goal.free_symbols:
        raise document.error(
            ("objective", way), "an expression of the variables", repr(text), "Name one of them."
        )
    rows, expressions = [], []
    for name, constraint in definition.constraints.items():
        with _told(document, ("constraints", name, "rule")):
            expression, low, high = parse_rule(constraint.rule, names)
        rows.append(Row(name, constraint.unit, low, high))
        expressions.append(expression)
    variables = definition.variables.values()
    return Problem(
        definition=definition,
        names=tuple(definition.variables),
        units=tuple(variable.unit for variable in variables),
        lower=np.array([variable.lower for variable in variables]),
        upper=np.array([variable.upper for variable in variables]),
        rows=tuple(rows),
        functions=ExpressionFunctions(
            list(symbols.values()), [-goal if way == "maximise" else goal, *expressions]
        ),
        repair=_compile_repair(definition, symbols, names, document),
        objective_unit=objective.unit,
    )


def _compile_repair(
    definition: Definition,
    symbols: Mapping[str, sympy.Symbol],
    names: Mapping[str, sympy.Expr],
    document: Document,
) -> Callable[[FloatArray], FloatArray] | None:
    steps = []
    order = list(symbols)
    targets = set(definition.repair)
    for name, text in definition.repair.items():
        path = ("repair", name)
        if name not in symbols:
            raise document.error(path, "a variable", repr(name), f"Variables: {', '.join(order)}.")
        with _told(document, path):
            expression = parse_expression(text, names)
        own = sorted(targets & {str(used) for used in expression.free_symbols})
        if own:
            raise document.error(
                path, "an expression in variables that stay", own[0], "Solve for one variable."
            )
        steps.append((order.index(name), compile_expressions(list(symbols.values()), [expression])))
    if not steps:
        return None

    def repair(points: FloatArray) -> FloatArray:
        fixed = points.copy()
        for index, function in steps:
            fixed[:, index] = function(points)[0]
        return fixed

    return repair


@contextlib.contextmanager
def _told(document: Document, path: tuple[str, ...]) -> Iterator[None]:
    """A mistake in an expression is told with its file and line."""
    try:
        yield
    except ExpressionError as error:
        raise document.error(path, error.rule, error.seen, error.remedy) from None
