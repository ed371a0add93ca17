"""The solvers that stand beside the arms, against independent ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.optimizers.libraries import highs
from fairtrial.optimizers.libraries.scipy_local import slsqp
from fairtrial.optimizers.own.mutation import others
from fairtrial.optimizers.parameters import HighsSettings, SlsqpSettings
from fairtrial.optimizers.registry import OPTIMIZERS, settings_model
from fairtrial.optimizers.task import LinearProgram
from tests.optimizers.tasks import linear_task


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.floats(-5, 5))
def test_highs_agrees_with_scipys_simplex(seed: int, shift: float) -> None:
    """Optimum and duals of random programs that have a feasible point by construction."""
    rng = np.random.default_rng(seed)
    rows, cost = rng.normal(size=(4, 3)), rng.normal(size=3)
    inside = rng.random(3) + shift
    limit = rows @ inside + rng.random(4)
    lower, upper = np.full(3, shift), np.full(3, shift + 1.0)
    program = LinearProgram(cost, 0.0, rows, np.full(4, -np.inf), limit)
    found = highs.solve(program, lower, upper)
    known = linprog(cost, rows, limit, bounds=list(zip(lower, upper, strict=True)))
    assert cost @ found.point == pytest.approx(known.fun, abs=1e-8)
    assert found.prices["row_dual"] == pytest.approx(known.ineqlin.marginals, abs=1e-7)


def test_highs_names_an_impossible_program() -> None:
    """Limits that exclude each other are an error with HiGHS's own status."""
    program = LinearProgram(np.ones(2), 0.0, np.ones((1, 2)), np.array([3.0]), np.array([np.inf]))
    with pytest.raises(TrialError, match=r"optimizer: highs: .* status Infeasible"):
        highs.solve(program, np.zeros(2), np.ones(2))


def test_highs_refuses_what_is_not_linear() -> None:
    """No approximation is made silently."""
    with pytest.raises(ConfigError, match="not linear"):
        highs.minimise(replace(linear_task(), linear=None), HighsSettings(), 10, [1])


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


@given(st.integers(0, 2**32), st.integers(4, 9))
def test_the_three_others_are_others(seed: int, size: int) -> None:
    """i, a, b and c differ for every candidate, and all values occur."""
    uniform = np.random.default_rng(seed).random((3, 2, size))
    stack = np.stack([np.broadcast_to(np.arange(size), (2, size)), *others(uniform)])
    ordered = np.sort(stack, axis=0)
    assert (np.diff(ordered, axis=0) > 0).all()
    assert ordered.min() >= 0
    assert ordered.max() < size


def test_the_three_others_are_uniform() -> None:
    """Every ordered triple of the others is equally likely."""
    uniform = np.random.default_rng(0).random((3, 60_000, 4))
    a, b, c = (index[:, 0] for index in others(uniform))
    counts = np.unique(100 * a + 10 * b + c, return_counts=True)[1]
    assert len(counts) == 6
    assert counts == pytest.approx(10_000, rel=0.05)


def test_every_builtin_has_settings_with_defaults() -> None:
    """A registered name can be used without any setting."""
    for name in OPTIMIZERS.names():
        assert settings_model(name)() is not None
        assert callable(OPTIMIZERS.load(name))


def test_an_unknown_optimizer_is_told_what_there_is() -> None:
    """The message lists the known names."""
    with pytest.raises(
        ConfigError, match="differential_evolution, direct, dual_annealing, gsa, highs"
    ):
        settings_model("simulated_annealing")
