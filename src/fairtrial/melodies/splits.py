"""Which songs are the held-out reference: whole songs, the same ones for every run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError


def split_by_song(
    manifest: pd.DataFrame,
    blocks: Sequence[str],
    reference_share: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Hold out whole songs until they make up the asked share of the bars.

    Args:
        manifest: one row a bar; excluded ones are left out.
        blocks: names of the runs; all share one split, so that they share one reference.
        reference_share: share of the bars in [0, 1); 0 holds out none.
        generator: draws the songs.

    Returns:
        block, item_id, role (train or test).

    Raises:
        DataError: the songs are too few to hold any out.
    """
    used = manifest[manifest["excluded"] == ""]
    sizes = used.groupby("group").size()
    held: set[str] = set()
    if reference_share > 0:
        order = generator.permutation(np.array(sorted(sizes.index), dtype=object))
        bars = 0
        for song in order:
            if bars >= reference_share * len(used):
                break
            held.add(song)
            bars += int(sizes[song])
        if len(held) == len(sizes):
            raise DataError(
                "split.reference_share",
                "songs left to train on beside the reference",
                f"{len(sizes)} songs in all",
                "Add songs, or lower reference_share.",
            )
    role = np.where(used["group"].isin(held), "test", "train")
    one = pd.DataFrame({"item_id": used["item_id"].to_numpy(), "role": role})
    parts = [one.assign(block=block) for block in blocks]
    return pd.concat(parts, ignore_index=True)[["block", "item_id", "role"]]


def rows_of(manifest: pd.DataFrame, splits: pd.DataFrame, role: str) -> np.ndarray:
    """Rows of the pack with a role, in the manifest's order; every run shares the split.

    Returns:
        int64 (n,), ascending.
    """
    first = splits[splits["block"] == splits["block"].iloc[0]]
    chosen = set(first.loc[first["role"] == role, "item_id"])
    return manifest.loc[manifest["item_id"].isin(chosen), "row"].to_numpy(np.int64)
