"""The parts of gravitational search against plain loops over its equations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.optimizers.fitness import fitness
from fairtrial.optimizers.own.gsa import accelerations, masses, minimise, pulling
from fairtrial.optimizers.parameters import GsaSettings
from tests.optimizers.tasks import linear_task, sphere


def test_masses_are_those_of_equations_15_and_16() -> None:
    """(fit - worst) / (best - worst), divided by the sum; agents that are alike weigh the same."""
    objective = np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 5.0]])
    found = masses(fitness(objective, np.zeros((2, 3))))
    m = (objective[0] - 3.0) / (1.0 - 3.0)
    assert found[0] == pytest.approx(m / m.sum())
    assert found[1] == pytest.approx([1 / 3] * 3)


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_accelerations_are_those_of_a_loop(seed: int, kbest: int) -> None:
    """Equations 7 to 10 and 21, pair by pair and component by component."""
    rng = np.random.default_rng(seed)
    places, mass = rng.random((1, 5, 3)), rng.random((1, 5))
    uniform = rng.random((1, 5, kbest, 3))
    found = accelerations(places, mass, 0.7, kbest, uniform)[0]
    heaviest = sorted(range(5), key=lambda j: -mass[0, j])[:kbest]
    for i in range(5):
        expected = np.zeros(3)
        for k, j in enumerate(heaviest):
            away = places[0, j] - places[0, i]
            force = 0.7 * mass[0, j] * away / (np.linalg.norm(away) + np.finfo(float).eps)
            expected += uniform[0, i, k] * force
        assert found[i] == pytest.approx(expected, abs=1e-12)


def test_ever_fewer_agents_pull() -> None:
    """Kbest falls from all agents to one."""
    found = [pulling(50, generation, 100) for generation in range(101)]
    assert found[0] == 50
    assert found[-1] == 1
    assert (np.diff(found) <= 0).all()


def test_the_unit_of_length_is_no_matter() -> None:
    """A box a million times as wide is searched by the same steps."""
    narrow, wide = (
        minimise(sphere(np.zeros(2), half_width=width), GsaSettings(population=8), 200, [4])[0]
        for width in (1.0, 2.0**20)
    )
    assert narrow.point * 2.0**20 == pytest.approx(wide.point)


def test_masses_by_rank_ignore_the_scale_of_values() -> None:
    """A monotone change of the objective changes nothing by rank, and much by value."""
    task = linear_task()

    def ends(name: str) -> list[float]:
        settings = GsaSettings.model_validate({"population": 8, "masses": name})
        found = []
        for power in (1.0, 9.0):

            def evaluate(points: np.ndarray, power: float = power) -> tuple[np.ndarray, np.ndarray]:
                objective, violation = task.evaluate(points)
                return objective**power, violation

            changed = type(task)(evaluate, task.lower, task.upper)
            found.append(minimise(changed, settings, 160, [3])[0].point[-1].tolist())
        return found

    assert ends("rank")[0] == ends("rank")[1]
    assert ends("value")[0] != ends("value")[1]
