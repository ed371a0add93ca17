"""Read a problem file with its table, and find its mistakes before anything runs."""

from __future__ import annotations

from collections.abc import Callable

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Arrays
from fairtrial.problems.compile import compile_problem, to_pack
from fairtrial.problems.definition import Definition, Point
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.check import check_definition
from fairtrial.problems.reading.dimensions import check_units
from fairtrial.problems.reading.document import Document, read_document
from fairtrial.problems.reading.limits import check_limits
from fairtrial.problems.reading.numbers import check_numbers
from fairtrial.problems.reading.table import read_table

Read = Callable[[str], bytes]


def read_problem(name: str, read: Read) -> tuple[Problem, Arrays]:
    """Read, check and compile a problem file with its table.

    Args:
        name: of the YAML file.
        read: content of a file beside it, by name.

    Returns:
        The problem and its pack, from which `fairtrial.problems.compile.from_pack` builds the
        same problem.

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
    problem = compile_problem(definition, table, document)
    check_units(definition, document)
    check_numbers(problem, document)
    check_limits(problem, document)
    _check_points(problem, definition, document)
    return problem, to_pack(problem, table, files)


def _check_points(problem: Problem, definition: Definition, document: Document) -> None:
    """Stated solutions name the variables."""
    stated: dict[tuple[str, ...], Point] = {
        ("claims", name, "at"): claim.at for name, claim in definition.claims.items()
    }
    if definition.optimum is not None and definition.optimum.at is not None:
        stated["optimum", "at"] = definition.optimum.at
    for path, at in stated.items():
        try:
            problem.point(at)
        except DataError as error:
            raise document.error(path, *error.args[1:]) from None
