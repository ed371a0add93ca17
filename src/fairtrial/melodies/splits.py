"""Which songs are the held-out reference: whole songs, the same ones for every run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError


def split_by_song(
    manifest: pd.DataFrame, reference_share: float, generator: np.random.Generator
) -> pd.DataFrame:
    """Hold out whole songs until they make up the asked share of the bars.

    Args:
        manifest: one row a bar; excluded ones are left out.
        reference_share: share of the bars in [0, 1); 0 holds out none.
        generator: draws the songs.

    Returns:
        block ("all": every run has the same reference), item_id, role (train or test).

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
    return pd.DataFrame({"block": "all", "item_id": used["item_id"].to_numpy(), "role": role})


def rows_of(manifest: pd.DataFrame, splits: pd.DataFrame, role: str) -> np.ndarray:
    """Rows of the pack with a role, in the manifest's order; every run shares the split.

    Returns:
        int64 (n,), ascending.
    """
    chosen = set(splits.loc[splits["role"] == role, "item_id"])
    return manifest.loc[manifest["item_id"].isin(chosen), "row"].to_numpy(np.int64)


def shown_role(splits: pd.DataFrame) -> str:
    """The side of the split from which real bars are shown: what is held out, if anything is."""
    return "test" if (splits["role"] == "test").any() else "train"
