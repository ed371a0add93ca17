"""The Frechet distance extrapolated to infinitely many items, where its bias is gone.

A Frechet distance of n items a side is too large by about c / n, with a c that differs between
generators. So it is measured at several n, a straight line is fitted over 1 / n, and its value at
1 / n = 0 is read off. Here both sides are drawn down to n, as both are small; in the source one is.

Source: Chong and Forsyth 2020, "Effectively unbiased FID and Inception Score and where to find
them", section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.scoring.frechet import Normal, distance_between, fit_normal

FEWEST = 4  # items a side that give three sizes
_SIZES = 6
_DRAWS = 8


@dataclass(frozen=True)
class Fit:
    """A straight line over 1 / n.

    Args:
        at_infinity: its value at 1 / n = 0; can be a little below 0.
        slope: bias at n items, times n.
        error: standard error of ``at_infinity`` as far as the line fits. Draws overlap, so it says
            less than the spread over runs.
        r2: share of the variance that the line explains.
    """

    at_infinity: float
    slope: float
    error: float
    r2: float


@dataclass(frozen=True)
class _Draw:
    rows: NDArray[np.int64]
    reference: Normal


class Extrapolation:
    """Distances at several sizes from one reference; its part is prepared once for all runs.

    Args:
        reference: features, float64 (n, d), n >= 4.
        generator: draws which items of either side stand for a smaller set.
    """

    def __init__(self, reference: NDArray[np.float64], generator: np.random.Generator) -> None:
        count = len(reference)
        self.draws: dict[int, list[_Draw]] = {}
        for size in choose_sizes(count):
            # All items are one set, however often they are drawn.
            times = 1 if size == count else _DRAWS
            self.draws[size] = [
                _Draw(
                    generator.permutation(count)[:size],
                    fit_normal(reference[generator.permutation(count)[:size]]),
                )
                for _ in range(times)
            ]

    def measure(self, features: NDArray[np.float64]) -> dict[int, float]:
        """Size -> mean distance of so many items a side.

        Args:
            features: float64 (n, d), as many as the reference has.
        """
        return {
            size: float(
                np.mean(
                    [distance_between(fit_normal(features[d.rows]), d.reference) for d in draws]
                )
            )
            for size, draws in self.draws.items()
        }


def choose_sizes(count: int) -> list[int]:
    """Up to six sizes from half the items to all of them, evenly spaced in 1 / n, ascending."""
    inverse = np.linspace(2 / count, 1 / count, _SIZES)
    return [int(size) for size in np.unique(np.round(1 / inverse))]


def fit_line(sizes: Sequence[int], distances: Sequence[float]) -> Fit:
    """Least squares of distances on 1 / size; three sizes or more."""
    inverse, values = 1 / np.asarray(sizes, float), np.asarray(distances, float)
    offset = inverse - inverse.mean()
    spread = float(np.square(offset).sum())
    slope = float(offset @ values) / spread
    rest = values - values.mean() - slope * offset
    residual, total = float(rest @ rest), float(np.square(values - values.mean()).sum())
    count = len(values)
    error = np.sqrt(residual / (count - 2) * (1 / count + inverse.mean() ** 2 / spread))
    return Fit(
        at_infinity=float(values.mean() - slope * inverse.mean()),
        slope=slope,
        error=float(error),
        r2=1 - residual / total if total > 0 else 1.0,
    )
