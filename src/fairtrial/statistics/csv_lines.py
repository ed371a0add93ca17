"""A CSV file as rows that know their line, so that every bad cell can be named."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from fairtrial.core.errors import DataError


@dataclass(frozen=True)
class Lines:
    """Rows of a CSV file with their line numbers, and how columns are found in them.

    Args:
        name: of the file, for messages.
        header: names of the columns; none without them.
        rows: line number and cells, at least one row, all of one length.
    """

    name: str
    header: list[str] | None
    rows: list[tuple[int, list[str]]]

    def index(self, column: str | int, what: str) -> int:
        """Place of a column given by name or index (from 0); DataError if there is none."""
        width = len(self.rows[0][1])
        if isinstance(column, int):
            if column >= width:
                raise DataError(
                    self.name, f"a column {column} ({what})", f"{width} columns", "Count from 0."
                )
            return column
        names = self.header or []
        if names.count(column) > 1:
            raise DataError(
                self.name, f"one column {column!r} ({what})", "several", "Give its index instead."
            )
        if column not in names:
            raise self._missing(column, what)
        return names.index(column)

    def _missing(self, column: str, what: str) -> DataError:
        if any(row and row[0].strip() == column for _, row in self.rows):
            return DataError(
                self.name,
                f"arms in the columns (a column {column!r}, {what})",
                f"{column!r} at the start of a row",
                "The table looks transposed: swap its rows and columns.",
            )
        return DataError(
            self.name,
            f"a column {column!r} ({what})",
            f"columns {', '.join(self.header or [])}",
            "Map arms to columns in ingest.columns, or check separator, header and skip_rows.",
        )


def read_lines(
    content: bytes, name: str, separator: str = ",", *, header: bool = True, skip_rows: int = 0
) -> Lines:
    """Read a CSV file.

    Args:
        content: the file, UTF-8.
        name: of the file, for messages.
        separator: one character between cells.
        header: whether the first row read holds column names.
        skip_rows: lines passed over at the top.

    Raises:
        DataError: no text, no rows, or rows of different lengths.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(name, "UTF-8 text", error.reason, "Save the table as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(
            f"{name}, line {reader.line_num}", "a CSV row", error, "Check its quotes."
        ) from None
    lines = [(number, row) for number, row in lines if number > skip_rows]
    names = [cell.strip() for cell in lines.pop(0)[1]] if header and lines else None
    if not lines:
        raise DataError(name, "at least one row of results", "none", "Check header and skip_rows.")
    width = len(names) if names else len(lines[0][1])
    for number, row in lines:
        if len(row) != width:
            raise DataError(
                f"{name}, line {number}",
                f"{width} cells as in the first row",
                len(row),
                f"Mend the row, or the separator (now {separator!r}).",
            )
    return Lines(name, names, lines)
