"""The expressions of a problem file, with every name replaced by what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from fairtrial.problems.definition import Definition
from fairtrial.problems.reading.declared import declare, told
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import Objective
from fairtrial.problems.reading.expressions import Names, parse_expression
from fairtrial.problems.reading.rules import parse_rule


@dataclass(frozen=True)
class Formulas:
    """Objectives, constraints and repairs of a file in its D variables; numbers are exact.

    Attributes:
        symbols: component -> its symbol, in the order of the variables.
        objective: what is minimised: its opposite where the file says maximise.
        second: the same of the second objective, where there is one.
        rows: M constraints: expression, low and high, infinite where open.
        repairs: component -> what it is set to.
    """

    symbols: dict[str, sympy.Symbol]
    objective: sympy.Expr
    second: sympy.Expr | None
    rows: list[tuple[sympy.Expr, float, float]]
    repairs: dict[str, sympy.Expr]


def read_formulas(
    definition: Definition, document: Document, constants: Mapping[str, float] | None = None
) -> Formulas:
    """Build all expressions of a definition that is no blend.

    Args:
        definition: with variables and an objective.
        document: for the lines of mistakes.
        constants: other values of some constants, by the names of
            `fairtrial.problems.reading.declared.constants_of`.

    Raises:
        DataError: naming the line, rule, value and remedy of the first mistake.
        TypeError: the definition is a blend.
    """
    if definition.objective is None:
        raise TypeError("a blend has a table, no expressions")
    declared = declare(definition, document, constants or {})
    rows = []
    objective = _goal(definition.objective, "objective", declared.names, document)
    for name, constraint in definition.constraints.items():
        with told(document, ("constraints", name, "rule")):
            rows.append(parse_rule(constraint.rule, declared.names))
    second = definition.second_objective
    return Formulas(
        symbols=declared.symbols,
        objective=objective,
        second=None
        if second is None
        else _goal(second, "second_objective", declared.names, document),
        rows=rows,
        repairs=_repairs(definition, declared.symbols, declared.names, document),
    )


def _goal(objective: Objective, key: str, names: Names, document: Document) -> sympy.Expr:
    """The expression that is minimised."""
    path = (key, objective.way)
    with told(document, path):
        goal = parse_expression(objective.text, names)
    if not goal.free_symbols:
        raise document.error(
            path, "an expression of the variables", repr(objective.text), "Name one of them."
        )
    return -goal if objective.way == "maximise" else goal


def _repairs(
    definition: Definition,
    symbols: Mapping[str, sympy.Symbol],
    names: Names,
    document: Document,
) -> dict[str, sympy.Expr]:
    found: dict[str, sympy.Expr] = {}
    for name, text in definition.repair.items():
        path = ("repair", name)
        if name not in symbols:
            known = ", ".join(symbols)
            raise document.error(path, "a variable", repr(name), f"Variables: {known}.")
        variable = definition.variables.get(name)
        if variable is not None and (variable.integer or variable.choices):
            raise document.error(
                path, "a continuous variable", f"{name!r} with levels", "Repair another one."
            )
        with told(document, path):
            found[name] = parse_expression(text, names)
        own = sorted(set(definition.repair) & {str(s) for s in found[name].free_symbols})
        if own:
            raise document.error(
                path, "an expression in variables that stay", own[0], "Solve for one variable."
            )
    return found
