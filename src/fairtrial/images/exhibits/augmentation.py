"""What augmentation does to pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from fairtrial.core.records import Arrays, Files
from fairtrial.core.seeds import stream_seed
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import image_grid
from fairtrial.images.feed import Pictures
from fairtrial.images.items import items_of
from fairtrial.images.parameters import Augment
from fairtrial.images.warp import describe, draw_matrices, warp

_ROWS, _COPIES = 4, 5


def augmentation_sheet(
    pack: Arrays, manifest: pd.DataFrame, augment: Augment, study: str, seed: int
) -> Files:
    """A few pictures, each with warps as a training meets them."""
    items = items_of(pack, manifest)
    chosen = [
        int(np.flatnonzero(items.y == index % len(items.labels))[index // len(items.labels)])
        for index in range(_ROWS)
    ]
    feed = Pictures(pack, pack["pixels"].shape[1], torch.device("cpu"))
    generator = torch.Generator().manual_seed(stream_seed(seed, study, "sample_sheet"))
    images, titles, rows = [], [], []
    for row in chosen:
        matrices = draw_matrices(_COPIES, augment, generator)
        batch = feed.clean(np.full(_COPIES, row))
        warped = torch.cat([batch[:1], warp(batch, matrices)])  # (1 + copies, C, S, S)
        label = items.labels[items.y[row]]
        images += [_show(image) for image in warped]
        titles += [label, *[""] * _COPIES]
        rows += [
            {"item_id": items.ids[row], "copy": copy, **_entries(found)}
            for copy, found in enumerate(matrices.numpy())
        ]
    caption = (
        f"Each row: a picture as it is, then {_COPIES} random warps of it ({describe(augment)}), "
        "all in one resampling. Only training pictures are warped."
        if augment.mode != "none"
        else "Pictures as they are, and warps that no arm uses unless it says so."
    )
    grey = {"cmap": "gray", "vmin": 0, "vmax": 1}
    figure = image_grid(images, titles, cols=1 + _COPIES, **grey)
    return exhibit("Augmentation", caption, figure, pd.DataFrame(rows))


def _show(image: torch.Tensor) -> np.ndarray:
    """float32 (C, S, S) -> (S, S) or (S, S, 3)."""
    pixels = image.permute(1, 2, 0).numpy()
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _entries(found: np.ndarray) -> dict[str, float]:
    """The six numbers of a (2, 3) matrix by name."""
    names = ("xx", "xy", "x1", "yx", "yy", "y1")
    return {name: round(float(value), 6) for name, value in zip(names, found.ravel(), strict=True)}
