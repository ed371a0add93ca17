"""Which row of a pack is which item, with which label and which role in a block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.core.study import split_name

ROLES = ("train", "valid", "test")


@dataclass(frozen=True)
class Items:
    """Rows of a pack.

    Attributes:
        ids: item of each row.
        y: int64 (N,), index of its label.
        labels: the classes in alphabetical order.
    """

    ids: tuple[str, ...]
    y: np.ndarray
    labels: tuple[str, ...]


def items_of(pack: Arrays, manifest: pd.DataFrame) -> Items:
    """Join a pack (or a bank made from it) and its manifest.

    Raises:
        DataError: they list different items.
    """
    ids = tuple(pack.description["items"])
    used = manifest[manifest["excluded"] == ""].set_index("item_id")["label"]
    if set(ids) != set(used.index) or len(ids) != len(used):
        raise DataError(
            "pack",
            f"the {len(used)} items of the manifest",
            f"{len(ids)} items, not all the same",
            "Run the ingest stage again.",
        )
    labels = tuple(sorted(set(used)))
    index = {label: position for position, label in enumerate(labels)}
    return Items(ids, np.array([index[used[item]] for item in ids], dtype=np.int64), labels)


def rows_by_role(items: Items, splits: pd.DataFrame, block: str) -> dict[str, np.ndarray]:
    """Role -> ascending rows of the pack in one block.

    Raises:
        DataError: the split does not deal every item exactly once.
    """
    part = splits[splits["block"] == split_name(block)]
    role = dict(zip(part["item_id"], part["role"], strict=True))
    if len(part) != len(items.ids) or set(role) != set(items.ids):
        raise DataError(
            f"splits: {block}",
            f"each of {len(items.ids)} items once",
            f"{len(part)} rows of {len(role)} items",
            "Run the ingest stage again.",
        )
    roles = np.array([role[item] for item in items.ids])
    return {name: np.flatnonzero(roles == name) for name in ROLES}
