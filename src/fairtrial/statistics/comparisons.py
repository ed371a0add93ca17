"""The tests, by design and number of arms; scipy and scikit-posthocs do the arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import scikit_posthocs
from scipy import stats

from fairtrial.statistics.effects import subtract
from fairtrial.statistics.guards import (
    check_cells,
    check_enough,
    check_orientation,
    check_spread,
)

# The studentized range is integrated to about 1e-13: a smaller p-value is its rounding error.
_NEMENYI_RESOLVES = 1e-12


@dataclass(frozen=True)
class Comparison:
    """Result of one test.

    Attributes:
        name: the test.
        symbol: letter of its statistic.
        statistic: its value.
        p: two-sided p-value.
        pairs: p-value of each pair of arms, adjusted for their number; 0 where it is less than
            its arithmetic resolves.
        pairs_name: how the pairs were tested.
        agreement: name and value of the size of the effect over all arms, in 0..1; None for two.
        critical_difference: Nemenyi's, in mean ranks; None for other tests.
        smallest_p: the smallest p-value that so few values allow (two arms only).
    """

    name: str
    symbol: str
    statistic: float
    p: float
    pairs: dict[tuple[str, str], float]
    pairs_name: str
    agreement: tuple[str, float] | None = None
    critical_difference: float | None = None
    smallest_p: float | None = None


def compare_blocked(table: pd.DataFrame, alpha: float, unit: str = "block") -> Comparison:
    """Wilcoxon's signed-rank test for two arms, Friedman's test with Nemenyi's for more.

    Args:
        table: float, blocks x arms, complete.
        alpha: level of the critical difference.
        unit: what a row is called in messages.

    Raises:
        StatisticsError: a cell is NaN or infinite, or the table looks transposed.
        UntestableError: fewer than 2 arms or 5 blocks, or all arms tie in every block.

    Source: Demsar (2006), J. Machine Learning Research 7, 1-30.
    """
    check_cells(table)
    check_orientation(table)
    check_enough(table, unit)
    check_spread(table, blocked=True)
    arms = [str(arm) for arm in table.columns]
    values = table.to_numpy(float)
    if len(arms) == 2:
        differences = subtract(values[:, 0], values[:, 1])
        result = stats.wilcoxon(differences)
        return Comparison(
            name="Wilcoxon signed-rank",
            symbol="W",
            statistic=float(result.statistic),
            p=float(result.pvalue),
            pairs={(arms[0], arms[1]): float(result.pvalue)},
            pairs_name="Wilcoxon signed-rank",
            smallest_p=2.0 ** (1 - np.count_nonzero(differences)),
        )
    n, k = values.shape
    result = stats.friedmanchisquare(*values.T)
    nemenyi = scikit_posthocs.posthoc_nemenyi_friedman(values).to_numpy(float)
    return Comparison(
        name="Friedman",
        symbol="χ²",
        statistic=float(result.statistic),
        p=float(result.pvalue),
        pairs=_upper(arms, np.where(nemenyi < _NEMENYI_RESOLVES, 0.0, nemenyi)),
        pairs_name="Nemenyi",
        agreement=("Kendall's W", float(result.statistic) / (n * (k - 1))),
        critical_difference=nemenyi_difference(k, n, alpha),
    )


def compare_independent(table: pd.DataFrame) -> Comparison:
    """Mann-Whitney's test for two arms, Kruskal-Wallis' with Dunn's (Holm) for more.

    Args:
        table: float, runs x arms; NaN where an arm has fewer runs than another.

    Raises:
        StatisticsError: a cell is infinite, or the table looks transposed.
        UntestableError: fewer than 2 arms or 5 runs of an arm, or all values are the same.
    """
    check_cells(table.fillna(0.0))
    check_orientation(table)
    check_enough(table, "run")
    check_spread(table, blocked=False)
    arms = [str(arm) for arm in table.columns]
    groups = [table[arm].dropna().to_numpy(float) for arm in table.columns]
    if len(arms) == 2:
        result = stats.mannwhitneyu(groups[0], groups[1])
        return Comparison(
            name="Mann-Whitney",
            symbol="U",
            statistic=float(result.statistic),
            p=float(result.pvalue),
            pairs={(arms[0], arms[1]): float(result.pvalue)},
            pairs_name="Mann-Whitney",
        )
    result = stats.kruskal(*groups)
    dunn = scikit_posthocs.posthoc_dunn(groups, p_adjust="holm").to_numpy(float)
    n, k = sum(group.size for group in groups), len(groups)
    return Comparison(
        name="Kruskal-Wallis",
        symbol="H",
        statistic=float(result.statistic),
        p=float(result.pvalue),
        pairs=_upper(arms, dunn),
        pairs_name="Dunn (Holm)",
        agreement=("epsilon²", max(float(result.statistic - k + 1) / (n - k), 0.0)),
    )


def nemenyi_difference(arms: int, blocks: int, alpha: float) -> float:
    """Critical difference of mean ranks: q_alpha sqrt(k (k + 1) / (6 N)) (Demsar 2006, 3.2.2)."""
    q = stats.studentized_range.ppf(1 - alpha, arms, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(arms * (arms + 1) / (6 * blocks)))


def mean_ranks(table: pd.DataFrame, higher_is_better: bool) -> dict[str, float]:
    """Mean rank of each arm over blocks, 1 the best, mid-ranks for ties.

    Args:
        table: float, blocks x arms, complete.
        higher_is_better: direction of the metric.
    """
    ranks = table.rank(axis=1, method="average", ascending=not higher_is_better).mean()
    return {str(arm): float(rank) for arm, rank in ranks.items()}


def standing(table: pd.DataFrame, blocked: bool, higher_is_better: bool) -> dict[str, float]:
    """Place of each arm, lower the better, by the very ranks that its test compares.

    Mean ranks over blocks; of two arms the signed ranks; of independent runs the mean rank among
    all of them. The arm in front is so never one that the test finds worse.

    Args:
        table: float, blocks x arms (NaN only where not blocked).
        blocked: the design.
        higher_is_better: direction of the metric.
    """
    if not blocked:
        pooled = table.stack().rank(ascending=not higher_is_better)
        means = pooled.groupby(level=1).mean().reindex(table.columns).to_numpy(float)
        return {str(arm): float(mean) for arm, mean in zip(table.columns, means, strict=True)}
    if table.shape[1] != 2:
        return mean_ranks(table, higher_is_better)
    first, second = (str(arm) for arm in table.columns)
    lead = pd.Series(subtract(*table.to_numpy(float).T)) * (1 if higher_is_better else -1)
    signed = float((np.sign(lead) * lead[lead != 0].abs().rank()).sum())
    return {first: -signed, second: signed}


def _upper(arms: list[str], matrix: np.ndarray) -> dict[tuple[str, str], float]:
    # Rounding can lift an adjusted p-value just above 1.
    return {
        (arms[i], arms[j]): float(np.clip(matrix[i, j], 0.0, 1.0))
        for i, j in combinations(range(len(arms)), 2)
    }
