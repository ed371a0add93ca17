"""The kernel distance between two sets of features: unbiased at any number of items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairtrial.core.errors import StatisticsError

_DEGREE = 3


def kernel_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Squared maximum mean discrepancy under the kernel ``(x y / d + 1)^3``, unbiased.

    All items make one subset. Means over many smaller subsets, as for tens of thousands of
    pictures, have the same expectation and a larger variance.

    Args:
        first: float (n, d), n >= 2.
        second: float (m, d), m >= 2.

    Returns:
        The estimate; about 0 for two draws of one distribution, then often below it.

    Raises:
        StatisticsError: fewer than two items, or other lengths of features.

    Source: Binkowski et al. 2018 (KID), equation 4 of Gretton et al. 2012.
    """
    if min(len(first), len(second)) < 2 or first.shape[1] != second.shape[1]:
        raise StatisticsError(
            "kernel_distance",
            "two sets of at least two items and of features of one length",
            f"shapes {first.shape} and {second.shape}",
            "Raise evaluate.n_items, and use one extractor for both sets.",
        )
    return _mean_within(first) + _mean_within(second) - 2 * float(_kernel(first, second).mean())


def _kernel(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((first @ second.T / first.shape[1] + 1) ** _DEGREE)


def _mean_within(features: NDArray[np.float64]) -> float:
    """Mean of the kernel over pairs of different items."""
    kernel, count = _kernel(features, features), len(features)
    return float((kernel.sum() - kernel.trace()) / (count * (count - 1)))
