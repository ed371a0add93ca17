"""Medians with intervals that need no random numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from fairtrial.statistics.effects import Estimate

Vector = npt.NDArray[np.float64]


def median_interval(values: Vector, confidence: float) -> Estimate:
    """The median of independent values with its interval between two of them.

    A value that is infinite (a run that found nothing) counts as the largest.

    Args:
        values: float (n,), n >= 1.
        confidence: coverage asked for, in (0, 1); what is reached is the estimate's own, which is
            less where n is below 6.

    Source: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., 3.6.
    """
    ordered = np.sort(values)
    n = ordered.size
    # The largest k with P(Binomial(n, 1/2) < k) <= (1 - confidence) / 2, and 1 at least.
    k = max(int(binom.ppf((1 - confidence) / 2, n, 0.5)), 1)
    while k > 1 and 2 * binom.cdf(k - 1, n, 0.5) > 1 - confidence:
        k -= 1
    return Estimate(
        estimate=float((ordered[(n - 1) // 2] + ordered[n // 2]) / 2),
        low=float(ordered[k - 1]),
        high=float(ordered[n - k]),
        confidence=float(max(1 - 2 * binom.cdf(k - 1, n, 0.5), 0.0)),
    )
