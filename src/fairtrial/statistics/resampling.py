"""Intervals of what is measured on items: resampled groups, and Wilson's for proportions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from scipy.stats import binomtest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.effects import Estimate

Weighted = Callable[[np.ndarray], Mapping[str, np.ndarray]]

# Weights in memory at once: 32 MB of float64.
_CELLS_AT_ONCE = 4_000_000


def group_bootstrap(
    measure: Weighted,
    groups: Sequence[str],
    resamples: int,
    confidence: float,
    generator: np.random.Generator,
) -> dict[str, Estimate]:
    """Estimates with percentile intervals over resampled groups.

    Items of one group (patients, photographs and their copies) stay together: resampling items
    would count copies as independent and make intervals too narrow.

    Args:
        measure: takes how often each item counts, float64 (R, N), gives name -> float64 (R,), NaN
            where a resampling leaves it undefined.
        groups: group of each of the N items.
        resamples: how many resamplings.
        confidence: coverage asked for, in (0, 1).
        generator: source of the resamplings.

    Returns:
        Name -> estimate, of all that the items themselves and at least half of the resamplings
        define; resamplings that leave it undefined are left out of its interval.

    Raises:
        StatisticsError: there are fewer than two groups.

    Source: Davison and Hinkley, Bootstrap Methods and Their Application, 3.8 and 5.3.1.
    """
    _, index = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    if index.size == 0 or index.max() == 0:
        raise StatisticsError(
            "intervals", "items of two groups or more", "one", "Name groups that tell items apart."
        )
    values = measure(np.ones((1, index.size)))
    drawn = [measure(weights) for weights in _weights(index, resamples, generator)]
    ends = ((1 - confidence) / 2, (1 + confidence) / 2)
    out = {}
    for name, value in values.items():
        sample = np.concatenate([part[name] for part in drawn])
        sample = sample[np.isfinite(sample)]
        if np.isfinite(value[0]) and 2 * sample.size >= resamples:
            low, high = np.quantile(sample, ends)
            out[name] = Estimate(float(value[0]), float(low), float(high), confidence)
    return out


def _weights(
    index: np.ndarray, resamples: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """How often each item counts, float64 (R, N), in batches: groups drawn with replacement."""
    groups = int(index.max()) + 1
    batch = max(1, _CELLS_AT_ONCE // index.size)
    for start in range(0, resamples, batch):
        size = min(batch, resamples - start)
        counts = generator.multinomial(groups, np.full(groups, 1 / groups), size=size)
        yield counts[:, index].astype(float)


def wilson(successes: int, trials: int, confidence: float) -> Estimate:
    """A proportion with Wilson's interval, which holds at 0 and 1 as well.

    Args:
        successes: 0 to ``trials``.
        trials: independent ones, at least 1.
        confidence: coverage asked for, in (0, 1).

    Source: Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    found = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return Estimate(successes / trials, float(found.low), float(found.high), confidence)
