"""How often a planted corner mark is flagged, and how often a clean set: twenty of each.

Labels are dealt to groups of pictures at random, so that nothing can tell them but the mark, a
small white square in one corner of every picture of one label. The pictures are real chest X-rays
of healthy people and fish of one species where the folder FAIRTRIAL_REAL_DATA holds them, else
phantoms.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.audit.battery import run_battery
from fairtrial.images.audit.findings import find_shortcuts
from fairtrial.images.audit.probes import PROBES
from fairtrial.images.parameters import Split
from fairtrial.images.samples.chest import draw_chest
from fairtrial.images.splitting.splits import split_items

PROJECT = Path(__file__).parents[1]
TIMES = 20
SIDE_PX = 64
MARK_PX = 3


def deal_labels(
    pixels: np.ndarray, group: Sequence[str], marked: bool, seed: int
) -> tuple[Arrays, pd.DataFrame]:
    """Pictures whose labels nothing but a mark can tell.

    Args:
        pixels: uint8 (N, S, S, C).
        group: group of each picture.
        marked: whether the pictures of one label bear a white square in their upper left corner.
        seed: of the labels.

    Returns:
        Pack and manifest.
    """
    rng = np.random.default_rng(seed)
    names = sorted(set(group))
    dealt = dict(zip(names, rng.permutation(np.arange(len(names)) % 2), strict=True))
    second = np.array([dealt[name] == 1 for name in group])
    drawn = pixels.copy()
    if marked:
        drawn[second, 2 : 2 + MARK_PX, 2 : 2 + MARK_PX] = 255
    items = [f"{index:05d}.png" for index in range(len(pixels))]
    manifest = pd.DataFrame(
        {
            "item_id": items,
            "label": np.where(second, "b", "a"),
            "group": list(group),
            "source": "",
            "split": "",
            "excluded": "",
            "aspect_ratio": 1.0,
        }
    )
    return Arrays({"pixels": drawn}, {"items": items}), manifest


def audit(
    pack: Arrays, manifest: pd.DataFrame, folds: int, probes: Sequence[str], seed: int
) -> dict[str, Any]:
    """What the battery finds on freshly dealt folds."""
    splits = split_items(manifest, Split(), "planted", folds, seed)
    blocks = Blocks(folds=folds).names()
    outputs = run_battery(pack, manifest, splits, "planted", probes, blocks, seed)
    return find_shortcuts(outputs, manifest, "planted", seed)


def published(folder: Path, label: str, group: str) -> tuple[np.ndarray, list[str]]:
    """Pixels uint8 (N, 64, 64, 1) of one class of a published set, and their groups."""
    table = pd.read_csv(folder / "metadata.csv", dtype=str).query("label == @label")
    pictures = [
        Image.open(folder / file).convert("L").resize((SIDE_PX, SIDE_PX)) for file in table["file"]
    ]
    return np.stack([np.asarray(picture) for picture in pictures])[..., None], table[group].tolist()


def phantoms(patients: int = 90) -> tuple[np.ndarray, list[str]]:
    """Two views each of drawn healthy chests."""
    rng = np.random.default_rng(0)
    views = [view for _ in range(patients) for view in draw_chest(False, 2, SIDE_PX, rng)]
    return np.stack(views)[..., None], [f"p{index // 2:03d}" for index in range(len(views))]


def main() -> None:
    """Count the flagged sets; print both counts for each kind of picture."""
    root = Path(os.environ.get("FAIRTRIAL_REAL_DATA", PROJECT.parent / "shared" / "data"))
    kinds = {"phantoms": phantoms()}
    if (root / "xray" / "metadata.csv").is_file():
        kinds = {
            "X-rays": published(root / "xray", "normal", "patient_group"),
            "fish": published(root / "fish", "trout", "source_group"),
        }
    for kind, (pixels, group) in kinds.items():
        start = time.perf_counter()
        counts = {True: 0, False: 0}
        for marked in counts:
            for seed in range(TIMES):
                dealt = deal_labels(pixels, group, marked, seed)
                counts[marked] += bool(audit(*dealt, 5, list(PROBES), seed)["warnings"])
        seconds = (time.perf_counter() - start) / (2 * TIMES)
        print(
            f"{len(pixels)} {kind} in {len(set(group))} groups: flagged {counts[True]} of {TIMES} "
            f"with a corner mark of {MARK_PX} px in {SIDE_PX}, {counts[False]} of {TIMES} without; "
            f"{seconds:.1f} s a set"
        )


if __name__ == "__main__":
    main()
