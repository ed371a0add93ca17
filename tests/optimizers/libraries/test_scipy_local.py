"""Local solvers of scipy: what they are refused, and what they pay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.libraries.scipy_local import cobyqa, slsqp, trust_constr
from fairtrial.optimizers.parameters import CobyqaSettings, SlsqpSettings, TrustConstrSettings
from fairtrial.optimizers.task import FloatArray, Task
from tests.optimizers.tasks import linear_task


def test_slsqp_refuses_a_task_that_hides_its_constraints() -> None:
    """A total violation is not enough for it."""
    with pytest.raises(ConfigError, match="one by one"):
        slsqp(replace(linear_task(), excess=None), SlsqpSettings(), 10, [1])


def test_slsqp_pays_for_exact_gradients_what_differences_cost() -> None:
    """With exact gradients it asks for fewer points but is charged D for each gradient."""
    task = linear_task()
    exact = replace(
        task,
        slopes=lambda p: np.tile([[2.0, 1.0], [-1.0, -1.0], [1.0, 0.0]], (len(p), 1, 1)),
    )
    one = SlsqpSettings(starts=1)
    with_slopes = slsqp(exact, one, 1000, [1])[0]
    without = slsqp(task, one, 1000, [1])[0]
    assert with_slopes.objective[-1] == pytest.approx(1.0, abs=1e-9)
    assert without.objective[-1] == pytest.approx(1.0, abs=1e-6)
    assert with_slopes.evaluations == pytest.approx(without.evaluations, abs=6)


@pytest.mark.parametrize(
    ("solver", "settings"),
    [(slsqp, SlsqpSettings()), (cobyqa, CobyqaSettings()), (trust_constr, TrustConstrSettings())],
)
@pytest.mark.parametrize("shift", [0.0, -21.0])
def test_equalities_are_kept(solver: object, settings: object, shift: float) -> None:
    """The nearest point of the circle u^2 + v^2 = 2 to (3, 3) is (1, 1), wherever it lies."""

    def excess(points: FloatArray) -> FloatArray:
        u, v = (points - shift).T
        return (u**2 + v**2 - 2.0)[:, None]

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, v = (points - shift).T
        return (u - 3) ** 2 + (v - 3) ** 2, np.maximum(np.abs(excess(points)) - 1e-6, 0.0)

    task = Task(
        evaluate,
        np.full(2, shift - 1.0),
        np.full(2, shift + 4.0),
        excess=excess,
        equalities=np.ones(1, dtype=bool),
    )
    found = solver(task, settings, 4000, [1])[0]  # type: ignore[operator]  # looked up by name
    assert found.feasible
    assert found.point[-1] - shift == pytest.approx([1.0, 1.0], abs=1e-4)
