"""A CSV of anyone's results, read strictly: every bad cell is one clear error with its line."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.statistics.csv_lines import Lines, read_lines
from fairtrial.statistics.parameters import ScoresIngest


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
    lines = read_lines(
        content,
        name,
        parameters.separator,
        header=parameters.header,
        skip_rows=parameters.skip_rows,
    )
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


_Cell = tuple[int, str, str, str, str]  # line, arm, block, text, reason of exclusion


def _wide_cells(lines: Lines, arms: Sequence[str], parameters: ScoresIngest) -> list[_Cell]:
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


def _long_cells(lines: Lines, arms: Sequence[str], parameters: ScoresIngest) -> list[_Cell]:
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
