"""Differential evolution beyond its formulas: bounds, self-adaptation, selection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.optimizers.own.differential_evolution import (
    DifferentialEvolution,
    _uniform_again,
    minimise,
)
from fairtrial.optimizers.parameters import DifferentialEvolutionSettings
from fairtrial.optimizers.task import FloatArray
from tests.optimizers.tasks import linear_task, sphere


def settings(**values: Any) -> DifferentialEvolutionSettings:
    return DifferentialEvolutionSettings.model_validate(values)


def trials_from_a_corner(outside: str, strategy: str) -> tuple[FloatArray, FloatArray]:
    """Points and trials of a population whose steps often leave the box [0, 1]^2."""
    chosen = settings(strategy=strategy, population=400, weight=2.0, crossover=1.0, outside=outside)
    search = DifferentialEvolution(np.zeros(2), np.ones(2), chosen, 10_000, [3, 4])
    points = search.ask()
    search.tell(points, points.sum(axis=2), np.zeros((2, 400, 0)))
    return points, search.ask()


@pytest.mark.parametrize("strategy", ["rand1bin", "rand1exp"])
def test_what_leaves_the_box_comes_back_as_told(strategy: str) -> None:
    """Redrawn components are uniform, clipped ones lie on the bound, bounced ones half way."""
    _, redrawn = trials_from_a_corner("redraw", strategy)
    points, bounced = trials_from_a_corner("bounce", strategy)
    _, clipped = trials_from_a_corner("clip", strategy)
    low, high = clipped == 0, clipped == 1
    assert low.mean() > 0.1
    assert high.mean() > 0.1
    assert np.array_equal(bounced[low], points[low] / 2)
    assert np.array_equal(bounced[high], (1 + points[high]) / 2)
    assert np.array_equal(redrawn[~(low | high)], clipped[~(low | high)])
    again = np.sort(redrawn[low | high])
    assert np.abs(again - np.linspace(0, 1, again.size)).max() < 0.06  # Kolmogorov's distance


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_what_is_left_of_a_uniform_number_is_uniform(rate: float) -> None:
    """On each side of the rate the number can serve once more."""
    chance = np.random.default_rng(1).random(50_000)
    again = np.sort(_uniform_again(chance, np.array([rate])))
    assert np.abs(again - np.linspace(0, 1, again.size)).max() < 0.01


def test_self_adaptation_heals_a_bad_weight() -> None:
    """With F = 0.01 the population hardly moves; with F of their own candidates find the way."""
    task = sphere(np.array([3.0, -2.0, 7.0]))
    bad = {"weight": 0.01, "population": 20}
    fixed = minimise(task, settings(**bad), 8000, [1])[0]
    healed = minimise(task, settings(**bad, adaptation="jde"), 8000, [1])[0]
    assert fixed.objective[-1] > 1e-3
    assert healed.objective[-1] < 1e-8


def test_adaptation_is_the_same_alone_and_together() -> None:
    """Each candidate's F and CR come from its own run's numbers."""
    chosen = settings(adaptation="jde", population=8, strategy="currenttobest1exp")
    together = minimise(linear_task(), chosen, 400, [1, 2])
    alone = minimise(linear_task(), chosen, 400, [2])[0]
    assert np.array_equal(together[1].point, alone.point)


def test_an_equal_trial_takes_the_place_of_its_parent() -> None:
    """On a plateau the population moves; none of it is lost to points without a value."""
    flat = replace(linear_task(), evaluate=lambda p: (np.zeros(len(p)), np.zeros(len(p))))
    search = DifferentialEvolution(flat.lower, flat.upper, settings(population=8), 100, [1])
    zeros, none = np.zeros((1, 8)), np.zeros((1, 8, 0))
    first = search.ask().copy()
    search.tell(first, zeros, none)
    search.tell(search.ask(), zeros, none)
    moved = search._points.copy()
    assert (moved != first).any(axis=2).all()
    search.ask()
    search.tell(moved, np.full((1, 8), np.inf), np.full((1, 8, 1), np.inf))
    assert np.array_equal(search._points, moved)


@pytest.mark.parametrize(("strategy", "least"), [("rand1bin", 4), ("best2exp", 5), ("rand2bin", 6)])
def test_a_population_too_small_for_its_strategy_is_refused(strategy: str, least: int) -> None:
    """A mutant needs others that are distinct from each other and from its parent."""
    assert settings(strategy=strategy, population=least)
    with pytest.raises(ConfigError, match="at least|greater than or equal"):
        check_parameters(
            DifferentialEvolutionSettings,
            {"strategy": strategy, "population": least - 1},
            "arms.de",
        )
