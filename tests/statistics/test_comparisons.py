"""Tests against published numbers, the stock libraries and their own invariances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scikit_posthocs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from fairtrial.statistics.comparisons import (
    compare_blocked,
    compare_independent,
    mean_ranks,
    nemenyi_difference,
    standing,
)

ARMS = ["original", "augmented", "replicated"]


@pytest.fixture(scope="module")
def published(real_data: Path) -> pd.DataFrame:
    """55 runs of three arms, lower is better; the published table left out the first of 56."""
    path = real_data / "midi" / "bitaraes" / "fid_runs.csv"
    table = pd.read_csv(path, sep=";", header=None)[[15, 16, 17]].iloc[1:]
    return table.set_axis(ARMS, axis=1)


def test_friedman_and_nemenyi_reproduce_the_published_runs(published: pd.DataFrame) -> None:
    """Friedman 83.89, p 6.1e-19, mean ranks 2.891, 1.145, 1.964, Nemenyi 3.5e-6 and 5.3e-5."""
    result = compare_blocked(published, 0.05)
    assert published.mean().tolist() == pytest.approx([72.4334, 21.7541, 39.5702], abs=5e-5)
    assert result.statistic == pytest.approx(83.89, abs=0.005)
    assert result.p == pytest.approx(6.1e-19, rel=0.01)
    ranks = mean_ranks(published, higher_is_better=False)
    assert list(ranks.values()) == pytest.approx([2.891, 1.145, 1.964], abs=5e-4)
    assert result.pairs[("original", "augmented")] == 0  # below what its integration resolves
    assert result.pairs[("original", "replicated")] == pytest.approx(3.5e-6, rel=0.02)
    assert result.pairs[("augmented", "replicated")] == pytest.approx(5.3e-5, rel=0.01)


def test_kruskal_wallis_of_the_published_runs(published: pd.DataFrame) -> None:
    """As independent runs p is about 1e-24, and Dunn tells every pair apart."""
    result = compare_independent(published)
    assert result.p == pytest.approx(1.0e-24, rel=0.1)
    assert max(result.pairs.values()) < 1e-4


@pytest.mark.parametrize(
    ("arms", "q"), [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (10, 3.164)]
)
def test_critical_difference_has_the_printed_quantiles(arms: int, q: float) -> None:
    """The quantiles at 0.05 agree with table 5(a) of Demsar (2006)."""
    blocks = 14
    expected = q * np.sqrt(arms * (arms + 1) / (6 * blocks))
    assert nemenyi_difference(arms, blocks, 0.05) == pytest.approx(expected, rel=3e-4)


def test_pairs_agree_with_the_stock_libraries_on_data_with_ties() -> None:
    """Rounded values give mid-ranks; every p-value is that of scipy or scikit-posthocs."""
    values = np.round(np.random.default_rng(3).normal(40, 2, (9, 4)))
    table = pd.DataFrame(values, columns=list("abcd"))
    blocked, independent = compare_blocked(table, 0.05), compare_independent(table)
    assert blocked.p == pytest.approx(stats.friedmanchisquare(*values.T).pvalue)
    nemenyi = scikit_posthocs.posthoc_nemenyi_friedman(values)
    assert blocked.pairs[("b", "d")] == pytest.approx(nemenyi.iloc[1, 3])
    assert independent.p == pytest.approx(stats.kruskal(*values.T).pvalue)
    dunn = scikit_posthocs.posthoc_dunn(list(values.T), p_adjust="holm")
    assert independent.pairs[("a", "c")] == pytest.approx(dunn.iloc[0, 2])


def test_two_arms_take_wilcoxon_or_mann_whitney() -> None:
    """Two arms are compared by the signed ranks of their blocks, or the rank sum of their runs."""
    table = pd.DataFrame({"a": [1.0, 2.5, 3.1, 4.7, 5.2, 6.9], "b": [1.5, 2.7, 3.9, 4.6, 6.1, 8.0]})
    blocked, independent = compare_blocked(table, 0.05), compare_independent(table)
    assert blocked.p == stats.wilcoxon(table["a"], table["b"]).pvalue
    assert blocked.smallest_p == 2 / 2**6
    assert independent.p == stats.mannwhitneyu(table["a"], table["b"]).pvalue
    assert (blocked.name, independent.name) == ("Wilcoxon signed-rank", "Mann-Whitney")


def test_independent_arms_may_have_runs_of_different_number() -> None:
    """A column that ends earlier is compared by the runs it has."""
    long, short = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0], [2.0, 6.0, 5.5, 3.5, 8.0]
    table = pd.DataFrame({"a": long, "b": [*short, np.nan]})
    assert compare_independent(table).p == stats.mannwhitneyu(long, short).pvalue


# Differences of eighths are exact in binary, so that ties stay ties under a shift.
GRID = arrays(np.float64, (7, 3), elements=st.integers(-40, 40).map(lambda n: n / 8))


def _table(values: np.ndarray) -> pd.DataFrame | None:
    tied = (values == values[:, :1]).all()
    return None if tied else pd.DataFrame(values, columns=list("abc"))


@settings(max_examples=40, deadline=None)
@given(values=GRID, seed=st.integers(0, 1000))
def test_friedman_knows_no_order_and_no_origin(values: np.ndarray, seed: int) -> None:
    """Permuting blocks or arms, moving a block's origin, or cubing values never changes p."""
    table = _table(values)
    if table is None:
        return
    rng = np.random.default_rng(seed)
    p = compare_blocked(table, 0.05).p
    shuffled = table.iloc[rng.permutation(len(table))]
    assert compare_blocked(shuffled, 0.05).p == pytest.approx(p, rel=1e-9)
    turned = table[["c", "a", "b"]]
    assert compare_blocked(turned, 0.05).p == pytest.approx(p, rel=1e-9)
    origins = rng.integers(-100, 100, (len(table), 1)) / 4
    assert compare_blocked(table + origins, 0.05).p == pytest.approx(p, rel=1e-9)
    assert compare_blocked(table**3, 0.05).p == pytest.approx(p, rel=1e-9)


