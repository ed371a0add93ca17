"""Rows that a paper prints: every one is evaluated again beside what it says."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.problems.definition import Printed
from fairtrial.problems.problem import Problem

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
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    header = [cell.strip() for cell in lines[0]] if lines else []
    wanted = [*problem.names, "objective"]
    absent = [column for column in wanted if column not in header[1:]]
    if absent:
        raise DataError(
            f"{name}, line 1",
            f"a column of labels, then {', '.join(wanted)}",
            f"no {absent[0]}",
            "Add the column.",
        )
    labels, values = [], []
    for number, row in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            raise DataError(
                f"{name}, line {number}", f"{len(header)} cells", len(row), "Fill the row."
            )
        cells = dict(zip(header, row, strict=True))
        labels.append(row[0].strip())
        values.append([_number(cells[column], name, number, column) for column in wanted])
    table = np.array(values).reshape(-1, len(wanted))
    return PrintedRows(tuple(labels), table[:, :-1], table[:, -1] * printed.factor)


def _number(text: str, name: str, line: int, column: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{name}, line {line} ({column})", "a number", repr(text), "Mend the cell.")
    return value
