"""Linear and mixed-integer programs against independent solutions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.optimizers.libraries import highs
from fairtrial.optimizers.parameters import HighsSettings
from fairtrial.optimizers.task import LinearProgram, Task
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


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_whole_numbers_are_chosen_as_by_trying_all(seed: int) -> None:
    """A small knapsack is solved to its proved optimum, whose bound is its value."""
    rng = np.random.default_rng(seed)
    worth, weight = rng.uniform(1, 9, 8), rng.uniform(1, 9, 8)
    most = float(weight.sum() / 2)
    program = LinearProgram(
        -worth, 0.0, weight[None], np.array([-np.inf]), np.array([most]), np.ones(8, dtype=bool)
    )
    found = highs.solve(program, np.zeros(8), np.ones(8))
    best = min(-worth @ take for take in product([0, 1], repeat=8) if weight @ take <= most)
    assert -worth @ found.point == pytest.approx(best, abs=1e-9)
    assert found.bound == pytest.approx(best, abs=1e-9)
    assert found.gap == 0
    assert found.prices == {}


def test_helper_columns_decide_but_are_no_part_of_the_point() -> None:
    """A fixed charge of 0.5 for using v at all makes u the cheaper choice beyond its price."""
    task = linear_task()
    rows = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, -1.0]])
    program = LinearProgram(
        cost=np.array([2.0, 1.0, 1.5]),
        constant=0.0,
        rows=rows,
        row_lower=np.array([1.0, -np.inf, -np.inf]),
        row_upper=np.array([np.inf, 1.0, 0.0]),
        integer=np.array([False, False, True]),
        helper_lower=np.zeros(1),
        helper_upper=np.ones(1),
    )
    found = highs.minimise(replace(task, linear=program), HighsSettings(), 10, [1, 2])
    assert found[0].point[-1] == pytest.approx([1.0, 0.0])
    assert found[0].extra["mip_gap"].tolist() == [0.0]
    assert found[0].extra["mip_bound"] == pytest.approx([2.0])
    assert found[0].exact


def test_ranges_are_those_found_by_hand() -> None:
    """Minimise 2u + v with u + v >= 1: v stays cheaper up to a cost of 2, the price up to 1."""
    program = linear_task().linear
    assert program is not None
    found = highs.solve(program, np.zeros(2), np.ones(2)).prices
    assert found["row_dual"] == pytest.approx([1.0, 0.0])
    assert found["cost_low"][0] == pytest.approx(1.0)
    assert found["cost_high"] == pytest.approx([np.inf, 2.0])
    assert found["limit_low"][0] == pytest.approx(0.0)
    assert found["limit_high"][0] == pytest.approx(1.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_a_cost_within_its_range_leaves_the_mix_as_it_is(seed: int) -> None:
    """Solved again with a cost just inside and just outside its range, the point stays or goes."""
    rng = np.random.default_rng(seed)
    rows = np.vstack([rng.uniform(0, 10, (3, 5)), np.ones(5)])
    inside = rows @ rng.dirichlet(np.ones(5))
    program = LinearProgram(
        rng.uniform(1, 9, 5), 0.0, rows, inside - 0.5, np.append(inside[:3] + 0.5, inside[3])
    )
    lower, upper = np.zeros(5), np.ones(5)
    found = highs.solve(program, lower, upper)
    for end, sign in (("cost_low", -1.0), ("cost_high", 1.0)):
        for column, edge in enumerate(found.prices[end]):
            if not 0.2 < abs(edge - program.cost[column]) < 1e3:
                continue
            for step, same in ((-1e-3, True), (1e-3, False)):
                cost = program.cost.copy()
                cost[column] = edge + sign * step
                again = highs.solve(replace(program, cost=cost), lower, upper).point
                assert np.allclose(again, found.point, atol=1e-7) == same


def test_a_stopped_search_tells_its_gap() -> None:
    """With a tree of a single node the best found stands, without a claim to be the optimum."""
    rng = np.random.default_rng(3)
    rows, size = rng.integers(1, 60, (6, 40)).astype(float), 40
    program = LinearProgram(
        -rng.integers(1, 60, size).astype(float),
        0.0,
        rows,
        np.full(6, -np.inf),
        rows.sum(axis=1) / 3,
        np.ones(size, dtype=bool),
    )
    found = highs.solve(program, np.zeros(size), np.ones(size), HighsSettings(nodes=1))
    assert found.gap > 1e-9
    assert found.bound < program.cost @ found.point


def test_what_is_near_enough_is_not_called_proved() -> None:
    """A wide gap that was asked for is told, and claims no optimum."""
    program = LinearProgram(
        np.array([-5.0, -4.0, -3.0]),
        0.0,
        np.array([[2.0, 3.0, 1.0], [4.0, 1.0, 2.0], [3.0, 4.0, 2.0]]),
        np.full(3, -np.inf),
        np.array([5.0, 11.0, 8.0]),
        np.ones(3, dtype=bool),
    )
    task = Task(
        lambda points: (points @ program.cost, np.zeros(len(points))),
        np.zeros(3),
        np.full(3, 9.0),
        linear=program,
    )
    for gap in (0.0, 0.9):
        run = highs.minimise(task, HighsSettings(relative_gap=gap), 1, [1])[0]
        closed = float(run.extra["mip_gap"][0]) <= 1e-9
        assert run.exact is closed
        assert closed or run.note.startswith("stopped with a gap")
        assert gap > 0 or closed
