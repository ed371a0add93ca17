"""How constraints enter a search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.optimizers.constraints import Handling, best_of, better, norm, one_number
from fairtrial.optimizers.own.differential_evolution import minimise
from fairtrial.optimizers.parameters import ConstraintSettings, DifferentialEvolutionSettings
from fairtrial.optimizers.task import FloatArray, Task

PAIRS = st.lists(
    st.tuples(st.integers(-3, 3).map(float), st.sampled_from([0.0, 0.5, 2.0, np.inf])),
    min_size=1,
    max_size=12,
)


def handling(budget: int = 100, **values: Any) -> Handling:
    return Handling(ConstraintSettings.model_validate(values), budget)


@given(PAIRS)
def test_the_best_is_the_first_that_none_beats(pairs: list[tuple[float, float]]) -> None:
    """Feasible before infeasible, then the lower objective; the first of equals."""
    objective = np.array([[np.inf if np.isinf(v) else f for f, v in pairs]])
    violation = np.array([[v for _, v in pairs]])
    order = [(v, f) for f, v in zip(objective[0], violation[0], strict=True)]
    assert best_of(objective, violation)[0] == order.index(min(order))


@given(PAIRS)
def test_one_number_orders_as_the_rules_do(pairs: list[tuple[float, float]]) -> None:
    """Numbers order pairs, save for the objectives of equally infeasible ones; all are finite."""
    objective = np.array([np.inf if np.isinf(v) else f for f, v in pairs])
    violation = np.array([v for _, v in pairs])
    merit = one_number(objective, violation)
    assert np.isfinite(merit).all()
    wins = better(objective[:, None], violation[:, None], objective, violation)
    alike = (violation[:, None] == violation) & (violation > 0)
    assert np.array_equal(wins & ~alike, merit[:, None] < merit)


def test_violations_add_up_as_a_length() -> None:
    """3 and 4 are 5; a single one stays as it is; none is 0."""
    assert norm(np.array([[3.0, 4.0]])).tolist() == [5.0]
    assert norm(np.array([[2.5]])).tolist() == [2.5]
    assert norm(np.empty((2, 0))).tolist() == [0.0, 0.0]


def test_epsilon_starts_at_its_share_and_ends_at_zero() -> None:
    """The level is that of the first batch, falls, and is gone after its share of the budget."""
    told = handling(constraints="epsilon", epsilon_share=0.5, epsilon_until=0.4, epsilon_power=2.0)
    first = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    objective = np.zeros((1, 5))
    told.total(first[None, :, None])
    level = 2.0 * (1 - 5 / 40) ** 2
    assert told.view(objective, first[None])[1].tolist() == [
        [value if value > level else 0.0 for value in first]
    ]
    for _ in range(7):
        told.total(first[None, :, None])
    small = np.full((1, 5), 1e-12)
    assert np.array_equal(told.view(objective, small)[1], small)


def test_a_penalty_weighs_violations_in() -> None:
    """The pair becomes one objective; what is no number stays infinitely bad."""
    told = handling(constraints="penalty", penalty=10.0)
    objective, total = told.view(np.array([[1.0, 2.0, np.inf]]), np.array([[0.0, 0.5, np.inf]]))
    assert objective.tolist() == [[1.0, 7.0, np.inf]]
    assert total.tolist() == [[0.0, 0.0, np.inf]]


def scaled(factor: float) -> Task:
    """Two constraints, of which the second is told in another unit."""

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, v = points.T
        missed = np.stack([np.maximum(5 - u - v, 0), factor * np.maximum(v - u, 0)], axis=1)
        return u + 2 * v, missed

    return Task(evaluate, np.zeros(2), np.full(2, 3.0))


def test_normalised_constraints_have_no_unit() -> None:
    """Telling one of two constraints in another unit changes a search unless both are scaled."""

    def path(factor: float, normalise: bool) -> list[list[float]]:
        seen: list[list[float]] = []
        task = scaled(factor)

        def watch(points: FloatArray) -> tuple[FloatArray, FloatArray]:
            seen.extend(points.tolist())
            return task.evaluate(points)

        chosen = DifferentialEvolutionSettings(population=8, normalise=normalise)
        minimise(replace(task, evaluate=watch), chosen, 200, [1])
        return seen

    power = 2.0**20  # exact in binary
    assert path(1.0, True) == path(power, True)
    assert path(1.0, False) != path(power, False)


@pytest.mark.parametrize("way", ["feasibility", "epsilon", "penalty"])
def test_each_way_ends_at_the_constrained_optimum(way: str) -> None:
    """On u^2 + v^2 = 1 the lowest u + 2v is -sqrt(5)."""

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, v = points.T
        return u + 2 * v, np.maximum(np.abs(u**2 + v**2 - 1) - 1e-4, 0)[:, None]

    chosen = DifferentialEvolutionSettings.model_validate({"constraints": way, "penalty": 1e3})
    found = minimise(Task(evaluate, np.full(2, -2.0), np.full(2, 2.0)), chosen, 30_000, [1])[0]
    assert found.feasible
    assert found.objective[-1] == pytest.approx(-np.sqrt(5), abs=1e-3)
