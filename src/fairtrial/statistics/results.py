"""A CSV of anyone's results, read strictly: every bad cell is one clear error with its line."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.statistics.parameters import ScoresIngest


@dataclass(frozen=True)
class _Lines:
    """The table's rows with their line numbers in the file, and how columns are found in them."""

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


def read_results(
    content: bytes, name: str, arms: Sequence[str], parameters: ScoresIngest
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read a table of results.

    Args:
        content: the CSV file, UTF-8.
        name: its name, for messages and as the source of every row.
        arms: the study's arms.
        parameters: how the table is laid out.

    Returns:
        The manifest, one row a measurement (item_id, path, sha256 of the file, row = line number,
        arm, block, value, group, source, excluded), and the ingest report.

    Raises:
        DataError: naming the line and column of the first fault: no text, no rows, rows of
            different lengths, a column missing or double, text or nothing where a number should
            be, NaN or an infinity, an arm twice in one block, a transposed table.
    """
    lines = _read_lines(content, name, parameters)
    cells = (
        _wide_cells(lines, arms, parameters)
        if parameters.layout == "wide"
        else _long_cells(lines, arms, parameters)
    )
    rows = []
    for line, arm, block, text, excluded in cells:
        value = math.nan if excluded else _number(text, name, line, arm)
        rows.append((line, arm, block, value, excluded))
    manifest = pd.DataFrame(rows, columns=["row", "arm", "block", "value", "excluded"])
    used = manifest[manifest["excluded"] == ""]
    _check_cells(used, arms, name)
    manifest.insert(0, "item_id", [f"line_{row}__{arm}" for row, arm, *_ in rows])
    manifest["path"] = name
    manifest["sha256"] = sha256_bytes(content)
    manifest["group"] = ""
    manifest["source"] = name
    reasons = Counter(reason for *_, reason in rows if reason)
    counts = {"listed": len(manifest), "used": len(used), "excluded": len(manifest) - len(used)}
    notes = [
        f"{counts['used']} results of {len(arms)} arms over {used['block'].nunique()} blocks "
        f"were read from {name}; how they were measured is known to their author alone."
    ]
    report = {
        "counts": counts,
        "reasons": dict(reasons),
        "synthetic": parameters.synthetic,
        "notes": notes,
    }
    return manifest, report


def _read_lines(content: bytes, name: str, parameters: ScoresIngest) -> _Lines:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(name, "UTF-8 text", error.reason, "Save the table as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=parameters.separator, strict=True)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(
            f"{name}, line {reader.line_num}", "a CSV row", error, "Check its quotes."
        ) from None
    lines = [(number, row) for number, row in lines if number > parameters.skip_rows]
    header = [cell.strip() for cell in lines.pop(0)[1]] if parameters.header and lines else None
    if not lines:
        raise DataError(name, "at least one row of results", "none", "Check header and skip_rows.")
    width = len(header) if header else len(lines[0][1])
    for number, row in lines:
        if len(row) != width:
            raise DataError(
                f"{name}, line {number}",
                f"{width} cells as in the first row",
                len(row),
                f"Mend the row, or the separator (now {parameters.separator!r}).",
            )
    return _Lines(name, header, lines)


_Cell = tuple[int, str, str, str, str]  # line, arm, block, text, reason of exclusion


def _wide_cells(lines: _Lines, arms: Sequence[str], parameters: ScoresIngest) -> list[_Cell]:
    places = {arm: lines.index(parameters.columns.get(arm, arm), f"arm {arm}") for arm in arms}
    if parameters.block_column is None:
        blocks = [f"run_{index:03d}" for index in range(len(lines.rows))]
    else:
        place = lines.index(parameters.block_column, "block_column")
        blocks = [row[place].strip() for _, row in lines.rows]
    return [
        (line, arm, block, row[place], "")
        for arm, place in places.items()
        for (line, row), block in zip(lines.rows, blocks, strict=True)
    ]


def _long_cells(lines: _Lines, arms: Sequence[str], parameters: ScoresIngest) -> list[_Cell]:
    arm_place, block_place, value_place = (
        lines.index(getattr(parameters, f"{what}_column"), f"{what}_column")
        for what in ("arm", "block", "value")
    )
    labels = {str(parameters.columns.get(arm, arm)): arm for arm in arms}
    cells = []
    for line, row in lines.rows:
        label = row[arm_place].strip()
        excluded = "" if label in labels else "arm not compared"
        arm = labels.get(label, label)
        cells.append((line, arm, row[block_place].strip(), row[value_place], excluded))
    order = {arm: index for index, arm in enumerate(arms)}
    return sorted(cells, key=lambda cell: (order.get(cell[1], len(order)), cell[0]))


def _number(text: str, name: str, line: int, arm: str) -> float:
    where = f"{name}, line {line}, arm {arm}"
    try:
        # Python reads 1_000 as a number; a table that says so is more likely damaged.
        value = float(text.replace("_", "?"))
    except ValueError:
        seen = repr(text.strip()) if text.strip() else "an empty cell"
        raise DataError(
            where, "a number with a decimal point", seen, "Mend the cell, or take its row out."
        ) from None
    if not math.isfinite(value):
        raise DataError(where, "a finite number", text.strip(), "Take the row out.")
    return value


def _check_cells(used: pd.DataFrame, arms: Sequence[str], name: str) -> None:
    for arm in arms:
        if not (used["arm"] == arm).any():
            known = ", ".join(sorted(set(used["arm"]))) or "none of them"
            raise DataError(
                name,
                f"results of arm {arm}",
                f"results of {known}",
                "Map the arm to its label in ingest.columns.",
            )
    nameless = used[used["block"] == ""]
    if len(nameless):
        raise DataError(
            f"{name}, line {nameless['row'].iloc[0]}", "a block's name", "an empty cell", "Name it."
        )
    twice = used[used.duplicated(["arm", "block"])]
    if len(twice):
        row = twice.iloc[0]
        raise DataError(
            f"{name}, line {row['row']}",
            f"arm {row['arm']} once in block {row['block']}",
            "a second value",
            "Name repeated measurements apart (fold_0_seed_1), or take one out.",
        )
