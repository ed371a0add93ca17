"""Effects of mechanisms and of their combinations, where the arms are all combinations.

Source: Box, Hunter and Hunter 2005, Statistics for Experimenters, 2nd ed., 5.2 to 5.6; on ranks,
Conover and Iman 1981, Am. Stat. 35, 124-129.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import prod

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata, t

Vector = npt.NDArray[np.float64]


def factor_effects(
    values: Mapping[str, Vector],
    factors: Mapping[str, Sequence[str]],
    higher_is_better: bool,
    confidence: float,
) -> pd.DataFrame:
    """Main effects and interactions on the ranks of all runs together.

    A run's score is the share of all runs that it beats, ties counted half; a value that is
    infinite (nothing found) is the worst. A main effect is the mean score with the mechanism less
    that without; an interaction is half of how much one mechanism changes the effect of another.

    Args:
        values: arm -> float (n,).
        factors: mechanism -> arms that have it; the arms are all combinations.
        higher_is_better: direction of the values.
        confidence: of the intervals, in (0, 1): Welch's, with each arm's own variance.

    Returns:
        One row an effect: effect (names joined by " x "), order, estimate, low, high; no interval
        where an arm has a single run.
    """
    arms = list(values)
    sizes = [values[arm].size for arm in arms]
    joined = np.concatenate([values[arm] for arm in arms])
    ranks = rankdata(joined if higher_is_better else -joined)
    score = np.split((ranks - 0.5) / joined.size, np.cumsum(sizes)[:-1])
    means = np.array([part.mean() for part in score])
    noise = np.array([part.var(ddof=1) / part.size if part.size > 1 else np.nan for part in score])
    rows = []
    for order in range(1, len(factors) + 1):
        for names in combinations(factors, order):
            sign = np.array([prod(1 if a in factors[f] else -1 for f in names) for a in arms])
            half = len(arms) / 2
            estimate = float((sign * means).sum() / half)
            variance = float(noise.sum() / half**2)
            degrees = _degrees(noise / half**2, sizes)
            reach = t.ppf((1 + confidence) / 2, degrees) * variance**0.5 if variance else 0.0
            rows.append(
                {
                    "effect": " x ".join(names),
                    "order": order,
                    "estimate": estimate,
                    "low": estimate - float(reach),
                    "high": estimate + float(reach),
                }
            )
    return pd.DataFrame(rows)


def _degrees(parts: Vector, sizes: Sequence[int]) -> float:
    """Satterthwaite's degrees of freedom of a sum of variances."""
    below = sum(p**2 / (n - 1) for p, n in zip(parts, sizes, strict=True) if p and n > 1)
    return float(parts.sum() ** 2 / below) if below else 1.0
