"""The trials of one arm and chunk: every block trained from its own named streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Arrays, Models
from fairtrial.core.seeds import stream_seed
from fairtrial.images.items import Items, items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Train, recipe_of
from fairtrial.images.trials.bank import describe_weights
from fairtrial.images.trials.classifier import Classifier, Head, build_base, build_head
from fairtrial.images.trials.feed import Features, Feed, Pictures
from fairtrial.images.trials.trainee import Plan
from fairtrial.images.trials.trial import TrialResult, Work, train_trial, weigh_classes
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.training.compute import Compute, ComputePlan
from fairtrial.training.device import compute_threads, pick_device
from fairtrial.training.precision import check_precision
from fairtrial.training.weights import check_weights, find_weights


@dataclass(frozen=True)
class Trials:
    """What the trials of one arm share.

    Args:
        study, arm: names.
        blocks: the chunk's blocks.
        seed: the root seed.
        recipe: the arm's parameters.
        train, augment: the study's parameters.
        digits: first digits of the SHA-256 that pretrained weights must have, if known.
        compute: how to compute, where that was measured.
    """

    study: str
    arm: str
    blocks: Sequence[str]
    seed: int
    recipe: Arm
    train: Train
    augment: Augment
    digits: str | None = None
    compute: ComputePlan | None = None

    def stream(self, block: str, use: str) -> int:
        """Seed of a block's stream: without the arm's name, so that arms share it."""
        return stream_seed(self.seed, self.study, block, use)

    def weights(self) -> Path | None:
        """File of the weights that the base starts from; none where it starts at random."""
        if self.recipe.init != "finetune":
            return None
        where = f"{self.study}.arms.{self.arm}"
        file = find_weights(wanted_weights(self.recipe, self.train.weights_dir, where))
        check_weights(file, self.digits)
        return file

    def computed(self) -> ComputePlan:
        """How each trial is computed; the head of a frozen base takes the plain way."""
        if self.recipe.init == "frozen":
            return ComputePlan(Compute(), Compute(), self.train.threads)
        if self.compute is not None:
            return self.compute
        if self.train.compute == "measured":
            raise ConfigError(
                f"{self.study}.train.compute",
                "fixed, for trainings that nothing was measured for",
                "measured",
                "Set compute: fixed.",
            )
        fixed = Compute(self.train.precision, self.train.channels_last)
        return ComputePlan(fixed, fixed, self.train.threads)

    def plan(self) -> Plan:
        """How each trial is trained."""
        return Plan(
            recipe_of(self.recipe, self.train),
            self.train.validate_every_epochs,
            self.train.precise_batch_norm and self.recipe.init == "scratch",
            self.computed().train.precision,
            self.computed().inference.precision,
            self.train.validate_every_updates,
        )


def train_trials(
    trials: Trials,
    inputs: Arrays,
    copies: Arrays | None,
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    checkpoints: Path | None,
) -> tuple[Models, pd.DataFrame]:
    """Train one arm on every block of a chunk; a trial that diverges leaves no weights.

    Args:
        trials: what they share.
        inputs: the pack, or the arm's bank of features where its base is frozen.
        copies: bank of warped pixels where the arm uses it.
        manifest: labels of the items.
        splits: roles of the items.
        checkpoints: folder for the states of unfinished trainings.

    Returns:
        The best weights on validation by block (the head alone where the base is frozen), and the
        history: block, update, epoch, loss, learning_rate, seconds, valid_loss, valid_accuracy.

    Raises:
        DataError: inputs, manifest and splits do not belong together.
        ConfigError: pretrained weights are not there, class weights name other classes than there
            are, or the device cannot compute in the precision.
        StorageError: the weights are not those expected.
    """
    device = pick_device(trials.train.device)
    check_precision(device, trials.computed().train.precision)
    items = items_of(inputs, manifest)
    weights = trials.weights()
    feed = make_feed(trials.recipe, trials.augment, inputs, copies, device)
    results: dict[str, TrialResult] = {}
    with compute_threads(trials.computed().threads):
        for block in trials.blocks:
            rows = rows_by_role(items, splits, block)
            checkpoint = checkpoints / f"{block}.checkpoint" if checkpoints else None
            work = _work(trials, block, items, feed, rows, weights, device)
            results[block] = train_trial(work, checkpoint, trials.train.checkpoint_every)
    description = {
        **describe_arm(trials, inputs, items, weights),
        "device": device.type,
        "blocks": {block: result.outcome for block, result in results.items()},
    }
    states = {block: result.state for block, result in results.items() if result.state is not None}
    # A protocol may have no block: the table has its columns all the same.
    histories = [_table("", []), *(_table(name, found.history) for name, found in results.items())]
    return Models(states, description), pd.concat(histories, ignore_index=True)


def _work(
    trials: Trials,
    block: str,
    items: Items,
    feed: Feed,
    rows: Mapping[str, np.ndarray],
    weights: Path | None,
    device: torch.device,
) -> Work:
    """What the trial of a block is made of."""
    where = f"{trials.study} {trials.arm} {block}"

    def make_model() -> nn.Module:
        model = _new_model(trials, block, items, feed, rows["train"], weights).to(device)
        if trials.computed().train.channels_last:
            model = model.to(memory_format=torch.channels_last)
        return model

    return Work(
        make_model,
        feed,
        items.y,
        rows,
        trials.plan(),
        partial(trials.stream, block),
        where,
        weigh_classes(trials.train.class_weights, items.y[rows["train"]], items.labels, where),
        trials.train.patience_looks,
    )


def make_feed(
    arm: Arm, augment: Augment, inputs: Arrays, copies: Arrays | None, device: torch.device
) -> Feed:
    """The batches of an arm: cached features for a frozen base, else pictures."""
    if arm.init == "frozen":
        return Features(inputs, device)
    side = arm.image_side_px or int(inputs.description["image_side_px"])
    ranges = augment if arm.mode(augment) == "on_the_fly" else None
    return Pictures(inputs, side, device, ranges, copies)


def _new_model(
    trials: Trials, block: str, items: Items, feed: Feed, rows: np.ndarray, weights: Path | None
) -> nn.Module:
    """A fresh model of a block: a head on features, or a whole classifier."""
    arm = trials.recipe
    network = NETWORKS.load(arm.network)
    head: Head = build_head(
        network, len(items.labels), arm.dropout, trials.stream(block, "head"), arm.head_layers
    )
    if isinstance(feed, Features):
        head.fit(feed.all_versions(rows).cpu())
        return head
    base = build_base(network, weights, trials.stream(block, "initial_weights"))
    if arm.unfreeze_from is not None:
        base.freeze_before(arm.unfreeze_from)
    return Classifier(base, head)


def describe_arm(
    trials: Trials, inputs: Arrays, items: Items, weights: Path | None
) -> dict[str, Any]:
    """Plain data from which the arm's classifier can be rebuilt."""
    arm = trials.recipe
    network = NETWORKS.load(arm.network)
    return {
        "study": trials.study,
        "arm": trials.arm,
        "network": arm.network,
        "init": arm.init,
        "unfreeze_from": arm.unfreeze_from,
        "head_layers": list(arm.head_layers),
        "dropout": arm.dropout,
        "augment": arm.mode(trials.augment),
        "labels": list(items.labels),
        "image_side_px": arm.image_side_px or int(inputs.description["image_side_px"]),
        "native_side_px": network.native_side_px,
        "channels": int(inputs.description["channels"]),
        "weights": describe_weights(weights) if weights else inputs.description.get("weights", {}),
        **trials.computed().describe(),
    }


def _table(block: str, history: list[dict[str, float]]) -> pd.DataFrame:
    columns = ["update", "epoch", "loss", "learning_rate", "valid_loss", "valid_accuracy"]
    table = pd.DataFrame(history, columns=[*columns, "seconds"]).astype("float64")
    table.insert(0, "block", block)
    return table.astype({"block": "str", "update": "int64", "epoch": "int64"})
