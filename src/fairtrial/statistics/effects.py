"""Effect sizes with intervals that need no normal distribution and no random numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, t

Vector = NDArray[np.float64]
Bounds = tuple[float | None, float | None]

# Beyond these sizes the exact null distribution and its normal approximation agree to 4 digits.
_EXACT_PAIRS = 200
_EXACT_PRODUCT = 10_000

_DIGITS = 12


@dataclass(frozen=True)
class Estimate:
    """An estimate with its interval.

    Attributes:
        estimate: the point estimate.
        low: lower end.
        high: upper end.
        confidence: what the interval really covers; below what was asked where too few values
            allow no more.
    """

    estimate: float
    low: float
    high: float
    confidence: float

    def plain(self) -> dict[str, float]:
        """As JSON data."""
        return asdict(self)


def subtract(a: Vector, b: Vector) -> Vector:
    """``a - b`` (broadcast), to 12 digits of the largest value.

    Means of ratings, 3.6 - 3.4 and 2.2 - 2.0, differ by equal steps that floats make unequal by
    1e-16: they must tie, and an interval that ends between them must end at 0.
    """
    largest = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    if largest == 0:
        return a - b
    unit = 10.0 ** (np.floor(np.log10(largest)) - _DIGITS)
    rounded: Vector = np.round((a - b) / unit) * unit
    return rounded


def paired_shift(differences: Vector, confidence: float) -> Estimate:
    """Hodges-Lehmann estimate of the median paired difference, with its signed-rank interval.

    Args:
        differences: float (n,), a - b in each block as `subtract` gives them, n >= 1.
        confidence: coverage asked for, in (0, 1).

    Source: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., 3.2 and 3.3.
    """
    n = differences.size
    upper = np.triu_indices(n)
    walsh = np.sort((differences[upper[0]] + differences[upper[1]]) / 2)
    if n <= _EXACT_PAIRS:
        below = np.cumsum(_signed_rank_distribution(n))
    else:
        sd = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        below = norm.cdf((np.arange(walsh.size) + 0.5 - walsh.size / 2) / sd)
    return _order_interval(walsh, below, confidence)


def unpaired_shift(a: Vector, b: Vector, confidence: float) -> Estimate:
    """Hodges-Lehmann estimate of the shift a - b of independent runs, with its rank-sum interval.

    Args:
        a: float (m,), values of one arm, m >= 1.
        b: float (n,), values of the other, n >= 1.
        confidence: coverage asked for, in (0, 1).

    Source: Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3rd ed., 4.2 and 4.3.
    """
    m, n = a.size, b.size
    differences = np.sort(subtract(a[:, None], b[None, :]).ravel())
    if m * n <= _EXACT_PRODUCT:
        below = np.cumsum(_rank_sum_distribution(m, n))
    else:
        sd = np.sqrt(m * n * (m + n + 1) / 12)
        below = norm.cdf((np.arange(m * n) + 0.5 - m * n / 2) / sd)
    return _order_interval(differences, below, confidence)


def superiority(a: Vector, b: Vector, confidence: float) -> Estimate:
    """A12: probability that a run of ``a`` exceeds a run of ``b``, ties counted half.

    Args:
        a: float (m,), values of one arm.
        b: float (n,), values of the other.
        confidence: coverage of the interval, in (0, 1).

    Source: Vargha and Delaney (2000), J. Educ. Behav. Stat. 25, 101-132; the interval is method 5
    of Newcombe (2006), Statistics in Medicine 25, 559-573, which holds at 0 and 1 as well.
    """
    m, n = a.size, b.size
    sign = np.sign(np.subtract.outer(a, b))
    observed = float((sign > 0).mean() + (sign == 0).mean() / 2)
    z = norm.ppf((1 + confidence) / 2)
    inner = (m + n) / 2 - 1

    def excess(theta: float) -> float:
        spread = 1 + inner * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return float((theta - observed) ** 2 - z**2 * theta * (1 - theta) * spread / (m * n))

    # 0 and 1 solve the equation as well where they are what was observed; start just inside.
    inside = min(max(observed, 1e-9), 1 - 1e-9)
    low = 0.0 if observed == 0 else float(brentq(excess, 0.0, inside))
    high = 1.0 if observed == 1 else float(brentq(excess, inside, 1.0))
    return Estimate(observed, low, high, confidence)


def mean_interval(
    values: Vector, confidence: float, bounds: Bounds = (None, None)
) -> tuple[float, float] | None:
    """Student interval of the mean of ``values`` (n,); None for a single value.

    Args:
        values: float (n,).
        confidence: coverage, in (0, 1).
        bounds: ends of the metric's range, None where there is none. The interval is cut off
            there, which costs no coverage: the true mean lies within.
    """
    if values.size < 2:
        return None
    half = t.ppf((1 + confidence) / 2, values.size - 1) * values.std(ddof=1) / values.size**0.5
    low, high = (np.clip(values.mean() + side, *bounds) for side in (-half, half))
    return float(low), float(high)


def _order_interval(points: Vector, below: Vector, confidence: float) -> Estimate:
    """Interval between the C-th smallest and C-th largest point.

    C is the largest with 2 P(T <= C - 1) <= 1 - confidence, or 1 where none is.

    Args:
        points: float (N,), ascending.
        below: P(T <= 0), P(T <= 1), ... of the null distribution of the statistic on 0..N.
        confidence: coverage asked for.
    """
    tail = 1 - confidence
    # The tolerance lets a tail of exactly alpha through, which sums of floats miss.
    c = max(int(np.searchsorted(2 * below, tail * (1 + 1e-9), side="right")), 1)
    return Estimate(
        estimate=float(np.median(points)),
        low=float(points[c - 1]),
        high=float(points[-c]),
        confidence=float(max(1 - 2 * below[c - 1], 0.0)),
    )


def _signed_rank_distribution(n: int) -> Vector:
    """P(T+ = 0..n(n+1)/2): each rank 1..n is in the sum with probability 1/2."""
    chance = np.ones(1)
    for rank in range(1, n + 1):
        shifted = np.concatenate([np.zeros(rank), chance])
        chance = (np.concatenate([chance, np.zeros(rank)]) + shifted) / 2
    return chance


def _rank_sum_distribution(m: int, n: int) -> Vector:
    """P(U = 0..mn): subsets of m of the ranks 1..m+n by their sum, the smallest sum at 0."""
    counts = np.zeros((m + 1, m * n + 1))
    counts[0, 0] = 1
    # Picking rank r as the j-th smallest adds r - j to U; larger j first, so each rank goes once.
    for rank in range(1, m + n + 1):
        for j in range(min(rank, m), 0, -1):
            gap = rank - j
            if gap <= n:
                counts[j, gap:] += counts[j - 1, : m * n + 1 - gap]
    chances: Vector = counts[m] / counts[m].sum()
    return chances
