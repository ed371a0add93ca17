"""Predictions of trained classifiers on the items that they were not trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from fairtrial.core.records import Arrays, Models
from fairtrial.images.classifier import Classifier, Head, build_base, build_head
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.train import Trials, make_feed
from fairtrial.images.trainee import predict_logits
from fairtrial.training.device import pick_device

SPLITS = ("valid", "test")


def predict_trials(
    trials: Trials, inputs: Arrays, models: Models, manifest: pd.DataFrame, splits: pd.DataFrame
) -> Arrays:
    """Predict the validation and test items of every block of a chunk.

    Args:
        trials: the arm, its blocks and parameters.
        inputs: the pack, or the arm's bank of features where its base is frozen.
        models: the arm's trained weights.
        manifest: labels of the items.
        splits: roles of the items.

    Returns:
        One row a block, split and item: ``block``, ``split``, ``item_id`` (text), ``y`` int64 and
        ``probabilities`` float64 (N, classes), in the order of the description's labels. The
        description's ``blocks`` gives each block's status: a trial that diverged, or whose
        predictions are not finite, has no rows.
    """
    device = pick_device(trials.train.device)
    items = items_of(inputs, manifest)
    ids = np.array(items.ids)
    feed = make_feed(trials.recipe, trials.augment, inputs, None, device)
    outcomes: dict[str, dict[str, Any]] = {}
    columns: dict[str, list[np.ndarray]] = {
        name: [] for name in ("block", "split", "item_id", "y", "probabilities")
    }
    for block in trials.blocks:
        outcome = dict(models.description["blocks"][block])
        outcomes[block] = outcome
        if block not in models.states:
            continue
        model = restore_module(models, block).to(device)
        rows = rows_by_role(items, splits, block)
        logits = {
            split: predict_logits(model, feed, rows[split], models.description["precision"])
            for split in SPLITS
        }
        if not all(bool(torch.isfinite(values).all()) for values in logits.values()):
            # The largest of logits with NaN is the NaN: a guess, never a prediction.
            outcome |= {"status": "diverged", "note": "predictions that are not finite"}
            continue
        for split, values in logits.items():
            n = len(values)
            columns["block"].append(np.full(n, block))
            columns["split"].append(np.full(n, split))
            columns["item_id"].append(ids[rows[split]])
            columns["y"].append(items.y[rows[split]])
            columns["probabilities"].append(torch.softmax(values.double(), dim=1).numpy())
    empty = {
        "y": np.empty(0, np.int64),
        "probabilities": np.empty((0, len(items.labels)), np.float64),
    }
    arrays = {
        name: np.concatenate(parts) if parts else empty.get(name, np.empty(0, "U1"))
        for name, parts in columns.items()
    }
    description = {key: value for key, value in models.description.items() if key != "blocks"}
    return Arrays(arrays, {**description, "blocks": outcomes})


def restore_module(models: Models, block: str) -> Classifier | Head:
    """The trained module of a block: a classifier, or the head alone of a frozen base."""
    description = models.description
    network = NETWORKS.load(description["network"])
    head = build_head(network, len(description["labels"]), description["dropout"], 0)
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
