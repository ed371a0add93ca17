"""The extrapolation to infinitely many items."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.scoring.frechet import frechet_distance
from fairtrial.melodies.scoring.infinity import Extrapolation, choose_sizes, fit_line


def test_a_line_over_one_by_n_is_found() -> None:
    """Points 2 + 30 / n give 2 at infinity, slope 30 and no error."""
    sizes = [50, 60, 75, 100]
    fit = fit_line(sizes, [2 + 30 / size for size in sizes])
    assert fit.at_infinity == pytest.approx(2)
    assert fit.slope == pytest.approx(30)
    assert fit.error == pytest.approx(0, abs=1e-9)
    assert fit.r2 == pytest.approx(1)


def test_the_error_is_that_of_the_intercept() -> None:
    """The same as by numpy's covariance of a polynomial fit."""
    sizes = np.array([50, 60, 75, 100])
    values = 2 + 30 / sizes + np.array([0.1, -0.2, 0.05, 0.02])
    (slope, intercept), covariance = np.polyfit(1 / sizes, values, 1, cov=True)
    fit = fit_line(sizes, values)
    assert (fit.at_infinity, fit.slope) == pytest.approx((intercept, slope))
    assert fit.error == pytest.approx(np.sqrt(covariance[1, 1]))


@pytest.mark.parametrize("count", [4, 7, 60, 200])
def test_sizes_reach_from_half_to_all(count: int) -> None:
    """At least three, ascending, the last one all items."""
    sizes = choose_sizes(count)
    assert len(sizes) >= 3
    assert sizes == sorted(set(sizes))
    assert (sizes[0], sizes[-1]) == (count // 2 + count % 2, count)


@pytest.mark.parametrize(("shift", "truth"), [(0.0, 0.0), (0.3, 0.3**2 * 12)])
def test_nearer_to_the_truth_than_the_distance_itself(shift: float, truth: float) -> None:
    """Of 60 items in 12 dimensions, on average over draws: most of the bias is gone."""
    generator = np.random.default_rng(0)
    plain, limits = [], []
    for _ in range(30):
        first, second = generator.normal(size=(60, 12)), generator.normal(shift, 1, (60, 12))
        curve = Extrapolation(first, generator).measure(second)
        plain.append(frechet_distance(first, second))
        assert curve[60] == pytest.approx(plain[-1])
        limits.append(fit_line(list(curve), list(curve.values())).at_infinity)
    assert abs(np.mean(limits) - truth) < 0.2 * abs(np.mean(plain) - truth)
