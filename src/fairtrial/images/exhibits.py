"""What the page of an image study shows beside its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch

from fairtrial.core.records import Arrays, Files
from fairtrial.core.seeds import stream_seed
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import image_grid, learning_curves, matrix
from fairtrial.images.feed import Pictures
from fairtrial.images.items import items_of
from fairtrial.images.parameters import Arm, Augment, Train, recipe_of
from fairtrial.images.scoring import confusion_by_arm
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


def confusion_exhibit(outputs: Sequence[Arrays]) -> Files:
    """One confusion matrix an arm, of the test items of all its trials."""
    labels = list(outputs[0].description["labels"])
    sums = confusion_by_arm(outputs)
    rows = [
        {"arm": arm, "true": labels[i], "predicted": labels[j], "items": int(counts[i, j])}
        for arm, counts in sums.items()
        for i in range(len(labels))
        for j in range(len(labels))
    ]
    figure = matrix(np.stack(list(sums.values())), labels, list(sums))
    caption = "Test items by true (row) and predicted (column) class, summed over all blocks."
    return exhibit("Confusion", caption, figure, pd.DataFrame(rows))


def curves_exhibit(histories: Sequence[tuple[str, pd.DataFrame]]) -> Files:
    """Loss in training and on validation, and accuracy on validation, by epoch."""
    parts = []
    for arm, history in histories:
        means = history.groupby(["block", "epoch"], sort=False).agg(
            loss=("loss", "mean"),
            valid_loss=("valid_loss", "last"),
            valid_accuracy=("valid_accuracy", "last"),
        )
        parts.append(means.reset_index().assign(arm=arm))
    table = pd.concat(parts, ignore_index=True)
    figure = learning_curves(table, "epoch", ["loss", "valid_loss", "valid_accuracy"], "epoch")
    caption = (
        "Training loss is the mean over an epoch's updates, with warps and dropout; validation "
        "pictures are seen as they are. The state with the lowest validation loss is kept."
    )
    return exhibit("Learning curves", caption, figure, table)


def recipes_exhibit(
    outputs: Sequence[Arrays], arms: Mapping[str, Arm], train: Train, short_updates: int = 2000
) -> Files:
    """What each arm is: network, start, input, augmentation and length of its training.

    Args:
        outputs: of every arm.
        arms: their parameters.
        train: the shared ones.
        short_updates: trainings from scratch with fewer updates are called too short.
    """
    rows, short = [], False
    for arm in arms:
        described = next(o.description for o in outputs if o.description["arm"] == arm)
        recipe = recipe_of(arms[arm], train)
        updates = max(outcome["updates"] for outcome in described["blocks"].values())
        short |= described["init"] == "scratch" and updates < short_updates
        start = described["weights"].get("file", "random weights")
        rows.append(
            {
                "arm": arm,
                "network": described["network"],
                "start": f"{described['init']}: {start}",
                "input": f"{described['image_side_px']} px",
                "augmentation": described["augment"].replace("_", " "),
                "training": f"{recipe.epochs} epochs, {updates} updates of {recipe.batch_size}, "
                f"rate {recipe.learning_rate:g} ({recipe.schedule.replace('_', ' ')})",
            }
        )
    caption = "The recipe of every arm. Arms of a block share its split, batches and warps."
    if short:
        caption += (
            " Trainings from scratch of so few updates are too short to rank networks:"
            " they show that the comparison works, not which network is best."
        )
    return exhibit("Recipes", caption, data=pd.DataFrame(rows), table=True)
