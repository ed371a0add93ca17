"""What a classifier costs to use: latency, parameters, arithmetic and size."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from fairtrial.images.trials.classifier import Classifier

_WARM_UP, _TIMED = 3, 15


@dataclass(frozen=True)
class Cost:
    """Cost of one classifier, its base included.

    Attributes:
        latency_ms: median time of one picture alone, milliseconds.
        parameters: numbers that are or could be learned.
        flops: floating-point operations of one picture, a multiplication and an addition as two.
        size_mb: of its stored tensors, 10**6 bytes.
    """

    latency_ms: float
    parameters: int
    flops: int
    size_mb: float


def measure_cost(classifier: Classifier, picture: torch.Tensor) -> Cost:
    """Measure a classifier on one picture.

    Args:
        classifier: in evaluation mode, on the device of the picture.
        picture: float32 (1, C, S, S).
    """
    return Cost(
        measure_latency(classifier, picture),
        sum(weight.numel() for weight in classifier.parameters()),
        count_flops(classifier, picture),
        sum(t.numel() * t.element_size() for t in classifier.state_dict().values()) / 1e6,
    )


@torch.no_grad()
def measure_latency(classifier: Classifier, picture: torch.Tensor) -> float:
    """Median milliseconds of a prediction, after a few that are not counted."""
    times = []
    for turn in range(_WARM_UP + _TIMED):
        begun = time.perf_counter()
        # The copy back waits for the device, as any reader of the prediction would.
        classifier(picture).cpu()
        if turn >= _WARM_UP:
            times.append(time.perf_counter() - begun)
    return 1000 * float(np.median(times))


@torch.no_grad()
def count_flops(classifier: Classifier, picture: torch.Tensor) -> int:
    """Floating-point operations of convolutions and matrix products, which are nearly all."""
    with FlopCounterMode(display=False) as counter:
        classifier(picture)
    return int(counter.get_total_flops())
