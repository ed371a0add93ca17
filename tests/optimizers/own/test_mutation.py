"""Indices, crossovers and mutants against their definitions."""

from __future__ import annotations

from itertools import permutations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.optimizers.own.differential_evolution import DifferentialEvolution
from fairtrial.optimizers.own.mutation import cross_binomial, cross_exponential, others
from fairtrial.optimizers.parameters import DifferentialEvolutionSettings
from fairtrial.optimizers.parameters.own import Strategy


@given(st.integers(0, 2**32), st.integers(4, 9))
def test_the_others_are_others(seed: int, size: int) -> None:
    """i, a, b and c differ for every candidate, and all values occur."""
    uniform = np.random.default_rng(seed).random((3, 2, size))
    stack = np.stack([np.broadcast_to(np.arange(size), (2, size)), *others(uniform)])
    ordered = np.sort(stack, axis=0)
    assert (np.diff(ordered, axis=0) > 0).all()
    assert ordered.min() >= 0
    assert ordered.max() < size


def test_the_others_are_uniform() -> None:
    """Every ordered triple of the others is equally likely."""
    uniform = np.random.default_rng(0).random((3, 60_000, 4))
    a, b, c = (index[:, 0] for index in others(uniform))
    counts = np.unique(100 * a + 10 * b + c, return_counts=True)[1]
    assert len(counts) == 6
    assert counts == pytest.approx(10_000, rel=0.05)


@pytest.mark.parametrize("strategy", get_args(Strategy))
def test_a_mutant_is_what_its_name_says(strategy: str) -> None:
    """With CR = 1 each trial is the formula of Price and Storn for some distinct others."""
    weight, size = 0.37, 7
    settings = DifferentialEvolutionSettings.model_validate(
        {
            "strategy": strategy,
            "population": size,
            "weight": weight,
            "crossover": 1.0,
            "outside": "clip",
        }
    )
    search = DifferentialEvolution(np.full(3, -1.0), np.full(3, 5.0), settings, 100, [5])
    points = search.ask()[0].copy()
    objective = np.array([[4.0, 2.0, 9.0, 1.0, 5.0, 3.0, 6.0]])
    search.tell(points[None], objective, np.zeros((1, size, 0)))
    trial, best = search.ask()[0], points[3]
    name, pairs = strategy[:-4], int(strategy[-4])
    for index in range(size):
        rest = [i for i in range(size) if i != index]
        options = []
        for chosen in permutations(rest, 2 * pairs + name.startswith("rand")):
            vectors = points[list(chosen)]
            base = vectors[-1] if name.startswith("rand") else points[index]
            base = best if name == "best" else base
            pull = best - base if name.endswith("tobest") else 0.0
            signs = np.array([1.0, -1.0] * pairs)
            options.append(base + weight * (pull + signs @ vectors[: 2 * pairs]))
        inside = np.clip(options, -1.0, 5.0)
        assert np.abs(inside - trial[index]).max(axis=1).min() < 1e-12


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.3, 1.0]), st.integers(1, 6))
def test_something_always_crosses_over(seed: int, rate: float, dimensions: int) -> None:
    """Both crossovers take the sure component; with CR 0 nothing else, with CR 1 everything."""
    rng = np.random.default_rng(seed)
    sure = rng.integers(0, dimensions, (2, 5))
    for crossed in (
        cross_binomial(rng.random((2, 5, dimensions)), rate, sure),
        cross_exponential(rng.random((2, 5)), rate, sure, dimensions),
    ):
        assert np.take_along_axis(crossed, sure[:, :, None], axis=2).all()
        if rate == 0.0:
            assert (crossed.sum(axis=2) == 1).all()
        if rate == 1.0:
            assert crossed.all()


def test_the_exponential_crossover_goes_on_while_luck_lasts() -> None:
    """More than l components cross with probability CR^l, in a run from the sure one round."""
    rng = np.random.default_rng(0)
    sure = np.full((1, 40_000), 3)
    crossed = cross_exponential(rng.random((1, 40_000)), 0.6, sure, 5)[0]
    from_sure = np.roll(crossed, -3, axis=1)
    assert (np.diff(from_sure.astype(int), axis=1) <= 0).all()
    shares = [(from_sure.sum(axis=1) > length).mean() for length in range(5)]
    assert shares == pytest.approx([0.6**length for length in range(5)], abs=0.01)


def test_the_binomial_crossover_has_its_rate() -> None:
    """A component that is not the sure one crosses with probability CR."""
    rng = np.random.default_rng(0)
    crossed = cross_binomial(rng.random((1, 40_000, 3)), 0.3, np.zeros((1, 40_000), dtype=int))
    assert crossed[0].mean(axis=0) == pytest.approx([1.0, 0.3, 0.3], abs=0.01)
