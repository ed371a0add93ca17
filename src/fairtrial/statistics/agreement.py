"""Whether classifiers are right on the same items: McNemar's test of two, Cochran's Q of more.

Both take items as independent. Where items come in groups, p-values are too small and only lead
to a closer look; the verdict rests on blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import binomtest, chi2

from fairtrial.core.errors import StatisticsError


@dataclass(frozen=True)
class Agreement:
    """Result of the test over all classifiers.

    Attributes:
        name: McNemar's exact test or Cochran's Q.
        statistic: Q; for two classifiers the items that only the first has right.
        p: two-sided p-value; 1 where all classifiers are right on the same items.
    """

    name: str
    statistic: float
    p: float


def compare_right(right: pd.DataFrame) -> Agreement:
    """McNemar's exact test for two classifiers, Cochran's Q for more.

    Args:
        right: bool, items x classifiers, whether each classifier has each item right.

    Raises:
        StatisticsError: fewer than two classifiers, or no item.
    """
    _check(right)
    values = right.to_numpy(int)
    if values.shape[1] == 2:
        first, second = discordant(values[:, 0], values[:, 1])
        return Agreement("McNemar (exact)", float(first), mcnemar(first, second))
    q, p = cochran_q(values)
    return Agreement("Cochran's Q", q, p)


def compare_right_pairs(right: pd.DataFrame) -> pd.DataFrame:
    """McNemar's exact test of each pair of classifiers, adjusted after Holm.

    Args:
        right: bool, items x classifiers.

    Returns:
        Columns a, b, only_a, only_b (items that one alone has right), p, p_holm.

    Raises:
        StatisticsError: as `compare_right`.
    """
    _check(right)
    rows = []
    for a, b in combinations(right.columns, 2):
        only_a, only_b = discordant(right[a].to_numpy(), right[b].to_numpy())
        rows.append((str(a), str(b), only_a, only_b, mcnemar(only_a, only_b)))
    table = pd.DataFrame(rows, columns=["a", "b", "only_a", "only_b", "p"])
    return table.assign(p_holm=holm(table["p"].to_numpy()))


def discordant(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """Items that only ``a`` and that only ``b`` has right; each bool (N,)."""
    a, b = a.astype(bool), b.astype(bool)
    return int((a & ~b).sum()), int((b & ~a).sum())


def mcnemar(only_a: int, only_b: int) -> float:
    """Exact two-sided p-value: of the items on which they differ, each is right half the time.

    Source: McNemar (1947), Psychometrika 12, 153-157; exact by the binomial distribution.
    """
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b).pvalue)


def cochran_q(right: np.ndarray) -> tuple[float, float]:
    """Cochran's Q and its p-value by chi-squared with k - 1 degrees of freedom.

    Args:
        right: 0 or 1, int (N, k). Items on which all agree carry nothing.

    Source: Cochran (1950), Biometrika 37, 256-266, eq. 3.
    """
    k = right.shape[1]
    by_item, by_classifier = right.sum(1), right.sum(0)
    spread = float((by_item * (k - by_item)).sum())
    if spread == 0:
        return 0.0, 1.0
    q = k * (k - 1) * float(((by_classifier - by_classifier.mean()) ** 2).sum()) / spread
    return q, float(chi2.sf(q, k - 1))


def holm(p: np.ndarray) -> np.ndarray:
    """P-values (m,) adjusted for their number. Source: Holm (1979), Scand. J. Stat. 6, 65-70."""
    order = np.argsort(p)
    stepped = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def _check(right: pd.DataFrame) -> None:
    if right.shape[1] < 2 or len(right) == 0:
        raise StatisticsError(
            "predictions of the same items",
            "two classifiers or more, and an item",
            f"{right.shape[1]} classifiers, {len(right)} items",
            "Compare arms that finished and were tested on the same items.",
        )
