"""What all arms share in training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, model_validator

from fairtrial.core.parameters import Count, Flag, NonNegative, Parameters

Schedule = Literal["one_cycle", "constant"]


def _is_positive(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and value > 0


def _rate(value: Any) -> float | Literal["auto"]:
    if value == "auto":
        return "auto"
    if not _is_positive(value):
        raise ValueError("a number above 0, or auto")
    return float(value)


def _weights(value: Any) -> Literal["none", "balanced"] | dict[str, float]:
    if value == "none":
        return "none"
    if value == "balanced":
        return "balanced"
    if not isinstance(value, Mapping) or not value or not all(map(_is_positive, value.values())):
        raise ValueError("none, balanced, or a number above 0 for each class")
    return {str(label): float(weight) for label, weight in value.items()}


# One wording for every bad value, where a union would name each of its parts.
LearningRate = Annotated[
    float | Literal["auto"],
    PlainValidator(_rate, json_schema_input_type=float | Literal["auto"]),
]
ClassWeights = Annotated[
    Literal["none", "balanced"] | dict[str, float],
    PlainValidator(_weights, json_schema_input_type=Literal["none", "balanced"] | dict[str, float]),
]


class Train(Parameters):
    """What all arms share in training; an arm may set some of it for itself.

    Args:
        epochs: passes over the training pictures; incomplete last batches are left out.
        batch_size: pictures in an update.
        learning_rate: Adam's rate, the highest of the cycle with ``one_cycle``; ``auto`` finds it
            in each block by a range test on its training pictures, whose updates count.
        schedule: one cycle up and down, or constant.
        weight_decay: share of each weight that an update takes off, times the rate (decoupled, as
            in AdamW).
        class_weights: weights of the classes in the loss, in training and on validation;
            ``balanced`` for the inverse of how often each occurs among the training pictures.
        validate_every_epochs: epochs between two looks at the validation pictures; the best is
            kept. The end is always looked at.
        validate_every_updates: updates between two looks, instead of epochs.
        patience_looks: ends a training after so many looks without a new least loss; by default
            all epochs are trained. The updates made are the trial's budget.
        precise_batch_norm: before each look, estimates the normalisation statistics of arms
            trained from scratch anew on clean training pictures. For short training.
        compute: ``fixed`` takes precision and channels_last from here; ``measured`` measures once
            for each arm what is fastest on this machine, and keeps to it.
        precision: number format: fp32, bf16, or hybrid, which is bf16 with grouped convolutions
            in fp32.
        channels_last: memory format of pictures and weights.
        threads: of torch, in a trial. Threads times workers should not exceed the cores.
        checkpoint_every: updates between two checkpoints.
        device: cpu, cuda, or auto for CUDA where it is.
        weights_dir: folder of pretrained weights, from the root of the project; none lets
            torchvision download its own.
    """

    epochs: Count = 25
    batch_size: Annotated[int, Field(strict=True, ge=2)] = 32
    learning_rate: LearningRate = 3.0e-4
    schedule: Schedule = "one_cycle"
    weight_decay: NonNegative = 0.0
    class_weights: ClassWeights = "none"
    validate_every_epochs: Count = 1
    validate_every_updates: Count | None = None
    patience_looks: Count | None = None
    precise_batch_norm: Flag = False
    compute: Literal["fixed", "measured"] = "fixed"
    precision: Literal["fp32", "bf16", "hybrid"] = "fp32"
    channels_last: Flag = False
    threads: Count = 1
    checkpoint_every: Count = Field(default=50, exclude=True)
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", exclude=True)
    weights_dir: str | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _one_way_to_compute(self) -> Train:
        if self.compute == "measured" and (self.precision != "fp32" or self.channels_last):
            raise ValueError("precision and channels_last only with compute: fixed")
        return self
