"""One arm: a network, its start, what it sees, and what it sets for itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, NonNegative, Parameters, Share
from fairtrial.images.parameters.augment import Augment, AugmentMode
from fairtrial.images.parameters.ingest import Side
from fairtrial.images.parameters.train import LearningRate, Schedule, Train


class Arm(Parameters):
    """One recipe: a network, where its weights start, and what it sees.

    Args:
        network: name in the registry of networks.
        init: random weights, a pretrained base that stays as it is, or one that is trained on.
        weights: file in ``train.weights_dir``; by default the only one named after the network.
        image_side_px: side of the network's input, at most the stored one; by default that.
        unfreeze_from: stage of the network from which on a fine-tuned base learns; the stages
            before it, batch-norm statistics included, stay as their weights say. ``head``: the
            whole base stays so. By default all of it learns.
        head_layers: widths of layers between the base and the last layer, each with a ReLU.
        dropout: share of features dropped before each layer of the head in training.
        augment: mode of this arm instead of ``augment.mode``.
        repeats: times that each training picture stands in an epoch, which makes so many times
            the updates. 1 + ``augment.copies`` of them are a set enlarged by its varied copies
            with ``augment: bank``, and one enlarged by exact copies with ``augment: none``.
        epochs, batch_size, learning_rate, schedule, weight_decay: of this arm instead of those of
            ``train``.
    """

    network: str
    init: Literal["scratch", "frozen", "finetune"] = "scratch"
    weights: str | None = None
    image_side_px: Side | None = None
    unfreeze_from: str | None = None
    head_layers: tuple[Count, ...] = ()
    dropout: Annotated[Share, Field(lt=1)] = 0.0
    augment: AugmentMode | None = None
    repeats: Count = 1
    epochs: Count | None = None
    batch_size: Annotated[int, Field(strict=True, ge=2)] | None = None
    learning_rate: LearningRate | None = None
    schedule: Schedule | None = None
    weight_decay: NonNegative | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Arm:
        if self.init == "scratch" and self.weights is not None:
            raise ValueError("weights only with init: frozen or finetune")
        if self.init != "finetune" and self.unfreeze_from is not None:
            raise ValueError("unfreeze_from only with init: finetune")
        if self.init == "frozen" and self.augment == "on_the_fly":
            raise ValueError(
                "augment: bank or none with init: frozen, whose features are computed once "
                "(or init: finetune with unfreeze_from: head, which computes them every time)"
            )
        return self

    def mode(self, augment: Augment) -> AugmentMode:
        """The mode of augmentation that holds for this arm."""
        return self.augment or augment.mode


class Recipe(Parameters):
    """The training settings that hold for one arm: its own, else those of ``train``."""

    epochs: Count
    batch_size: Count
    learning_rate: LearningRate
    schedule: Schedule
    weight_decay: NonNegative
    repeats: Count


def recipe_of(arm: Arm, train: Train) -> Recipe:
    """Merge an arm's own training settings into the shared ones."""
    return Recipe(
        epochs=arm.epochs or train.epochs,
        batch_size=arm.batch_size or train.batch_size,
        learning_rate=arm.learning_rate or train.learning_rate,
        schedule=arm.schedule or train.schedule,
        weight_decay=train.weight_decay if arm.weight_decay is None else arm.weight_decay,
        repeats=arm.repeats,
    )
