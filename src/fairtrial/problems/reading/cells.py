"""Cells of a CSV and the numbers in them."""

from __future__ import annotations

import csv
import io
import math

from fairtrial.core.errors import DataError


def read_cells(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers from 1; cells without spaces around them.

    Raises:
        DataError: no CSV in UTF-8, or a line with more or fewer cells than the first.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(name, "a CSV in UTF-8", str(error), "Export it again.") from None
    rows = [(number, [cell.strip() for cell in line]) for number, line in enumerate(lines, 1)]
    rows = [(number, row) for number, row in rows if any(row)]
    if len(rows) < 2:
        raise DataError(name, "a heading and rows", f"{len(rows)} row(s)", "Fill the table.")
    width = len(rows[0][1])
    for number, row in rows:
        if len(row) != width:
            raise DataError(
                f"{name}, line {number}",
                f"{width} cells",
                str(len(row)),
                "Fill the row; decimals take a point.",
            )
    return rows


def check_headings(header: list[str], where: str) -> None:
    """Refuse columns that share a name or have none.

    Raises:
        DataError: naming the column.
    """
    repeated = sorted({cell for cell in header if header.count(cell) > 1})
    if repeated or "" in header:
        seen = f"{repeated[0]!r} twice" if repeated else "an empty one"
        raise DataError(where, "different headings", seen, "Rename the column.")


def cell_number(text: str, where: str) -> float:
    """The finite number that a cell holds.

    Raises:
        DataError: it holds none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(where, "a number", repr(text), "Mend the cell.")
    return value
