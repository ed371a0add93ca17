"""What each arm is, and how its trainings went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import learning_curves
from fairtrial.images.parameters import Arm, Recipe, Train, recipe_of


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
                "network": _layers(described),
                "start": f"{_learning(described)}: {start}",
                "input": f"{described['image_side_px']} px",
                "augmentation": described["augment"].replace("_", " "),
                "training": f"{recipe.epochs} epochs{_repeats(recipe)}, "
                f"{updates} updates of {recipe.batch_size}, "
                f"rate {_rate(recipe, described)} ({recipe.schedule.replace('_', ' ')})",
                "computed": _computed(described),
            }
        )
    caption = "The recipe of every arm. Arms of a block share its split, batches and warps."
    if short:
        caption += (
            " Trainings from scratch of so few updates are too short to rank networks:"
            " they show that the comparison works, not which network is best."
        )
    return exhibit("Recipes", caption, data=pd.DataFrame(rows), table=True)


def _layers(described: Mapping[str, Any]) -> str:
    """The network and the layers of its head."""
    widths = described["head_layers"]
    return " + ".join([str(described["network"]), *(f"layer of {width}" for width in widths)])


def _learning(described: Mapping[str, Any]) -> str:
    """What learns."""
    stage = described["unfreeze_from"]
    return str(described["init"]) + (f" from {stage}" if stage else "")


def _repeats(recipe: Recipe) -> str:
    return f" of {recipe.repeats} times each picture" if recipe.repeats > 1 else ""


def _rate(recipe: Recipe, described: Mapping[str, Any]) -> str:
    """Adam's rate, or those that range tests found."""
    if recipe.learning_rate != "auto":
        return f"{recipe.learning_rate:g}"
    found = [outcome["learning_rate"] for outcome in described["blocks"].values()]
    ends = f"{min(found):g}" if len(set(found)) == 1 else f"{min(found):g} to {max(found):g}"
    return f"found: {ends}"


def _computed(described: Mapping[str, Any]) -> str:
    """Precision, memory format and threads, in updates and in predictions."""
    trained, threads = described["trained_with"], described["threads"]
    ways = [_way(each) for each in (trained, described)]
    way = ways[0] if ways[0] == ways[1] else f"{ways[0]}; predictions {ways[1]}"
    many = f"{threads} thread{'s' if threads > 1 else ''}"
    return f"{way}, {many} ({described['compute']})"


def _way(compute: Mapping[str, Any]) -> str:
    return str(compute["precision"]) + (", channels last" if compute["channels_last"] else "")
