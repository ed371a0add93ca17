"""Whole numbers and choices: rounding, violation, names, and the same as integer columns."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from fairtrial.core.errors import DataError
from fairtrial.optimizers.task import LinearProgram
from fairtrial.problems.problem import Problem
from tests.problems.files import compiled, example

TEXT = """\
name: plates
title: Plates and materials
source: a test
variables:
  n: {lower: -3, upper: 9, integer: true}
  plate: {choices: [2.5, 0.5, 1]}
  x: {lower: 0, upper: 10}
  material: {choices: {steel: 7.85, zinc: 7.14}}
objective: {minimise: n + 3 * plate + x + material}
constraints:
  least: {rule: n + plate + x / 4 >= 4.6}
claims:
  ours: {at: {n: 2, plate: 2.5, x: 1, material: steel}, source: a test}
"""


def solved(problem: Problem) -> tuple[float, np.ndarray]:
    """Value and variables of the problem's mixed-integer program, by scipy."""
    program = problem.linear_program()
    assert isinstance(program, LinearProgram)
    whole = np.zeros(program.cost.size) if program.integer is None else program.integer
    found = milp(
        program.cost,
        integrality=whole.astype(int),
        bounds=Bounds(
            np.concatenate([problem.lower, program.helper_lower]),
            np.concatenate([problem.upper, program.helper_upper]),
        ),
        constraints=LinearConstraint(program.rows, program.row_lower, program.row_upper),
        options={"mip_rel_gap": 0},
    )
    assert found.success
    return found.fun + program.constant, found.x[: problem.lower.size]


def test_points_are_rounded_to_the_nearest_level() -> None:
    """Whole numbers, choices in any order, and continuous variables as they are."""
    problem = compiled(TEXT)
    assert problem.repair is not None
    points = np.array([[-2.6, 0.74, 3.3, 7.4], [8.5, 0.76, 0.0, 7.6], [0.49, 9.0, 10.0, 0.0]])
    assert problem.repair(points).tolist() == [
        [-3.0, 0.5, 3.3, 7.14],
        [8.0, 1.0, 0.0, 7.85],
        [0.0, 2.5, 10.0, 7.14],
    ]
    task = problem.task()
    assert task.discrete is not None
    assert task.discrete.tolist() == [True, True, False, True]


def test_every_level_inside_comes_up_as_often_as_its_neighbours() -> None:
    """Halves go down throughout, never to even numbers."""
    problem = compiled(TEXT)
    assert problem.repair is not None
    points = np.zeros((1201, 4))
    points[:, 0] = np.linspace(-3, 9, 1201)
    levels, counts = np.unique(problem.repair(points)[:, 0], return_counts=True)
    assert levels.tolist() == list(range(-3, 10))
    assert set(counts[1:-1].tolist()) == {100}


def test_points_between_levels_are_infeasible() -> None:
    """Without the repair, a method that sees no levels does not get away with it."""
    problem = compiled(TEXT)
    between = np.array([[3.5, 2.5, 1.0, 7.85], [3.0, 2.4, 1.0, 7.85], [3.0, 2.5, 1.0, 7.85]])
    _, violation = problem.evaluate(between)
    assert violation == pytest.approx([0.5, 0.1, 0.0], abs=1e-6)


def test_choices_go_by_name() -> None:
    """A claim names its material."""
    problem = compiled(TEXT)
    assert problem.point(problem.definition.claims["ours"].at)[3] == 7.85
    with pytest.raises(DataError, match="the name of a choice, found 'lead'"):
        compiled(TEXT.replace("material: steel}", "material: lead}"))


def test_levels_are_told_in_words() -> None:
    """Whole numbers, short lists, named choices, and long lists by their number."""
    problem = compiled(TEXT)
    assert problem.levels is not None
    told = [problem.levels.text(index, "0 to 1") for index in range(4)]
    assert told == [
        "whole, 0 to 1", "one of 0.5, 1, 2.5", "0 to 1", "one of zinc (7.14), steel (7.85)"
    ]  # fmt: skip
    wires = example("literature/coil_spring")
    assert wires.levels is not None
    assert wires.levels.text(2, "0.009 to 0.5") == "one of 42, 0.009 to 0.5"


def test_a_linear_problem_with_levels_is_a_mixed_integer_program() -> None:
    """Its optimum is the best of all combinations of levels, x at the least that is left."""
    problem = compiled(TEXT)
    best = np.inf
    for n in range(-3, 10):
        for plate in (0.5, 1.0, 2.5):
            x = max(0.0, 4 * (4.6 - n - plate))
            if x <= 10:
                best = min(best, n + 3 * plate + x + 7.14)
    value, point = solved(problem)
    assert value == pytest.approx(best)
    objective, violation = problem.evaluate(point[None])
    assert (objective[0], violation[0]) == (pytest.approx(best), 0.0)


def test_levels_survive_the_repair_of_another_variable() -> None:
    """First the levels are rounded, then what depends on them is set."""
    text = TEXT.replace("claims:", "repair: {x: 4 * (5 - n)}\nclaims:")
    problem = compiled(text)
    assert problem.repair is not None
    assert problem.repair(np.array([[3.4, 1.0, 0.0, 7.14]])).tolist() == [[3.0, 1.0, 8.0, 7.14]]
    with pytest.raises(DataError, match="a continuous variable, found 'n' with levels"):
        compiled(text.replace("repair: {x: 4 * (5 - n)}", "repair: {n: x}"))
