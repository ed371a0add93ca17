"""Intervals of medians between two order statistics."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.statistics.spread import median_interval


def test_the_tabled_interval_of_25_values() -> None:
    """Of 25 values it lies between the 8th and the 18th (Conover's table), with 95.7 %."""
    found = median_interval(np.arange(1.0, 26.0), 0.95)
    assert (found.estimate, found.low, found.high) == (13.0, 8.0, 18.0)
    assert found.confidence == pytest.approx(0.9567, abs=1e-4)


def test_few_values_give_what_they_can() -> None:
    """Three values cover 75 % at most, and the estimate says so."""
    found = median_interval(np.array([3.0, 1.0, 2.0]), 0.95)
    assert (found.low, found.high, found.confidence) == (1.0, 3.0, pytest.approx(0.75))


def test_runs_that_found_nothing_are_the_largest() -> None:
    """Infinite values move the upper end, and the median where they are the half."""
    found = median_interval(np.array([1.0, 2.0, 3.0, np.inf, np.inf, np.inf, np.inf]), 0.9)
    assert found.estimate == np.inf
    assert np.isfinite(found.low)
    even = median_interval(np.array([1.0, 3.0]), 0.9)
    assert even.estimate == 2.0


def test_it_covers_the_median_as_often_as_it_says() -> None:
    """Over samples of a skewed distribution, to within the chance of 4000 draws."""
    rng = np.random.default_rng(7)
    samples = rng.exponential(size=(4000, 15))
    found = [median_interval(sample, 0.95) for sample in samples]
    covered = np.mean([one.low <= np.log(2) <= one.high for one in found])
    assert covered == pytest.approx(found[0].confidence, abs=0.01)
