"""Compiled problems: gradients, margins, repair, storage, and rows that stand alone."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays
from fairtrial.optimizers.libraries.scipy_local import slsqp
from fairtrial.optimizers.own import differential_evolution
from fairtrial.optimizers.parameters import (
    DifferentialEvolutionSettings,
    Nsga2Settings,
    SlsqpSettings,
)
from fairtrial.optimizers.registry import OPTIMIZERS
from fairtrial.problems.blending import to_unit_sum
from fairtrial.problems.compile import from_pack
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.problem_file import read_problem
from tests.problems.files import BLEND, EXAMPLES, TABLE, TANK, compiled, example

NAMES = ["wastewater", "storage_tank", "aggregates"]
PROBLEMS = {name: example(name) for name in NAMES}


def random_points(problem: Problem, count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return problem.lower + rng.random((count, len(problem.names))) * (problem.upper - problem.lower)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_central_differences(name: str) -> None:
    """The exact gradients of objective and limits agree with differences."""
    problem = PROBLEMS[name]
    points = random_points(problem, 5)
    slopes = problem.slopes(points)
    for index in range(points.shape[1]):
        step = np.zeros(points.shape[1])
        step[index] = 1e-5
        both = [
            np.column_stack([problem.evaluate(p)[0], problem.excess(p)])
            for p in (points + step, points - step)
        ]
        assert slopes[:, :, index] == pytest.approx((both[0] - both[1]) / 2e-5, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_a_point_has_the_same_value_in_any_company(name: str) -> None:
    """Objective, violation and repair of a point are the same bits alone and among others."""
    problem = PROBLEMS[name]
    points = random_points(problem, 67)
    if problem.repair is not None:
        mended = problem.repair(points)
        for point, expected in zip(points, mended, strict=True):
            assert np.array_equal(problem.repair(point[None])[0], expected)
        points = mended
    objective, violation = problem.evaluate(points)
    for index, point in enumerate(points):
        alone = problem.evaluate(point[None])
        assert (alone[0][0], alone[1][0]) == (objective[index], violation[index])


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_lives_on_from_its_pack_alone(name: str) -> None:
    """Arrays and plain JSON are enough to evaluate it to the same bits."""
    problem, pack = read_problem(f"{name}.yml", lambda file: (EXAMPLES / file).read_bytes())
    text = json.dumps(pack.description, sort_keys=True)
    again = from_pack(Arrays(pack.arrays, json.loads(text)))
    points = random_points(problem, 20)
    for a, b in zip(problem.evaluate(points), again.evaluate(points), strict=True):
        assert np.array_equal(a, b)
    assert again.rows == problem.rows
    assert again.names == problem.names
    assert set(pack.description["files"]) == {
        f"{name}.yml", *([f"{name}.csv"] if name == "aggregates" else [])
    }  # fmt: skip


SHIFTED = """\
name: moved
title: A moved bowl
source: a test
constants: {{a: {a!r}, b: {b!r}}}
variables:
  x: {{lower: {x0!r}, upper: {x1!r}}}
  y: {{lower: {y0!r}, upper: {y1!r}}}
objective: {{minimise: (x - a) ** 2 + 2 * (y - b) ** 2 + (x - a) * (y - b)}}
constraints:
  far: {{rule: (x - a) + (y - b) >= 1}}
"""


@settings(max_examples=6, deadline=None)
@given(st.floats(-50, 50), st.floats(-50, 50))
def test_the_optimum_moves_with_the_variables(a: float, b: float) -> None:
    """Moving every variable moves the answer of DE and SLSQP by as much, and keeps its value.

    The bowl x^2 + 2 y^2 + x y on x + y = 1 is lowest at (3/4, 1/4), value 7/8.
    """
    problem = compiled(SHIFTED.format(a=a, b=b, x0=a - 1, x1=a + 3, y0=b - 2, y1=b + 2))
    for run in (
        differential_evolution.minimise(problem.task(), DifferentialEvolutionSettings(), 9000, [1])[
            0
        ],
        slsqp(problem.task(), SlsqpSettings(starts=1), 500, [1])[0],
    ):
        assert run.feasible
        assert run.objective[-1] == pytest.approx(7 / 8, abs=1e-4)
        assert run.point[-1] - [a, b] == pytest.approx([0.75, 0.25], abs=0.02)


def test_a_maximum_is_the_minimum_of_the_opposite() -> None:
    """Inside, the sign of the values changes, never the user's numbers."""
    text = TANK.replace("minimise: x * y + running / (x * y)", "maximise: x + 2 * y")
    problem = compiled(text)
    run = slsqp(problem.task(), SlsqpSettings(), 2000, [1])[0]
    assert problem.sign * run.objective[-1] == pytest.approx(1 + 20, rel=1e-6)  # x = 1, y = 10


