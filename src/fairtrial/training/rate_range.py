"""A learning rate found by a range test.

Source: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from fairtrial.core.errors import TrialError

# Weight of the past in the smoothed loss, and the rise above its minimum that ends the test.
_MEMORY = 0.8
_RISE = 4.0


@dataclass(frozen=True)
class RangeTest:
    """What a range test found.

    Attributes:
        rate: the chosen rate, two digits.
        updates: updates made.
        rates, losses: of those whose loss was finite; losses are smoothed.
    """

    rate: float
    updates: int
    rates: tuple[float, ...]
    losses: tuple[float, ...]


def find_rate(
    update: Callable[[float], float],
    label: str,
    *,
    low: float = 1e-6,
    high: float = 1.0,
    updates: int = 60,
) -> RangeTest:
    """Raise the rate from update to update until the loss explodes; choose well before that.

    The choice is a tenth of the rate at which the smoothed loss was least.

    Args:
        update: makes one update with a rate and returns its loss.
        label: the trial's name in errors.
        low: the first rate; each is the one before times the same factor.
        high: the last one.
        updates: updates at most.

    Raises:
        TrialError: the loss was not finite before any rate was too high.
    """
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    made = 0
    for index in range(updates):
        rate = low * (high / low) ** (index / (updates - 1))
        loss = update(rate)
        made += 1
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smooth = mean / (1 - _MEMORY ** (index + 1))
        if not math.isfinite(smooth):
            break
        rates.append(rate)
        losses.append(smooth)
        if smooth > _RISE * min(losses):
            break
    if not losses:
        raise TrialError(
            f"{label}, learning rate", "a finite loss", "none", "Set learning_rate yourself."
        )
    best = rates[losses.index(min(losses))] / 10
    return RangeTest(float(f"{max(best, low):.2g}"), made, tuple(rates), tuple(losses))
