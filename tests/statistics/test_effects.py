"""Effect sizes and their intervals."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from fairtrial.statistics.effects import (
    mean_interval,
    paired_shift,
    subtract,
    superiority,
    unpaired_shift,
)

# Hamilton depression scale factor of nine patients, before and after tranquilliser: the worked
# example of Hollander, Wolfe and Chicken, 3.1 to 3.3.
BEFORE = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
AFTER = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])


def test_paired_shift_of_the_textbook_example() -> None:
    """Estimate 0.46, and the exact interval 0.01 to 0.786 at 96.1 %."""
    found = paired_shift(BEFORE - AFTER, 0.95)
    assert found.estimate == pytest.approx(0.46, abs=5e-4)
    assert (found.low, found.high) == pytest.approx((0.010, 0.786), abs=1e-3)
    assert found.confidence == pytest.approx(0.961, abs=5e-4)


@pytest.mark.parametrize("n", [4, 5, 6, 9])
def test_paired_coverage_is_that_of_all_sign_patterns(n: int) -> None:
    """The stated coverage is the share of the 2^n equally likely sign patterns that cover 0."""
    sizes = np.random.default_rng(n).uniform(1, 2, n)
    stated = paired_shift(sizes, 0.9)
    covered = 0
    for signs in product([-1, 1], repeat=n):
        found = paired_shift(sizes * np.array(signs), 0.9)
        covered += found.low <= 0 <= found.high
    assert covered / 2**n == pytest.approx(stated.confidence)


def test_few_values_say_that_they_cover_less() -> None:
    """Five differences cannot reach 95 %; the interval says 93.75 % instead of claiming it."""
    assert paired_shift(np.arange(5.0), 0.95).confidence == pytest.approx(0.9375)
    assert paired_shift(np.arange(6.0), 0.95).confidence >= 0.95


def test_unpaired_interval_is_where_mann_whitney_stops_rejecting() -> None:
    """Shifts inside the interval are not rejected by the exact test, shifts outside are."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(12, 1, 8), rng.normal(10, 1, 7)
    found = unpaired_shift(a, b, 0.95)
    assert found.confidence >= 0.95
    for shift, rejected in [
        (found.low + 1e-6, False),
        (found.high - 1e-6, False),
        (found.low - 1e-6, True),
        (found.high + 1e-6, True),
    ]:
        p = stats.mannwhitneyu(a - shift, b, method="exact").pvalue
        assert (p <= 1 - found.confidence + 1e-9) == rejected


def test_shifts_move_with_the_data() -> None:
    """Adding 3 to one arm moves estimate and both ends by 3, whatever the common origin."""
    rng = np.random.default_rng(6)
    a, b = rng.normal(-500, 1, 9), rng.normal(-500, 1, 9)
    for before, after in [
        (paired_shift(a - b, 0.95), paired_shift(a + 3 - b, 0.95)),
        (unpaired_shift(a, b, 0.95), unpaired_shift(a + 3, b, 0.95)),
    ]:
        assert after.estimate - before.estimate == pytest.approx(3)
        assert after.low - before.low == pytest.approx(3)
        assert after.high - before.high == pytest.approx(3)


def test_large_samples_agree_with_the_exact_distribution() -> None:
    """The normal approximation beyond the exact limits gives nearly the exact ends."""
    rng = np.random.default_rng(7)
    d = rng.normal(0, 1, 201)
    exact, approximate = paired_shift(d[:200], 0.95), paired_shift(d, 0.95)
    assert approximate.low == pytest.approx(exact.low, abs=0.02)
    assert approximate.high == pytest.approx(exact.high, abs=0.02)
    a, b = rng.normal(0, 1, 101), rng.normal(0, 1, 100)
    exact, approximate = unpaired_shift(a[:100], b, 0.95), unpaired_shift(a, b, 0.95)
    assert approximate.low == pytest.approx(exact.low, abs=0.03)
    assert approximate.high == pytest.approx(exact.high, abs=0.03)


def test_superiority_counts_pairs_and_half_the_ties() -> None:
    """2 of 4 pairs won and 1 tied make 0.625; the arms exchanged make the rest."""
    a, b = np.array([3.0, 2.0]), np.array([2.0, 2.5])
    assert superiority(a, b, 0.95).estimate == 0.625
    assert superiority(b, a, 0.95).estimate == 0.375


def test_superiority_of_separated_arms_keeps_an_honest_interval() -> None:
    """At 1 the interval reaches below 1, the more the fewer the runs."""
    few = superiority(np.arange(10.0, 15), np.arange(5.0), 0.95)
    many = superiority(np.arange(100.0, 150), np.arange(50.0), 0.95)
    assert few.estimate == many.estimate == 1
    assert few.high == many.high == 1
    assert few.low < many.low < 1


def test_mean_interval_is_students() -> None:
    """It agrees with scipy, and one value has none."""
    values = np.array([4.0, 5.0, 7.0, 9.5])
    expected = stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    assert mean_interval(values, 0.95) == pytest.approx(expected)
    assert mean_interval(values[:1], 0.95) is None


def test_mean_interval_ends_where_the_range_of_the_metric_does() -> None:
    """An F1 above 1 cannot be; a side inside the range stays as it is."""
    values = np.array([1.0, 1.0, 0.95, 1.0, 0.97])
    low, high = mean_interval(values, 0.95)
    assert high > 1
    assert mean_interval(values, 0.95, (0.0, 1.0)) == (low, 1.0)
    assert mean_interval(-values, 0.95, (None, 0.0)) == (-high, -low)
    assert mean_interval(values - 0.97, 0.95, (0.0, None))[0] == 0


def test_steps_that_rounding_tells_apart_are_equal() -> None:
    """Means of ratings: 0.2 is one difference wherever it stands, and an interval ends at 0."""
    a, b = np.array([3.6, 2.2, 4.0, 1.2, 3.4, 4.4]), np.array([3.4, 2.0, 4.2, 1.4, 3.2, 4.2])
    assert len(set(np.abs(a - b))) > 1
    assert np.array_equal(np.abs(subtract(a, b)), np.full(6, subtract(a, b)[0]))
    assert paired_shift(subtract(a, b), 0.8).low == 0
    shift = unpaired_shift(np.array([0.1 + 0.2] * 5), np.array([0.3] * 5), 0.95)
    assert (shift.estimate, shift.low, shift.high) == (0, 0, 0)


def test_small_differences_of_small_values_stay() -> None:
    """Digits are counted from the largest value, not from 1."""
    assert subtract(np.array([3e-20, 2e-20]), np.array([1e-20, 2e-20])) == pytest.approx([2e-20, 0])
    assert subtract(np.zeros(2), np.zeros(2)).tolist() == [0, 0]
