"""Searches by ask and tell: whoever evaluates, the run is the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from fairtrial.core.errors import TrialError
from fairtrial.optimizers.libraries.cma_es import CmaEs
from fairtrial.optimizers.own.differential_evolution import DifferentialEvolution
from fairtrial.optimizers.own.gsa import GravitationalSearch
from fairtrial.optimizers.own.random_search import RandomSearch
from fairtrial.optimizers.own.saga import Saga
from fairtrial.optimizers.registry import OPTIMIZERS, settings_model
from fairtrial.optimizers.search import Search
from fairtrial.optimizers.task import Task

SEARCHES: dict[str, tuple[Callable[..., Search], dict[str, Any]]] = {
    "cma_es": (CmaEs, {"population": 8}),
    "differential_evolution": (DifferentialEvolution, {"population": 8}),
    "gsa": (GravitationalSearch, {"population": 8}),
    "random_search": (RandomSearch, {}),
    "saga": (Saga, {"population": 8, "change_first": 3, "change_every": 2}),
}
LOWER, UPPER = np.array([-1.0, 2.0]), np.array([4.0, 3.0])


def expensive(point: np.ndarray) -> tuple[float, float]:
    """An objective and a violation, as a simulation might give them; one point at a time."""
    return float((point**2).sum()), float(max(0.0, 1.0 - point[0]))


def evaluate(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values = np.array([expensive(point) for point in points])
    return values[:, 0], values[:, 1]


@pytest.fixture(scope="module")
def pool() -> ProcessPoolExecutor:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        yield workers


@pytest.mark.parametrize("name", SEARCHES)
def test_workers_may_evaluate_what_a_search_asks_for(name: str, pool: ProcessPoolExecutor) -> None:
    """Asked, evaluated in other processes and told, a run is the one that `minimise` makes."""
    search_class, chosen = SEARCHES[name]
    settings = settings_model(name).model_validate(chosen)
    budget = 40 if name != "random_search" else 256
    known = OPTIMIZERS.load(name)(Task(evaluate, LOWER, UPPER), settings, budget, [5])[0]
    search, spent, best = search_class(LOWER, UPPER, settings, budget, [5]), 0, (np.inf, np.inf)
    while spent < budget:
        points = search.ask()
        values = np.array(list(pool.map(expensive, points[0], chunksize=64)))
        search.tell(points, values[None, :, 0], values[None, :, 1:])
        spent += len(values)
        best = min(best, *((violation, objective) for objective, violation in values))
    assert (known.violation[-1], known.objective[-1]) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize("name", sorted(set(OPTIMIZERS.names()) - {"highs", "nsga2"}))
def test_a_function_that_fails_is_one_clear_error(name: str) -> None:
    """What it raised is told with a remedy, at the first point, and nothing goes on with it."""
    calls = []

    def broken(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        calls.append(len(points))
        raise ZeroDivisionError("no flow")

    task = Task(
        broken,
        LOWER,
        UPPER,
        excess=lambda points: np.empty((len(points), 0)),
        equalities=np.zeros(0, dtype=bool),
    )
    with pytest.raises(TrialError, match="found ZeroDivisionError: no flow. Mend the function"):
        OPTIMIZERS.load(name)(task, settings_model(name)(), 20, [1])
    assert len(calls) == 1


def test_a_function_of_the_wrong_shape_is_told_so() -> None:
    """One value for many points would otherwise be spread over all of them."""
    task = Task(lambda points: (np.zeros(1), np.zeros(1)), LOWER, UPPER)
    with pytest.raises(TrialError, match="found shapes"):
        OPTIMIZERS.load("random_search")(task, settings_model("random_search")(), 20, [1])
