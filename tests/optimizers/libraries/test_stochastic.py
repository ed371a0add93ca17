"""The searches that come from libraries keep to themselves."""

from __future__ import annotations

import logging

import numpy as np
import optuna
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.libraries.cma_es import dense_ranks
from fairtrial.optimizers.libraries.cma_es import minimise as cma_es
from fairtrial.optimizers.libraries.tpe import minimise as tpe
from fairtrial.optimizers.parameters import CmaEsSettings, TpeSettings
from tests.optimizers.tasks import linear_task, rosenbrock


def test_numpys_global_generator_is_neither_seeded_nor_used() -> None:
    """A search moves no other random number, and no other moves the search."""
    before = np.random.get_state()[1].tolist()
    first = cma_es(linear_task(), CmaEsSettings(), 60, [3])[0]
    first_tpe = tpe(linear_task(), TpeSettings(), 20, [3])[0]
    assert np.random.get_state()[1].tolist() == before
    np.random.seed(99)
    second = cma_es(linear_task(), CmaEsSettings(), 60, [3])[0]
    assert np.array_equal(first.point, second.point)
    assert np.array_equal(first_tpe.point, tpe(linear_task(), TpeSettings(), 20, [3])[0].point)


def test_nothing_is_printed_or_logged(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Libraries that report every step are silent, and optuna's own setting is put back."""
    before = optuna.logging.get_verbosity()
    with caplog.at_level(logging.DEBUG):
        cma_es(rosenbrock(np.zeros(2)), CmaEsSettings(), 300, [1])
        tpe(linear_task(), TpeSettings(), 12, [1])
    assert capsys.readouterr() == ("", "")
    assert not caplog.records
    assert optuna.logging.get_verbosity() == before


def test_places_by_debs_rules_are_shared_by_equal_points() -> None:
    """Less violation first, then less objective; infinitely bad ones come last."""
    objective = np.array([5.0, 1.0, 1.0, -9.0, np.inf])
    violation = np.array([0.0, 0.0, 0.0, 2.0, np.inf])
    assert dense_ranks(objective, violation).tolist() == [1.0, 0.0, 0.0, 2.0, 3.0]


def test_cma_es_starts_anew_until_the_budget_is_spent() -> None:
    """A search that has converged is no reason to stop: the next one starts elsewhere."""
    seen: list[np.ndarray] = []
    task = linear_task()

    def watch(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen.append(points)
        return task.evaluate(points)

    found = cma_es(type(task)(watch, task.lower, task.upper), CmaEsSettings(), 2000, [1])[0]
    assert found.evaluations == 2000
    sizes = [len(points) for points in seen]
    assert sizes[0] == 6
    assert 12 in sizes


def test_tpe_refuses_a_budget_it_could_never_spend() -> None:
    """Its time grows with the square of the budget: a clear refusal comes before any evaluation."""
    with pytest.raises(ConfigError, match="a budget of at most 5000 evaluations"):
        tpe(linear_task(), TpeSettings(), 5001, [1])
