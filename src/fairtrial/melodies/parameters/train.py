"""How a GAN is trained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, Parameters, Positive, Share


class Train(Parameters):
    """How a GAN is trained.

    Args:
        epochs: passes over an arm's own training set.
        batch_size: bars an update; the last batch of an epoch may be smaller.
        width: channels of both networks as a share of the paper's, 1 for its topology.
        generator_learning_rate: of Adam (beta1 0.5, beta2 0.999, eps 1e-7).
        discriminator_learning_rate: likewise.
        norm_momentum: weight of a batch in the running statistics with which the trained generator
            is used; the paper's 0.01 needs some hundred updates to forget where it began.
        dropout: share of the discriminator's activations dropped in training.
        precision: number format: fp32, or bf16 where torch's autocast chooses; weights stay
            float32.
        runs_at_once: runs of a chunk that are trained side by side as one program: ``auto`` takes
            all of them on a graphics card and 1 on the CPU, where more are no faster. Rounding
            depends on it, seeds do not.
        checkpoint_every: updates between two checkpoints.
        device: auto takes CUDA where it is.
    """

    epochs: Count = 60
    batch_size: Annotated[Count, Field(ge=2)] = 50
    width: Annotated[Positive, Field(le=1)] = 1.0
    generator_learning_rate: Positive = 1e-3
    discriminator_learning_rate: Positive = 2e-3
    norm_momentum: Annotated[Positive, Field(le=1)] = 0.01
    dropout: Annotated[Share, Field(lt=1)] = 0.3
    precision: Literal["fp32", "bf16"] = "fp32"
    runs_at_once: Literal["auto"] | Count = "auto"
    checkpoint_every: Annotated[Count, Field(exclude=True)] = 500
    device: Annotated[Literal["auto", "cpu", "cuda"], Field(exclude=True)] = "auto"
