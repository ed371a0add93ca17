"""Rows that a paper prints: every one is evaluated again beside what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.problems.definition import Printed
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.cells import cell_number, check_headings, read_cells

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PrintedRows:
    """A printed table.

    Attributes:
        labels: of the R rows.
        points: (R, D).
        objective: (R,) as printed, times the table's factor.
    """

    labels: tuple[str, ...]
    points: FloatArray
    objective: FloatArray


def with_printed(pack: Arrays, problem: Problem, read: Callable[[str], bytes]) -> Arrays:
    """``pack`` with the table that the problem's file names under ``printed``, if it names one.

    Raises:
        DataError: naming the file and the line.
    """
    printed = problem.definition.printed
    if printed is None:
        return pack
    rows = read_printed(read(printed.table), printed, problem)
    arrays = {"printed_points": rows.points, "printed_objective": rows.objective}
    return Arrays(
        {**pack.arrays, **arrays}, {**pack.description, "printed_labels": list(rows.labels)}
    )


def printed_rows(pack: Arrays) -> PrintedRows | None:
    """What `with_printed` stored."""
    if "printed_labels" not in pack.description:
        return None
    return PrintedRows(
        labels=tuple(pack.description["printed_labels"]),
        points=np.asarray(pack["printed_points"]),
        objective=np.asarray(pack["printed_objective"]),
    )


def read_printed(content: bytes, printed: Printed, problem: Problem) -> PrintedRows:
    """Parse the CSV: a column of labels, one a variable, and the objective.

    Raises:
        DataError: naming the file and the line.
    """
    name = printed.table
    rows = read_cells(content, name)
    header, wanted = rows[0][1], [*problem.names, "objective"]
    check_headings(header, f"{name}, line 1")
    absent = [column for column in wanted if column not in header[1:]]
    if absent:
        raise DataError(
            f"{name}, line 1",
            f"a column of labels, then {', '.join(wanted)}",
            f"no {absent[0]}",
            "Add the column.",
        )
    values = []
    for number, row in rows[1:]:
        cells = dict(zip(header, row, strict=True))
        values.append([cell_number(cells[c], f"{name}, line {number} ({c})") for c in wanted])
    table = np.array(values)
    labels = tuple(row[0] for _, row in rows[1:])
    return PrintedRows(labels, table[:, :-1], table[:, -1] * printed.factor)
