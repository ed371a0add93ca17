"""From a listed folder to one row an item: label, group and source, no pixel read yet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import RawFolder
from fairtrial.images.decode import SUFFIXES
from fairtrial.images.groups import join_groups
from fairtrial.images.parameters import Ingest

TABLE = "metadata.csv"


def list_items(raw: RawFolder, ingest: Ingest) -> pd.DataFrame:
    """List the items of the classes that count.

    Args:
        raw: the listed folder.
        ingest: layout, classes, what to ignore, group and source columns.

    Returns:
        Sorted by item: item_id (its path), path, sha256, label, group, source, split (train,
        valid, test, or "" where the data set deals none), excluded (reason for which the file
        cannot be an item, or "").

    Raises:
        DataError: a folder that is neither class nor ignored, a class without folder, fewer than
            two labels, or a table without the columns asked for.
    """
    files = dict(zip(raw.files["path"], raw.files["sha256"], strict=True))
    table = _read_table(raw, ingest)
    named = _labels_of_table(table) if ingest.layout == "metadata" else _labels_of_folders(files)
    kept = {path: name for path, name in named.items() if not _ignored(name, ingest.ignore)}
    label_of = _label_of(sorted(set(kept.values())), ingest, raw.root)
    paths = sorted(kept)
    rows = pd.DataFrame(
        {
            "item_id": paths,
            "path": paths,
            "sha256": [files.get(path, "") for path in paths],
            "label": [label_of[kept[path]] for path in paths],
            "excluded": [_refusal(path, files) for path in paths],
        }
    )
    _exclude_contradictions(rows)
    keys = _group_keys(rows, table, ingest)
    group = join_groups(paths, keys)
    rows["group"] = [group[path] for path in paths]
    column = _column(table, ingest.source) if ingest.source else {}
    rows["source"] = [column.get(path, "") for path in paths]
    rows["split"] = ""
    return rows[["item_id", "path", "sha256", "label", "group", "source", "split", "excluded"]]


def _read_table(raw: RawFolder, ingest: Ingest) -> pd.DataFrame:
    """The metadata by file, as text; empty where nothing of it is asked for."""
    wanted = [*ingest.group, *([ingest.source] if ingest.source else [])]
    if ingest.layout == "metadata":
        wanted = ["label", *wanted]
    if not wanted:
        return pd.DataFrame()
    if TABLE not in set(raw.files["path"]):
        raise DataError(
            f"{raw.root}/{TABLE}",
            f"a table with the columns file, {', '.join(wanted)}",
            "no such file",
            "Add it, or leave ingest.group and ingest.source empty and use layout: folders.",
        )
    table = pd.read_csv(io.BytesIO(raw.read(TABLE)), dtype=str, keep_default_na=False)
    missing = [column for column in ("file", *wanted) if column not in table.columns]
    if missing:
        raise DataError(
            f"{raw.root}/{TABLE}",
            f"the columns file, {', '.join(wanted)}",
            f"no {', '.join(missing)}",
            f"It has: {', '.join(table.columns)}.",
        )
    twice = table["file"][table["file"].duplicated()]
    if len(twice):
        raise DataError(
            f"{raw.root}/{TABLE}", "one row a file", f"two for {twice.iloc[0]}", "Remove one."
        )
    return table.set_index("file")


def _labels_of_folders(files: Iterable[str]) -> dict[str, str]:
    """Path -> first folder; files beside the folders and hidden files are no items."""
    parts = {path: PurePosixPath(path).parts for path in files}
    return {
        path: names[0]
        for path, names in parts.items()
        if len(names) > 1 and not any(name.startswith(".") for name in names)
    }


def _labels_of_table(table: pd.DataFrame) -> dict[str, str]:
    return {str(path): str(label) for path, label in table["label"].items()}


def _ignored(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _label_of(names: list[str], ingest: Ingest, root: str) -> dict[str, str]:
    """Class name as found -> label as used."""
    label_of = ingest.classes or {name: name for name in names}
    unknown = [name for name in names if name not in label_of]
    if unknown:
        raise DataError(
            root,
            f"the classes {', '.join(label_of)}",
            f"{', '.join(unknown)} as well",
            "Add them to ingest.classes or to ingest.ignore.",
        )
    absent = [name for name in label_of if name not in names]
    if absent:
        raise DataError(
            root,
            f"the classes {', '.join(label_of)}",
            f"none named {', '.join(absent)}",
            f"Found: {', '.join(names) or 'no folder of pictures'}.",
        )
    if len(set(label_of.values())) < 2:
        raise DataError(
            root,
            "pictures of at least two classes",
            ", ".join(names) or "no folder of pictures",
            "Put each class into a folder of its own.",
        )
    return label_of


def _refusal(path: str, files: Mapping[str, str]) -> str:
    if path not in files:
        return f"listed in {TABLE}, but there is no such file"
    suffix = PurePosixPath(path).suffix.lower()
    return "" if suffix in SUFFIXES else f"not a picture file ({suffix or 'no suffix'})"


def _exclude_contradictions(rows: pd.DataFrame) -> None:
    """Exclude files of the same content under different labels: nobody knows which is right."""
    present = rows[rows["sha256"] != ""]
    for _, same in present.groupby("sha256"):
        labels = sorted(set(same["label"]))
        if len(labels) > 1:
            reason = f"the same file stands under the labels {' and '.join(labels)}"
            rows.loc[same.index, "excluded"] = reason


def _group_keys(
    rows: pd.DataFrame, table: pd.DataFrame, ingest: Ingest
) -> dict[str, list[tuple[str, str]]]:
    """Item -> what ties it to others: the columns asked for, and equal content."""
    keys: dict[str, list[tuple[str, str]]] = {
        path: [("sha256", sha)] if sha else []
        for path, sha in zip(rows["path"], rows["sha256"], strict=True)
    }
    for name in ingest.group:
        for path, value in _column(table, name).items():
            if value and path in keys:
                keys[path].append((name, value))
    return keys


def _column(table: pd.DataFrame, name: str) -> dict[str, str]:
    return {str(path): str(value) for path, value in table[name].items()}
