"""What augmentation does to pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

from fairtrial.core.records import Arrays, Files
from fairtrial.core.seeds import stream_seed
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import image_grid
from fairtrial.images.items import Items, items_of
from fairtrial.images.parameters import Augment
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.varying.variation import Variation, describe, draw_variation, parts, strongest

_ROWS, _COPIES = 4, 2


def augmentation_sheet(
    pack: Arrays, manifest: pd.DataFrame, augment: Augment, study: str, seed: int
) -> Files:
    """A few pictures: as they are, with each part of the variation alone, and with all together."""
    items = items_of(pack, manifest)
    feed = Pictures(pack, pack["pixels"].shape[1], torch.device("cpu"))
    generator = torch.Generator().manual_seed(stream_seed(seed, study, "sample_sheet"))
    alone = {name: strongest(1, ranges) for name, ranges in parts(augment).items()}
    images, rows = [], []
    for row in _chosen(items):
        together = {f"all {i + 1}": draw_variation(1, augment, generator) for i in range(_COPIES)}
        image = feed.clean(np.array([row]))  # (1, C, S, S)
        who = {"item_id": items.ids[row], "label": items.labels[items.y[row]]}
        images.append(_show(image[0]))
        for name, variation in {**alone, **together}.items():
            images.append(_show(variation.apply(image)[0]))
            rows.append({**who, "shown": name, **_entries(variation)})
    columns = ["as it is", *alone, *(f"all {i + 1}" for i in range(_COPIES))]
    titles = columns + [""] * (len(images) - len(columns))
    grey = {"cmap": "gray", "vmin": 0, "vmax": 1}
    figure = image_grid(images, titles, cols=len(columns), **grey)
    return exhibit("Augmentation", _caption(augment), figure, pd.DataFrame(rows))


def _caption(augment: Augment) -> str:
    return (
        "Pictures as they are, and how arms with augmentation vary them in training, and in "
        "training alone: each part by itself at the upper end of its range, then all parts "
        f"together, twice, as drawn at random ({describe(augment)}). What moves pixels is one "
        "resampling."
    )


def _chosen(items: Items) -> list[int]:
    """Rows of the first pictures of the first classes; of few pictures, all."""
    order = np.lexsort([items.y, _rank_in_class(items.y)])
    return [int(row) for row in order[:_ROWS]]


def _rank_in_class(y: np.ndarray) -> np.ndarray:
    return np.array(pd.Series(y).groupby(y).cumcount())


def _show(image: torch.Tensor) -> np.ndarray:
    """float32 (C, S, S) -> (S, S) or (S, S, 3)."""
    # Interpolation may leave [0, 1] by a rounding error, which the drawing would warn of.
    pixels = image.clamp(0, 1).permute(1, 2, 0).numpy()
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _entries(variation: Variation) -> dict[str, Any]:
    """The numbers of one picture's variation by name."""
    names = ("xx", "xy", "x1", "yx", "yy", "y1")
    numbers = dict(zip(names, variation.matrices[0].ravel().tolist(), strict=True))
    if (light := variation.light) is not None:
        numbers |= {
            "contrast": float(light.contrast[0]),
            "brightness": float(light.brightness[0]),
            "noise": float(light.noise[0]),
        }
    return {name: round(value, 6) for name, value in numbers.items()}
