"""Effects of mechanisms whose true effects are known."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.statistics.factorial import factor_effects

FACTORS = {"a": ("a", "ab"), "b": ("b", "ab")}


def effects(values: dict[str, np.ndarray], higher: bool = True) -> dict[str, tuple[float, ...]]:
    table = factor_effects(values, FACTORS, higher, 0.95)
    return {row.effect: (row.estimate, row.low, row.high) for row in table.itertuples(index=False)}


def test_a_mechanism_that_decides_has_half_of_all_ranks() -> None:
    """With a every run beats every run without: the mean share beaten differs by one half."""
    rng = np.random.default_rng(1)
    values = {arm: rng.random(20) + 5 * ("a" in arm) for arm in ("none", "a", "b", "ab")}
    found = effects(values)
    assert found["a"][0] == pytest.approx(0.5)
    assert found["a"][1] > 0.4
    assert found["b"][1] < 0 < found["b"][2]
    assert found["a x b"][1] < 0 < found["a x b"][2]


def test_where_less_is_better_and_nothing_is_found() -> None:
    """Runs that found nothing are last; a mechanism that prevents that helps."""
    values = {
        "none": np.full(10, np.inf),
        "a": np.linspace(1, 2, 10),
        "b": np.full(10, np.inf),
        "ab": np.linspace(1, 2, 10),
    }
    found = effects(values, higher=False)
    assert found["a"][0] == pytest.approx(0.5)
    assert found["b"][0] == pytest.approx(0.0)


def test_two_that_only_work_together_interact() -> None:
    """Only both together are better: main effects and interaction are the same."""
    values = {arm: np.arange(8.0) + 100 * (arm == "ab") for arm in ("none", "a", "b", "ab")}
    found = effects(values)
    assert found["a"][0] == pytest.approx(found["b"][0])
    assert found["a"][0] == pytest.approx(found["a x b"][0])
    assert found["a x b"][1] > 0


def test_single_runs_have_no_interval() -> None:
    """An effect without a spread is told without one."""
    found = effects({arm: np.array([float(len(arm))]) for arm in ("none", "a", "b", "ab")})
    assert np.isfinite(found["a"][0])
    assert np.isnan(found["a"][1:]).all()
