"""The trials of one arm and chunk: every block trained from its own named streams."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from fairtrial.core.records import Arrays, Models
from fairtrial.core.seeds import stream_seed
from fairtrial.images.bank import describe_weights
from fairtrial.images.classifier import Classifier, Head, build_base, build_head
from fairtrial.images.feed import Features, Feed, Pictures
from fairtrial.images.items import Items, items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Train, recipe_of
from fairtrial.images.trainee import ClassifierTrainee, Plan
from fairtrial.images.weights import wanted_weights
from fairtrial.training.device import one_thread, pick_device
from fairtrial.training.loop import Diverged, train
from fairtrial.training.randomness import torch_stream
from fairtrial.training.weights import check_weights, find_weights

LOG = logging.getLogger(__name__)


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
    """

    study: str
    arm: str
    blocks: Sequence[str]
    seed: int
    recipe: Arm
    train: Train
    augment: Augment
    digits: str | None = None

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

    def plan(self) -> Plan:
        """How each trial is trained."""
        return Plan(
            recipe_of(self.recipe, self.train),
            self.train.validate_every_epochs,
            self.train.precise_batch_norm and self.recipe.init == "scratch",
            "fp32" if self.recipe.init == "frozen" else self.train.precision,
        )


@one_thread()
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
        ConfigError, StorageError: pretrained weights are not there, or not those expected.
    """
    device = pick_device(trials.train.device)
    items = items_of(inputs, manifest)
    weights = trials.weights()
    feed = make_feed(trials.recipe, trials.augment, inputs, copies, device)
    states: dict[str, dict[str, np.ndarray]] = {}
    outcomes: dict[str, dict[str, Any]] = {}
    histories = []
    for block in trials.blocks:
        rows = rows_by_role(items, splits, block)
        model = _new_model(trials, block, items, feed, rows["train"], weights).to(device)
        if trials.train.channels_last:
            model = model.to(memory_format=torch.channels_last)
        trainee = ClassifierTrainee(
            model,
            feed,
            items.y,
            rows["train"],
            rows["valid"],
            trials.plan(),
            batch_seed=trials.stream(block, "batches"),
            variation_seed=trials.stream(block, "variations"),
        )
        updates = trials.plan().updates(len(rows["train"]))
        outcome: dict[str, Any] = {"status": "ok", "updates": updates, "note": ""}
        try:
            with torch_stream(trials.stream(block, "dropout")):
                history = train(
                    trainee,
                    updates,
                    checkpoint=checkpoints / f"{block}.checkpoint" if checkpoints else None,
                    checkpoint_every=trials.train.checkpoint_every,
                    label=f"{trials.study} {trials.arm} {block}",
                )
            states[block] = {name: value.numpy() for name, value in trainee.best.items()}
        except Diverged as error:
            LOG.warning("%s", error)
            history = error.history
            outcome = {"status": "diverged", "updates": len(history), "note": str(error)}
        outcomes[block] = outcome
        histories.append(_table(block, history))
    description = {
        **describe_arm(trials, inputs, items, weights),
        "device": device.type,
        "threads": torch.get_num_threads(),
        "blocks": outcomes,
    }
    return Models(states, description), pd.concat(histories, ignore_index=True)


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
        "precision": trials.plan().precision,
        "channels_last": trials.train.channels_last,
    }


def _table(block: str, history: list[dict[str, float]]) -> pd.DataFrame:
    columns = ["update", "epoch", "loss", "learning_rate", "valid_loss", "valid_accuracy"]
    table = pd.DataFrame(history, columns=[*columns, "seconds"]).astype("float64")
    table.insert(0, "block", block)
    return table.astype({"block": "str", "update": "int64", "epoch": "int64"})
