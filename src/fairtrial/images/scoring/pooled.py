"""The test predictions of each arm over all blocks, each item once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays


@dataclass(frozen=True)
class Pooled:
    """Test predictions of one arm.

    Attributes:
        ids: text (N,), items in ascending order.
        y: int64 (N,), their classes.
        probabilities: float64 (N, K).
        blocks: text (N,), the block whose model predicted each.
    """

    ids: np.ndarray
    y: np.ndarray
    probabilities: np.ndarray
    blocks: np.ndarray

    @property
    def predicted(self) -> np.ndarray:
        """int64 (N,)."""
        return np.asarray(self.probabilities.argmax(1))

    @property
    def right(self) -> np.ndarray:
        """bool (N,)."""
        return np.asarray(self.predicted == self.y)

    @property
    def confidence(self) -> np.ndarray:
        """float64 (N,), the largest probability."""
        return np.asarray(self.probabilities.max(1))


# How the pooled items came about, for captions.
POOLED = (
    "Test items of all blocks, each once, by a model that was not trained on it (of several, as "
    "with more than one seed, the first that finished)"
)
FIRST_COUNTS = "An item that several blocks or seeds tested counts by the first that finished."


def pool(outputs: Iterable[Arrays]) -> dict[str, Pooled]:
    """Arm -> its test predictions; an item tested in several blocks counts in its first.

    Args:
        outputs: of every arm and chunk, in the order of the chunks. An arm of which every trial
            diverged or failed is left out.
    """
    parts: dict[str, list[Arrays]] = {}
    for output in outputs:
        parts.setdefault(str(output.description["arm"]), []).append(output)
    out = {}
    for arm, chunks in parts.items():
        kept = [np.flatnonzero(chunk["split"] == "test") for chunk in chunks]
        names = ("item_id", "y", "probabilities", "block")
        columns = {
            name: np.concatenate([c[name][k] for c, k in zip(chunks, kept, strict=True)])
            for name in names
        }
        # The first place of each item is that of its first block.
        _, first = np.unique(columns["item_id"], return_index=True)
        if len(first):
            out[arm] = Pooled(*(columns[name][first] for name in names))
    return out


def labels_of(outputs: Sequence[Arrays]) -> list[str]:
    """The classes in the order of the probabilities."""
    return list(outputs[0].description["labels"])


def groups_of(manifest: pd.DataFrame, ids: np.ndarray) -> list[str]:
    """Group of each item, as the manifest says."""
    group: Mapping[str, str] = dict(zip(manifest["item_id"], manifest["group"], strict=True))
    return [str(group[str(item)]) for item in ids]


def right_table(pools: Mapping[str, Pooled]) -> pd.DataFrame:
    """Whether each arm has each item right: bool, items that all arms predicted x arms."""
    columns = {arm: pd.Series(found.right, index=found.ids) for arm, found in pools.items()}
    return pd.concat(columns, axis=1, join="inner")