@settings(max_examples=12, deadline=None)  # scikit-posthocs takes 0.2 s for Dunn's test
@given(values=GRID, origin=st.integers(-1000, 1000), seed=st.integers(0, 1000))
def test_kruskal_wallis_knows_no_rows_and_no_common_origin(
    values: np.ndarray, origin: int, seed: int
) -> None:
    """Reordering each arm's runs on its own, or moving all of them together, never changes p."""
    table = _table(values)
    if table is None or np.unique(values).size == 1:
        return
    rng = np.random.default_rng(seed)
    p = compare_independent(table).p
    mixed = table.apply(lambda column: rng.permutation(column.to_numpy()))
    assert compare_independent(mixed + origin).p == pytest.approx(p, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(values=GRID)
def test_mean_ranks_turn_with_the_direction(values: np.ndarray) -> None:
    """Ranks add up to k (k + 1) / 2, and reversing the direction reflects them."""
    table = pd.DataFrame(values, columns=list("abc"))
    up, down = mean_ranks(table, True), mean_ranks(table, False)
    assert sum(up.values()) == pytest.approx(6)
    assert all(up[arm] + down[arm] == pytest.approx(4) for arm in table.columns)


def test_the_arm_in_front_is_the_one_the_test_finds_better() -> None:
    """Signed ranks decide between two arms, not the number of wins; pooled ranks between runs."""
    table = pd.DataFrame({"often": [1.0, 1.0, 1.0, 1.0, 9.0, 8.0, 7.0], "much": [1.1] * 7})
    places = standing(table, blocked=True, higher_is_better=False)
    assert mean_ranks(table, False)["often"] < mean_ranks(table, False)["much"]
    assert places["much"] < places["often"]
    runs = pd.DataFrame({"a": [1.0, 2.0, 10.0, 11.0, 12.0], "b": [3.0, 4.0, 9.0, 13.0, np.nan]})
    pooled = standing(runs, blocked=False, higher_is_better=False)
    assert pooled == {"a": (1 + 2 + 6 + 7 + 8) / 5, "b": (3 + 4 + 5 + 9) / 4}
    turned = standing(runs, blocked=False, higher_is_better=True)
    assert turned == {arm: 10 - rank for arm, rank in pooled.items()}
