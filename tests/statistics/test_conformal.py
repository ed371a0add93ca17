"""Thresholds and intervals that a calibration set answers for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.conformal import abstention_threshold, conformal_quantile
from fairtrial.statistics.venn_abers import venn_abers

CONFIDENCE = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def test_the_quantile_is_the_rank_that_the_theory_names() -> None:
    """19 items carry 95 %, 18 do not; of 99 the 95th is it."""
    assert conformal_quantile(np.arange(1.0, 20), 0.05) == 19
    assert conformal_quantile(np.arange(1.0, 19), 0.05) is None
    assert conformal_quantile(np.arange(1.0, 100), 0.05) == 95


def test_a_new_item_exceeds_the_quantile_as_seldom_as_promised() -> None:
    """Over many draws of 39 items and a new one, the share beyond is alpha = 0.05 or less."""
    generator = np.random.default_rng(0)
    draws = generator.normal(size=(4000, 40)) ** 3
    beyond = [row[-1] > conformal_quantile(row[:-1], 0.05) for row in draws]
    assert 0.035 < np.mean(beyond) < 0.062


def test_the_threshold_lets_through_as_many_errors_as_allowed() -> None:
    """With 59 items and alpha 0.05, 60 x 0.05 - 1 = 2 errors pass, the third sets the threshold."""
    confidence = np.linspace(0.41, 0.99, 59)
    wrong = np.zeros(59, bool)
    assert abstention_threshold(confidence, wrong, 0.05) == 0
    wrong[[50, 40]] = True
    assert abstention_threshold(confidence, wrong, 0.05) == 0
    wrong[30] = True
    found = abstention_threshold(confidence, wrong, 0.05)
    assert found == pytest.approx(confidence[30])
    assert found > confidence[30]
    assert abstention_threshold(confidence[:18], wrong[:18], 0.05) is None
    assert abstention_threshold(confidence[:19], wrong[:19], 0.05) == 0


@given(CONFIDENCE)
def test_the_threshold_controls_the_risk_it_is_about(items: list[tuple[float, bool]]) -> None:
    """n / (n + 1) risk + 1 / (n + 1) is at most alpha at the threshold, and not just below it."""
    confidence = np.array([c for c, _ in items])
    wrong = np.array([w for _, w in items])
    n, alpha = len(items), 0.2
    found = abstention_threshold(confidence, wrong, alpha)
    if found is None:
        assert 1 / (n + 1) > alpha
        return

    def bound(threshold: float) -> float:
        return ((wrong & (confidence >= threshold)).sum() + 1) / (n + 1)

    assert bound(found) <= alpha + 1e-9
    assert found == 0 or bound(np.nextafter(found, 0)) > alpha


def test_errors_among_new_answers_stay_below_alpha() -> None:
    """Over many draws, a new item is answered wrongly in at most 10 % of them."""
    generator = np.random.default_rng(1)
    failures = []
    for _ in range(2000):
        confidence = generator.uniform(0.5, 1, 41)
        wrong = generator.random(41) > confidence
        threshold = abstention_threshold(confidence[:-1], wrong[:-1], 0.1)
        failures.append(wrong[-1] and confidence[-1] >= threshold)
    assert np.mean(failures) < 0.115


def test_venn_abers_by_hand() -> None:
    """Scores 1 to 4 of which 3 and 4 are hits; a new 2.5 joins as a miss and as a hit.

    As a miss it lies in a pool of its own at 0, as a hit at 1. A new 1.5 as a hit is pooled with
    the miss at 2: one of two.
    """
    scores, hits = np.array([1.0, 2.0, 3.0, 4.0]), np.array([False, False, True, True])
    low, high = venn_abers(scores, hits, np.array([2.5, 1.5, 2.5]))
    np.testing.assert_allclose(low, [0, 0, 0])
    np.testing.assert_allclose(high, [1, 0.5, 1])


def test_venn_abers_intervals_hold_the_frequency_and_shrink() -> None:
    """Of an overconfident score the interval is about the true frequency; more items narrow it."""
    generator = np.random.default_rng(2)
    widths = []
    for n in (50, 2000):
        scores = generator.choice([0.05, 0.5, 0.95], n)
        truth = {0.05: 0.2, 0.5: 0.5, 0.95: 0.8}
        hits = generator.random(n) < np.vectorize(truth.get)(scores)
        low, high = venn_abers(scores, hits, np.array([0.95]))
        assert low[0] - 0.1 < 0.8 < high[0] + 0.1
        widths.append(high[0] - low[0])
    assert widths[1] < 0.01 < widths[0]


@given(CONFIDENCE, st.floats(0, 1))
def test_venn_abers_ends_are_ordered_probabilities(
    items: list[tuple[float, bool]], new: float
) -> None:
    """0 <= low <= high <= 1 whatever the scores."""
    scores, hits = np.array([c for c, _ in items]), np.array([h for _, h in items])
    low, high = venn_abers(scores, hits, np.array([new]))
    assert 0 <= low[0] <= high[0] <= 1


def test_venn_abers_refuses_what_it_cannot_calibrate() -> None:
    """No items, or a score that is no number."""
    nothing = np.empty(0)
    with pytest.raises(StatisticsError, match="finite scores of at least one item"):
        venn_abers(nothing, nothing.astype(bool), np.array([0.5]))
    with pytest.raises(StatisticsError, match="finite scores"):
        venn_abers(np.array([0.5]), np.array([True]), np.array([np.nan]))
