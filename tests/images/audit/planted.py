"""Sets of pictures with and without a mark that gives the label away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.audit.battery import run_battery
from fairtrial.images.audit.findings import find_shortcuts
from fairtrial.images.parameters import Split
from fairtrial.images.splits import split_items

WITHOUT_SUBJECT = ("border_only", "centre_masked")


def deal_labels(
    pixels: np.ndarray, group: Sequence[str], marked: bool, seed: int, mark_px: int = 3
) -> tuple[Arrays, pd.DataFrame]:
    """Pictures with labels dealt to groups at random, so that nothing but a mark can tell them.

    Args:
        pixels: uint8 (N, S, S, C).
        group: group of each picture.
        marked: whether the pictures of one label bear a white square in their upper left corner.
        seed: of the labels.
        mark_px: side of the square.

    Returns:
        Pack and manifest.
    """
    rng = np.random.default_rng(seed)
    names = sorted(set(group))
    dealt = dict(zip(names, rng.permutation(np.arange(len(names)) % 2), strict=True))
    second = np.array([dealt[name] == 1 for name in group])
    drawn = pixels.copy()
    if marked:
        drawn[second, 2 : 2 + mark_px, 2 : 2 + mark_px] = 255
    items = [f"{index:05d}.png" for index in range(len(pixels))]
    manifest = pd.DataFrame(
        {
            "item_id": items,
            "label": np.where(second, "b", "a"),
            "group": list(group),
            "source": "",
            "split": "",
            "excluded": "",
            "width": float(pixels.shape[2]),
            "height": float(pixels.shape[1]),
            "aspect_ratio": 1.0,
        }
    )
    return Arrays({"pixels": drawn}, {"items": items}), manifest


def audit(
    pack: Arrays,
    manifest: pd.DataFrame,
    folds: int = 5,
    probes: Sequence[str] = WITHOUT_SUBJECT,
    seed: int = 0,
) -> dict[str, Any]:
    """What the battery finds on freshly dealt folds."""
    splits = split_items(manifest, Split(), "planted", folds, seed)
    blocks = Blocks(folds=folds).names()
    outputs = run_battery(pack, manifest, splits, "planted", probes, blocks, seed)
    return find_shortcuts(outputs, manifest, "planted", seed)
