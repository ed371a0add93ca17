"""From a listed folder to one row an item: label, group and source, no pixel read yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import RawFolder
from fairtrial.core.text import count_text
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.decode import SUFFIXES
from fairtrial.images.reading.layout import Placed, picture_suffixes, place_in_folders
from fairtrial.images.reading.refusals import refuse_unopened
from fairtrial.images.reading.table import read_table, splits_of
from fairtrial.images.splitting.groups import join_groups, match_groups

COLUMNS = ("item_id", "path", "sha256", "label", "group", "source", "split", "excluded")

_EMPTY = sha256_bytes(b"")


@dataclass(frozen=True)
class Listing:
    """The items of a folder.

    Attributes:
        rows: sorted by item: item_id (its path), path, sha256, label, group, source, split (train,
            valid, test, or "" where the data set deals none), excluded (reason for which the file
            cannot be an item, or "").
        notes: sentences on what was passed over.
    """

    rows: pd.DataFrame
    notes: tuple[str, ...]


def list_items(raw: RawFolder, ingest: Ingest) -> Listing:
    """List the items of the classes that count.

    Args:
        raw: the listed folder.
        ingest: layout, classes, what to ignore, group, source and split columns.

    Raises:
        DataError: a folder that is neither class nor ignored, a class without folder, fewer than
            two labels, folders or a table that cannot be read as declared.
    """
    files = dict(zip(raw.files["path"], raw.files["sha256"], strict=True))
    table = read_table(raw, ingest)
    if ingest.layout == "metadata":
        placed = _place_by_table(table, files, ingest)
    else:
        placed = place_in_folders(files, ingest, raw.root)
    label_of = _label_of(sorted(set(placed.names.values())), ingest, raw.root)
    paths = sorted(placed.names)
    rows = pd.DataFrame(
        {
            "item_id": paths,
            "path": paths,
            "sha256": [files.get(path, "") for path in paths],
            "label": [label_of[placed.names[path]] for path in paths],
            "split": _splits(paths, placed, table, ingest, raw.root),
            "excluded": _refusals(paths, raw.files, ingest),
        }
    )
    _exclude_contradictions(rows)
    group = join_groups(paths, _group_keys(rows, table, ingest))
    rows["group"] = [group[path] for path in paths]
    column = _column(table, ingest.source) if ingest.source else {}
    rows["source"] = [column.get(path, "") for path in paths]
    notes = (*placed.notes, *_notes_on_table(paths, table, ingest, raw.root))
    return Listing(rows[list(COLUMNS)], notes)


def _place_by_table(table: pd.DataFrame, files: Mapping[str, str], ingest: Ingest) -> Placed:
    labels = {str(path): str(label) for path, label in table["label"].items()}
    names = {
        path: label
        for path, label in labels.items()
        if not any(fnmatchcase(label, pattern) for pattern in ingest.ignore)
    }
    unnamed = sum(
        PurePosixPath(path).suffix.lower() in SUFFIXES for path in set(files) - set(labels)
    )
    note = f"{count_text(unnamed, 'picture file')} passed over: not named in {ingest.table}."
    return Placed(names, dict.fromkeys(names, ""), (note,) if unnamed else ())


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


def _splits(
    paths: list[str], placed: Placed, table: pd.DataFrame, ingest: Ingest, root: str
) -> list[str]:
    """The table's split where a column is named, else that of the folders."""
    if ingest.split is None:
        return [placed.splits[path] for path in paths]
    declared = splits_of(table, ingest.split, f"{root}/{ingest.table}")
    return [declared.get(path, "") for path in paths]


def _refusals(paths: list[str], listed: pd.DataFrame, ingest: Ingest) -> list[str]:
    """Of each path the reason for which it is not even opened, or ""."""
    found = listed.set_index("path")[["size", "sha256"]].to_dict("index")
    # Whoever names a file in a table says that it is a picture: its content decides.
    asked = ingest.layout == "metadata"
    suffixes = (
        None if asked else picture_suffixes(PurePosixPath(path).suffix.lower() for path in paths)
    )

    def refusal(path: str) -> str:
        if path not in found:
            return f"listed in {ingest.table}, but there is no such file"
        size, sha256 = int(found[path]["size"]), str(found[path]["sha256"])
        return refuse_unopened(path, size, sha256, suffixes, ingest.largest_megabytes)

    return [refusal(path) for path in paths]


def _exclude_contradictions(rows: pd.DataFrame) -> None:
    """Exclude files of the same content under different labels: nobody knows which is right."""
    # Empty files are all alike; they are left out for being empty.
    present = rows[(rows["excluded"] == "") & (rows["sha256"] != _EMPTY)]
    copies = present[present["sha256"].duplicated(keep=False)]
    for _, same in copies.groupby("sha256"):
        labels = sorted(set(same["label"]))
        if len(labels) > 1:
            reason = f"the same file stands under the labels {' and '.join(labels)}"
            rows.loc[same.index, "excluded"] = reason


def _group_keys(
    rows: pd.DataFrame, table: pd.DataFrame, ingest: Ingest
) -> dict[str, list[tuple[str, str]]]:
    """Item -> what ties it to others: the columns and the pattern asked for, equal content."""
    keys: dict[str, list[tuple[str, str]]] = {
        path: [("sha256", sha)] if sha else []
        for path, sha in zip(rows["path"], rows["sha256"], strict=True)
    }
    for name in ingest.group:
        for path, value in _column(table, name).items():
            if value and path in keys:
                keys[path].append((name, value))
    if ingest.group_pattern is not None:
        for path, value in match_groups(list(keys), ingest.group_pattern).items():
            keys[path].append(("group_pattern", value))
    return keys


def _column(table: pd.DataFrame, name: str) -> dict[str, str]:
    return {str(path): str(value) for path, value in table[name].items()}


def _notes_on_table(
    paths: list[str], table: pd.DataFrame, ingest: Ingest, root: str
) -> tuple[str, ...]:
    """What the table leaves open of the pictures of a tree of folders.

    Raises:
        DataError: it names none of them, so its groups would tie nothing together.
    """
    absent = [path for path in paths if path not in table.index] if len(table.columns) else []
    if not absent:
        return ()
    if len(absent) == len(paths):
        raise DataError(
            f"{root}/{ingest.table}",
            f"rows of the pictures ({paths[0]}, ...) in the column file",
            f"others ({', '.join(map(str, table.index[:1])) or 'no row'}, ...)",
            "Write the paths relative to the table.",
        )
    return (
        f"{count_text(len(absent), 'picture')} without a row in {ingest.table} "
        f"({absent[0]}, ...): each is a group of its own, without a source.",
    )
