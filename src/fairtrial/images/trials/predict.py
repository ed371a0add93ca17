"""Predictions of trained classifiers on the items that they were not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from fairtrial.core.records import Arrays, Models
from fairtrial.images.items import Items, items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.trials.classifier import Classifier, Head, build_base, build_head
from fairtrial.images.trials.feed import Features, Feed, Pictures
from fairtrial.images.trials.forward import predict_logits
from fairtrial.training.device import compute_threads, pick_device

SPLITS = ("valid", "test")


def predict_trials(
    inputs: Arrays, models: Models, manifest: pd.DataFrame, splits: pd.DataFrame, device: str
) -> Arrays:
    """Predict the validation and test items of every block of a chunk.

    Args:
        inputs: the pack, or the arm's bank of features where its base is frozen.
        models: the arm's trained weights.
        manifest: labels of the items.
        splits: roles of the items.
        device: cpu, cuda or auto.

    Returns:
        One row a block, split and item: ``block``, ``split``, ``item_id`` (text), ``y`` int64 and
        ``probabilities`` float64 (N, classes), in the order of the description's labels. The
        description's ``blocks`` gives each block's status: a trial that diverged, or whose
        predictions are not finite, has no rows.
    """
    place = pick_device(device)
    items = items_of(inputs, manifest)
    description = {key: value for key, value in models.description.items() if key != "blocks"}
    frozen = description["init"] == "frozen"
    side = int(description["image_side_px"])
    feed: Feed = Features(inputs, place) if frozen else Pictures(inputs, side, place)
    outcomes: dict[str, dict[str, Any]] = {}
    parts = []
    for block, trained in models.description["blocks"].items():
        outcome = dict(trained)
        outcomes[block] = outcome
        if block not in models.states:
            continue
        model = restore_module(models, block).to(place)
        rows = rows_by_role(items, splits, block)
        with compute_threads(description["threads"]):
            logits = {
                split: predict_logits(model, feed, rows[split], description["precision"])
                for split in SPLITS
            }
        if not all(bool(torch.isfinite(values).all()) for values in logits.values()):
            # The largest of logits with NaN is the NaN: a guess, never a prediction.
            outcome |= {"status": "diverged", "note": "predictions that are not finite"}
            continue
        for split, values in logits.items():
            probabilities = torch.softmax(values.double(), dim=1).numpy()
            parts.append(predicted_rows(items, block, split, rows[split], probabilities))
    return Arrays(join_rows(parts, len(items.labels)), {**description, "blocks": outcomes})


def predicted_rows(
    items: Items, block: str, split: str, rows: np.ndarray, probabilities: np.ndarray
) -> dict[str, np.ndarray]:
    """Columns of an output for one block and split: probabilities float64 (len(rows), K)."""
    return {
        "block": np.full(len(rows), block),
        "split": np.full(len(rows), split),
        "item_id": np.array(items.ids)[rows],
        "y": items.y[rows],
        "probabilities": probabilities,
    }


def join_rows(parts: Sequence[Mapping[str, np.ndarray]], classes: int) -> dict[str, np.ndarray]:
    """Columns of an output from those of its blocks and splits, of which there may be none."""
    empty = {
        **dict.fromkeys(("block", "split", "item_id"), np.empty(0, "U1")),
        "y": np.empty(0, np.int64),
        "probabilities": np.empty((0, classes), np.float64),
    }
    if not parts:
        return empty
    return {name: np.concatenate([part[name] for part in parts]) for name in empty}


def restore_module(models: Models, block: str) -> Classifier | Head:
    """The trained module of a block: a classifier, or the head alone of a frozen base."""
    description = models.description
    network = NETWORKS.load(description["network"])
    head = build_head(
        network,
        len(description["labels"]),
        description["dropout"],
        0,
        description["head_layers"],
    )
    module: Classifier | Head = head
    if description["init"] != "frozen":
        module = Classifier(build_base(network, None), head)
    _load(module, models, block)
    if description["channels_last"]:
        module = module.to(memory_format=torch.channels_last)
    return module


def restore_classifier(models: Models, block: str, weights: Path | None) -> Classifier:
    """The whole trained classifier of a block in evaluation mode.

    Args:
        models: trained weights.
        block: which of them.
        weights: file of the frozen base's weights; none where the base was trained.
    """
    module = restore_module(models, block)
    if not isinstance(module, Classifier):
        network = NETWORKS.load(models.description["network"])
        module = Classifier(build_base(network, weights), module)
    return module.eval()


def _load(module: nn.Module, models: Models, block: str) -> None:
    state = {
        name: torch.from_numpy(np.array(value)) for name, value in models.states[block].items()
    }
    module.load_state_dict(state, strict=True)
