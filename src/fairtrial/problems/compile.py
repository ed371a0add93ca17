"""From a checked definition to a compiled problem, to its stored form, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.problems.blending import (
    SourcedFunctions,
    source_rows,
    sources_of,
    to_unit_sum,
    whole_rows,
)
from fairtrial.problems.definition import Definition
from fairtrial.problems.functions import (
    ExpressionFunctions,
    Functions,
    LinearFunctions,
    compile_expressions,
)
from fairtrial.problems.levels import Levels, levels_of
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.blends import Blend
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import Objective
from fairtrial.problems.reading.formulas import Formulas, read_formulas
from fairtrial.problems.reading.table import BlendTable
from fairtrial.problems.rows import Row

FloatArray = npt.NDArray[np.float64]
Repair = Callable[[FloatArray], FloatArray]


def from_pack(pack: Arrays) -> Problem:
    """The problem that `to_pack` packed."""
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
    return compile_problem(definition, table, document)


def to_pack(problem: Problem, table: BlendTable | None, files: Mapping[str, str]) -> Arrays:
    """What `from_pack` builds the same problem from.

    Args:
        problem: compiled.
        table: of a blend.
        files: name -> SHA-256 of what it was read from, the definition first.
    """
    arrays: dict[str, Any] = {"lower": problem.lower, "upper": problem.upper}
    description: dict[str, Any] = {
        "definition": problem.definition.model_dump(mode="json"),
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


def compile_problem(
    definition: Definition, table: BlendTable | None, document: Document
) -> Problem:
    """Compile a definition, with its table where it is a blend.

    Raises:
        DataError: naming the file, line, rule, value and remedy of the first mistake.
    """
    if definition.blend is not None and table is not None:
        return _compile_blend(definition, definition.blend, table, document)
    if definition.objective is not None:
        return _compile_expressions(definition, definition.objective, document)
    raise TypeError("a definition has a blend with its table, or an objective")


def _compile_blend(
    definition: Definition, blend: Blend, table: BlendTable, document: Document
) -> Problem:
    count = len(table.components)
    sources = sources_of(blend, table.components, document)
    shared, members = source_rows(sources)
    limits = zip(table.properties, table.lower, table.upper, strict=True)
    rows = [Row(name, blend.unit, float(low), float(high)) for name, low, high in limits]
    rows += [Row("total", "", 1.0, 1.0), *shared]
    coefficients = np.vstack([table.cost, table.composition, np.ones(count), members])
    linear = LinearFunctions(coefficients, np.zeros(len(coefficients)))
    functions: Functions = linear
    repair: Repair = to_unit_sum
    if sources.whole:
        rows += whole_rows(sources)
        functions, repair = SourcedFunctions(linear, sources), sources.keep_terms
    taken = sorted(set(table.properties) & {row.name for row in rows[len(table.properties) :]})
    if taken:
        raise DataError(
            blend.table, "labels that no row of ours has", repr(taken[0]), "Rename the property."
        )
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
        functions=functions,
        repair=repair,
        objective_unit=blend.cost_unit,
        sieve_mm=sieves,
    )


def _compile_expressions(
    definition: Definition, objective: Objective, document: Document
) -> Problem:
    formulas = read_formulas(definition, document)
    symbols = list(formulas.symbols.values())
    variables = list(definition.variables.values())
    limits = zip(definition.constraints.items(), formulas.rows, strict=True)
    second = formulas.second
    return Problem(
        definition=definition,
        names=tuple(formulas.symbols),
        units=tuple(variable.unit for variable in variables for _ in variable.lowers),
        lower=np.array([low for variable in variables for low in variable.lowers]),
        upper=np.array([high for variable in variables for high in variable.uppers]),
        rows=tuple(Row(name, stated.unit, low, high) for (name, stated), (_, low, high) in limits),
        functions=ExpressionFunctions(
            symbols, [formulas.objective, *(expression for expression, _, _ in formulas.rows)]
        ),
        repair=_compile_repair(formulas, levels_of(variables)),
        objective_unit=objective.unit,
        levels=levels_of(variables),
        second=None if second is None else ExpressionFunctions(symbols, [second]),
    )


def _compile_repair(formulas: Formulas, levels: Levels | None) -> Repair | None:
    """Rounding to levels, then what is set from the other variables."""
    order, symbols = list(formulas.symbols), list(formulas.symbols.values())
    steps = [
        (order.index(name), compile_expressions(symbols, [expression]))
        for name, expression in formulas.repairs.items()
    ]
    if not steps:
        return None if levels is None else levels.nearest

    def repair(points: FloatArray) -> FloatArray:
        fixed = points.copy() if levels is None else levels.nearest(points)
        for index, function in steps:
            fixed[:, index] = function(fixed)[0]
        return fixed

    return repair
