"""The names of a problem file: components of vectors, constants and terms."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sympy

from fairtrial.problems.definition import Definition
from fairtrial.problems.reading.document import Document
from fairtrial.problems.reading.entries import components
from fairtrial.problems.reading.expressions import Names, number, parse_expression, symbol
from fairtrial.problems.reading.syntax import ExpressionError, check_symbol


@dataclass(frozen=True)
class Declared:
    """What the names of a file mean.

    Attributes:
        symbols: component -> its symbol, in the order of the D variables.
        names: for expressions.
    """

    symbols: dict[str, sympy.Symbol]
    names: Names


def constants_of(definition: Definition) -> dict[str, float]:
    """Name -> value; the numbers of a list ``c`` go by ``c1``, ``c2``, ..."""
    found: dict[str, float] = {}
    for name in definition.constants:
        value = definition.constant(name).value
        values = value if isinstance(value, tuple) else (value,)
        parts = components(name, len(values) if isinstance(value, tuple) else None)
        found |= dict(zip(parts, values, strict=True))
    return found


def declare(definition: Definition, document: Document, constants: Mapping[str, float]) -> Declared:
    """Give every name of the file its meaning; terms in their order.

    Args:
        definition: of the file.
        document: for the lines of mistakes.
        constants: values in place of the file's, by the names of `constants_of`.

    Raises:
        DataError: a name that cannot stand in an expression or stands for two things, or a
            mistake in a term; names the line.
    """
    scalars: dict[str, sympy.Expr] = {}
    vectors: dict[str, list[sympy.Expr]] = {}
    taken: set[str] = set()

    def add(group: str, name: str, meaning: dict[str, sympy.Expr], vector: bool) -> None:
        with told(document, (group, name)):
            check_symbol(name)
        for new in {name, *meaning}:
            if new in taken:
                raise document.error((group, name), "a name used once", repr(new), "Rename one.")
            taken.add(new)
        scalars.update(meaning)
        if vector:
            vectors[name] = list(meaning.values())

    values = {**constants_of(definition), **constants}
    for name in definition.constants:
        value = definition.constant(name).value
        count = len(value) if isinstance(value, tuple) else None
        numbers = {part: number(values[part]) for part in components(name, count)}
        add("constants", name, numbers, count is not None)
    symbols: dict[str, sympy.Symbol] = {}
    for name, variable in definition.variables.items():
        own = {part: symbol(part) for part in components(name, variable.count)}
        add("variables", name, own, variable.count is not None)
        symbols |= own
    names = Names(scalars, vectors)
    for name, text in definition.terms.items():
        with told(document, ("terms", name)):
            term = parse_expression(text, names)
        add("terms", name, {name: term}, False)
        names = replace(names, scalars=scalars)
    return Declared(symbols, names)


@contextlib.contextmanager
def told(document: Document, path: tuple[str, ...]) -> Iterator[None]:
    """A mistake in an expression is told with its file and line."""
    try:
        yield
    except ExpressionError as error:
        raise document.error(path, error.rule, error.seen, error.remedy) from None
