"""Fronts of two objectives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.libraries.pymoo_search import front
from fairtrial.optimizers.parameters import Nsga2Settings
from fairtrial.optimizers.recipe import Recipe, check_recipe
from fairtrial.optimizers.task import FloatArray, Task
from tests.optimizers.tasks import Counter


def schaffer(shift: float) -> Task:
    """Squared distances to 0 and to 2 beyond the shift: all of [0, 2] is the front."""

    def both(points: FloatArray) -> FloatArray:
        place = points[:, 0] - shift
        return np.stack([place**2, (place - 2) ** 2], axis=1)

    return Task(
        evaluate=lambda points: (both(points)[:, 0], np.maximum(shift + 0.5 - points[:, 0], 0)),
        lower=np.array([shift - 9.0]),
        upper=np.array([shift + 5.0]),
        objectives=both,
    )


@pytest.mark.parametrize("shift", [0.0, 77.0])
def test_the_front_is_found_within_its_constraint(shift: float) -> None:
    """Points spread over what the constraint leaves of the front, none beats another."""
    counter = Counter(schaffer(shift))
    found = front(counter.task, Nsga2Settings(population=20), 1000, [1])[0]
    assert counter.points == found.evaluations == 1000
    places = found.extra["front_point"][:, 0] - shift
    objective = found.extra["front_objective"]
    assert np.allclose(objective[:, 0], places**2)
    assert places.min() == pytest.approx(0.5, abs=0.05)
    assert places.max() == pytest.approx(2.0, abs=0.05)
    assert np.diff(np.sort(places)).max() < 0.3
    assert (np.diff(objective[:, 0]) >= 0).all()
    assert (np.diff(objective[:, 1]) <= 0).all()


def test_a_single_objective_has_no_front() -> None:
    """The message says what to use instead."""
    with pytest.raises(ConfigError, match="use pymoo_ga"):
        front(replace(schaffer(0.0), objectives=None), Nsga2Settings(), 100, [1])


def test_a_missing_extra_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An arm that needs pymoo stops the study at its start, with the command that installs it."""
    monkeypatch.setattr("fairtrial.optimizers.recipe.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'fairtrial\[pymoo\]'"):
        check_recipe(Recipe(optimizer="nsga2"), 1000, "arms.front", "optimize.evaluations")
    check_recipe(Recipe(optimizer="saga"), 1000, "arms.saga", "optimize.evaluations")
