"""A tiny image study in memory, shared by the tests of training and scoring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.parameters import Arm, Augment, Ingest, Split, Train
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.samples.sets import draw_samples
from fairtrial.images.splitting.splits import split_items
from fairtrial.images.trials.train import Trials
from tests.images.support import MemoryFolder, whole

BLOCKS = Blocks(folds=3).names()


@dataclass(frozen=True)
class Tiny:
    """Manifest, pixels and splits of 48 phantoms of 32 px."""

    manifest: pd.DataFrame
    pack: Arrays
    splits: pd.DataFrame


@cache
def tiny() -> Tiny:
    files = draw_samples("chest_phantoms", 48, 32, np.random.default_rng(0))
    ingest = Ingest(group=("group",), image_side_px=32, channels=1)
    manifest, pack, _ = build_pack(MemoryFolder(files), ingest, synthetic=True)
    return Tiny(manifest, whole(pack), split_items(manifest, Split(), "tiny", len(BLOCKS), 0))


def trials(arm: Arm, blocks: list[str] | None = None, name: str = "one", **train: Any) -> Trials:
    """Trials of an arm: one epoch in batches of 8 unless said otherwise."""
    settings = {"epochs": 1, "batch_size": 8, "learning_rate": 1e-3, "device": "cpu", **train}
    chosen = BLOCKS[:1] if blocks is None else blocks
    return Trials("tiny", name, chosen, 5, arm, Train(**settings), Augment(copies=2))