@pytest.mark.parametrize(
    ("rule", "kept", "missed"),
    [
        ("x * y <= 10", (2.0, 5.0), (2.0, 5.1)),
        ("10 >= x * y", (2.0, 5.0), (2.0, 5.1)),
        ("x >= y", (3.0, 3.0), (3.0, 3.1)),
        ("x + y = 7", (3.0, 4.0), (3.0, 4.01)),
        ("x + y == 7", (3.0, 4.0), (3.0, 3.99)),
        ("7 = x + y", (3.0, 4.0), (3.0, 3.99)),
        ("2 <= x * y <= 10", (1.0, 2.0), (1.0, 1.9)),
        ("10 >= x * y >= 2", (5.0, 2.0), (5.0, 2.1)),
        ("x - 2 * running <= -running * 1.999997", (1.0, 1.0), (2.0, 1.0)),
    ],
)
def test_rules_are_kept_and_missed_where_they_say(
    rule: str, kept: tuple[float, float], missed: tuple[float, float]
) -> None:
    """All relations, either way round, at their limit and just past it."""
    problem = compiled(TANK.replace("rule: x * y <= 10", f'rule: "{rule}"'))
    _, violation = problem.evaluate(np.array([kept, missed]))
    assert violation[0] == 0
    assert violation[1] > 0
    margins = problem.margins(np.array([kept, missed]))[:, 0]
    assert margins[0] >= -1e-6
    assert margins[1] < 0


def test_points_outside_the_box_are_infeasible() -> None:
    """The bounds count as limits when a point is given from outside."""
    problem = compiled(TANK)
    _, violation = problem.evaluate(np.array([[1.0, 1.0], [0.05, 1.0], [0.5, 10.5]]))
    assert violation == pytest.approx([0.0, 0.05, 0.5], abs=1e-6)


def test_shares_are_divided_by_their_sum() -> None:
    """A mix sums to 1; nothing at all becomes equal shares."""
    mixed = to_unit_sum(np.array([[0.2, 0.2, 0.4], [0.0, 0.0, 0.0]]))
    assert mixed == pytest.approx(np.array([[0.25, 0.25, 0.5], [1 / 3, 1 / 3, 1 / 3]]))


def test_open_limits_of_a_table_bind_nothing() -> None:
    """An empty cell leaves its side open."""
    table = TABLE.replace("15,30", ",30")
    problem = compiled(BLEND, {"blend.csv": table})
    assert problem.rows[0].low == -np.inf
    _, violation = problem.evaluate(np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    assert violation == pytest.approx([0.0, 10.0])


def test_linear_expressions_become_a_linear_program() -> None:
    """Expressions are recognised as linear, constants and both-sided rules included."""
    text = TANK.replace("x * y + running / (x * y)", "3 * x - y / 2 + 7").replace(
        "rule: x * y <= 10", 'rule: "2 <= x + 2 * y - 1 <= 10"'
    )
    program = compiled(text).linear_program()
    assert program is not None
    assert program.cost.tolist() == [3.0, -0.5]
    assert program.constant == 7.0
    assert program.rows.tolist() == [[1.0, 2.0]]
    assert (program.row_lower.tolist(), program.row_upper.tolist()) == ([3.0], [11.0])
    assert compiled(TANK).linear_program() is None


def test_a_solution_must_name_the_variables() -> None:
    """Unknown and missing names are told; components of a mix may be left out."""
    problem = compiled(TANK)
    with pytest.raises(DataError, match="found nothing for 'y'"):
        problem.point({"x": 1.0})
    assert PROBLEMS["aggregates"].point({"CCA": 1.0}).sum() == 1.0


def test_two_objectives_are_told_apart() -> None:
    """A front lies between both, each in the sense of minimisation; others see the first."""
    text = TANK + "second_objective: {maximise: x + 2 * y}\n"
    problem = compiled(text)
    task = problem.task()
    assert task.objectives is not None
    points = np.array([[1.0, 2.0], [3.0, 0.5]])
    both = task.objectives(points)
    assert both[:, 0].tolist() == task.evaluate(points)[0].tolist()
    assert both[:, 1].tolist() == [-5.0, -4.0]
    assert problem.second_sign == -1.0
    assert compiled(TANK).task().objectives is None


def test_a_front_is_found_from_a_file() -> None:
    """Of a point's distances to 0 and to 2, the best compromises lie between them."""
    text = """\
name: front
title: Two distances
source: Schaffer 1985
variables: {x: {lower: -5, upper: 5}, y: {lower: -5, upper: 5}}
objective: {minimise: x ** 2 + y ** 2}
second_objective: {minimise: (x - 2) ** 2 + y ** 2}
"""
    run = OPTIMIZERS.load("nsga2")(compiled(text).task(), Nsga2Settings(), 4000, [1])[0]
    front = run.extra["front_point"]
    assert front[:, 0].min() < 0.3
    assert front[:, 0].max() > 1.7
    assert np.abs(front[:, 1]).max() < 0.3
