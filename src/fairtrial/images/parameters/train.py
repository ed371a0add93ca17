"""What all arms share in training."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, Flag, Parameters, Positive

Schedule = Literal["one_cycle", "constant"]


class Train(Parameters):
    """What all arms share in training; an arm may set some of it for itself.

    Args:
        epochs: passes over the training pictures; incomplete last batches are left out.
        batch_size: pictures in an update.
        learning_rate: Adam's rate, the highest of the cycle with ``one_cycle``.
        schedule: one cycle up and down, or constant.
        validate_every_epochs: epochs between two looks at the validation pictures; the best is
            kept. The last epoch is always looked at.
        precise_batch_norm: before each look, estimates the normalisation statistics of arms
            trained from scratch anew on clean training pictures. For short training.
        precision: number format of the forward pass.
        channels_last: memory format of pictures and weights.
        checkpoint_every: updates between two checkpoints.
        device: cpu, cuda, or auto for CUDA where it is.
        weights_dir: folder of pretrained weights, from the root of the project; none lets
            torchvision download its own.
    """

    epochs: Count = 25
    batch_size: Annotated[int, Field(strict=True, ge=2)] = 32
    learning_rate: Positive = 3.0e-4
    schedule: Schedule = "one_cycle"
    validate_every_epochs: Count = 1
    precise_batch_norm: Flag = False
    precision: Literal["fp32", "bf16"] = "fp32"
    channels_last: Flag = False
    checkpoint_every: Count = Field(default=50, exclude=True)
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", exclude=True)
    weights_dir: str | None = Field(default=None, exclude=True)
