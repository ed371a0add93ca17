"""Intervals over resampled groups and of proportions."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from fairtrial.core.errors import StatisticsError
from fairtrial.core.seeds import stream
from fairtrial.statistics import resampling
from fairtrial.statistics.resampling import group_bootstrap, wilson


def mean_of(x: np.ndarray) -> resampling.Weighted:
    """The weighted mean of x."""
    return lambda weights: {"mean": weights @ x / weights.sum(1)}


def test_wilson_of_the_fish_paper() -> None:
    """402 of 405 lie between 97.8 and 99.7 %; statsmodels agrees at 0 and 1 as well."""
    found = wilson(402, 405, 0.95)
    assert (round(100 * found.low, 1), round(100 * found.high, 1)) == (97.8, 99.7)
    for successes in (0, 1, 20, 40):
        found = wilson(successes, 40, 0.9)
        wanted = proportion_confint(successes, 40, alpha=0.1, method="wilson")
        assert (found.low, found.high) == pytest.approx(wanted, abs=1e-12)


def test_a_group_counts_as_one() -> None:
    """Copies in an item's group leave its interval as it was; as items of their own narrow it."""
    x = stream(0, "values").normal(size=30)
    alone = [str(i) for i in range(30)]
    few = group_bootstrap(mean_of(x), alone, 400, 0.95, stream(1))["mean"]
    copied, names = np.repeat(x, 5), np.repeat(alone, 5)
    grouped = group_bootstrap(mean_of(copied), list(names), 400, 0.95, stream(1))["mean"]
    assert (grouped.low, grouped.high) == pytest.approx((few.low, few.high), abs=1e-12)
    taken_apart = [str(i) for i in range(150)]
    narrow = group_bootstrap(mean_of(copied), taken_apart, 400, 0.95, stream(1))["mean"]
    assert narrow.high - narrow.low < 0.6 * (few.high - few.low)


def test_the_interval_of_a_mean_is_about_its_normal_one() -> None:
    """Over 400 items the percentile interval is within a fifth of 1.96 standard errors."""
    x = stream(2, "values").normal(size=400)
    found = group_bootstrap(mean_of(x), [str(i) for i in range(400)], 2000, 0.95, stream(3))["mean"]
    half = 1.96 * x.std() / 20
    assert (found.low, found.high) == pytest.approx(
        (x.mean() - half, x.mean() + half), abs=0.2 * half
    )
    assert found.estimate == pytest.approx(x.mean(), abs=1e-12)


def test_batches_of_resamplings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits into memory at once decides about no number."""
    x, names = np.arange(20.0), [str(i // 2) for i in range(20)]
    whole = group_bootstrap(mean_of(x), names, 101, 0.9, stream(4))
    monkeypatch.setattr(resampling, "_CELLS_AT_ONCE", 150)
    assert group_bootstrap(mean_of(x), names, 101, 0.9, stream(4)) == whole


def test_what_most_resamplings_leave_undefined_has_no_interval() -> None:
    """A metric that is NaN for the items or for most resamplings is left out."""

    def measure(weights: np.ndarray) -> dict[str, np.ndarray]:
        seen = (weights > 0).all(1)
        return {"rare": np.where(seen, 1.0, np.nan), "never": np.full(len(weights), np.nan)}

    assert group_bootstrap(measure, list("abcdefgh"), 100, 0.95, stream(5)) == {}
    with pytest.raises(StatisticsError, match="items of two groups or more"):
        group_bootstrap(measure, ["a", "a"], 100, 0.95, stream(5))
