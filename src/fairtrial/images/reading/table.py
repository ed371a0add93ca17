"""The table beside the pictures: labels, groups, sources and splits by file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import PurePosixPath

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import RawFolder
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.layout import SPLIT_NAMES


def read_table(raw: RawFolder, ingest: Ingest) -> pd.DataFrame:
    """Read what the parameters ask of the table; nothing where they ask for nothing.

    Returns:
        Text cells, one row a file, indexed by its POSIX path from the root.

    Raises:
        DataError: no such table, not a CSV, a column is missing, a file stands twice or outside of
            the folder, or a label is empty.
    """
    extra = [column for column in (ingest.source, ingest.split) if column]
    labels = ["label"] if ingest.layout == "metadata" else []
    wanted = [*labels, *ingest.group, *extra]
    if not wanted:
        return pd.DataFrame()
    path = _find_table(raw, ingest.table, wanted)
    where = f"{raw.root}/{path}"
    try:
        table = pd.read_csv(
            io.BytesIO(raw.read(path)), dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise DataError(
            where, "a CSV in UTF-8 with a line of column names", error, "Save it as such."
        ) from None
    missing = [column for column in ("file", *wanted) if column not in table.columns]
    if missing:
        raise DataError(
            where,
            f"the columns file, {', '.join(wanted)}",
            f"no {', '.join(missing)}",
            f"It has: {', '.join(map(str, table.columns))}.",
        )
    home = PurePosixPath(path).parent
    table["file"] = [_inside(home, str(cell), where) for cell in table["file"]]
    twice = table["file"][table["file"].duplicated()]
    if len(twice):
        raise DataError(where, "one row a file", f"two for {twice.iloc[0]}", "Remove one.")
    table = table.set_index("file")[wanted]
    if labels and (table["label"].str.strip() == "").any():
        unlabelled = table.index[table["label"].str.strip() == ""]
        raise DataError(
            where,
            "a label in every row",
            f"none for {unlabelled[0]}",
            "Label it or remove the row.",
        )
    return table


def _find_table(raw: RawFolder, name: str, wanted: list[str]) -> str:
    """Path of the table, also below folders that wrap everything, as archives have them."""
    paths = [path for path in raw.files["path"] if path == name or path.endswith(f"/{name}")]
    if name in paths:
        return name
    if len(paths) == 1:
        return str(paths[0])
    raise DataError(
        f"{raw.root}/{name}",
        f"a table with the columns file, {', '.join(wanted)}",
        f"several: {', '.join(paths[:3])}" if paths else "no such file",
        "Name it in ingest.table, or leave ingest.group, source and split empty and use "
        "layout: folders.",
    )


def _inside(home: PurePosixPath, cell: str, where: str) -> str:
    """A cell of the column ``file`` as a path from the root."""
    path = PurePosixPath(cell.strip().replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or path.parts[0].endswith(":"):
        raise DataError(
            where,
            "paths inside its folder in the column file",
            repr(cell),
            "Write them relative to the table.",
        )
    return str(home / path)


def splits_of(table: pd.DataFrame, column: str, where: str) -> dict[str, str]:
    """Path -> train, valid, test or "".

    Raises:
        DataError: another word stands in the column.
    """
    words: Mapping[str, str] = {**SPLIT_NAMES, "": ""}
    cells = table[column].str.strip().str.lower()
    strange = sorted(set(cells) - set(words))
    if strange:
        raise DataError(
            f"{where}, column {column}",
            "train, valid or test, or an empty cell",
            repr(strange[0]),
            "Correct the cells, or name another column in ingest.split.",
        )
    return {str(path): words[cell] for path, cell in cells.items()}
