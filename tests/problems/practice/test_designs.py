"""Designs in whole plates and for other constants, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.problems.practice.designs import (
    best_near,
    in_plates,
    place_of,
    with_constant,
    with_factors,
)
from tests.problems.files import example

VOLUME = 75 * np.pi
OPTIMUM = np.array([5.4049193, 10.2693468])


def tank_cost(diameter: float, height: float, side: float = 250.0, end: float = 475.0) -> float:
    return side * np.pi * diameter * height + end * np.pi / 2 * diameter**2


@pytest.mark.parametrize("width", [1.0, 1.25, 1.5, 2.0, 2.5, 7.0])
def test_a_shell_of_whole_courses_is_the_best_of_all_counts(width: float) -> None:
    """The volume leaves D for each count: tried one by one, none is cheaper."""
    (found,) = in_plates(example("storage_tank"), OPTIMUM, "H", [width])
    heights = width * np.arange(1, int(30 / width) + 1)
    diameters = np.sqrt(4 * VOLUME / (np.pi * heights))
    there = (diameters >= 1) & (diameters <= 10)
    costs = tank_cost(diameters[there], heights[there])
    assert found.objective == pytest.approx(costs.min(), rel=1e-9)
    assert found.count * width == pytest.approx(heights[there][costs.argmin()])


def test_a_plate_that_fits_no_tank_is_left_out() -> None:
    """No whole number of 40 m lies within the box."""
    assert in_plates(example("storage_tank"), OPTIMUM, "H", [40.0]) == []


def test_a_wall_of_whole_courses() -> None:
    """x3 = 2.5 leaves x1 = x2 = 2 on the limit, for 85,000."""
    start = np.array([2.1, 2.1, 2.2])
    (found,) = in_plates(example("wastewater"), start, "x3", [1.25])
    assert found.count == 2
    assert found.point == pytest.approx([2, 2, 2.5], abs=1e-6)
    assert found.objective == pytest.approx(85_000, rel=1e-9)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.9])
def test_the_shape_follows_the_prices(factor: float) -> None:
    """H / D = end cost / side cost (closed form), whatever they are."""
    (found,) = with_factors(example("storage_tank"), OPTIMUM, "side_cost", [factor])
    assert found.point is not None
    side = 250 * factor
    diameter = (4 * side * VOLUME / (np.pi * 475)) ** (1 / 3)
    assert found.point[0] == pytest.approx(diameter, rel=1e-5)
    assert found.point[1] / found.point[0] == pytest.approx(475 / side, rel=1e-5)
    assert found.objective == pytest.approx(
        tank_cost(diameter, 475 / side * diameter, side), rel=1e-9
    )


def test_todays_design_is_priced_where_it_still_holds() -> None:
    """With a dearer side it costs more than the best; with another volume it is none."""
    problem = example("storage_tank")
    point = best_near(problem, OPTIMUM)
    assert point is not None
    (dearer,) = with_factors(problem, point, "side_cost", [2.0])
    assert dearer.kept == pytest.approx(tank_cost(*point, side=500))
    assert dearer.kept > dearer.objective
    (larger,) = with_factors(problem, point, "capacity", [1.5])
    assert larger.kept is None
    assert np.isfinite(larger.objective)


def test_wrong_names_are_told_with_those_there_are() -> None:
    """A variable, a constant, and a variable that cannot be moved freely."""
    problem = example("storage_tank")
    with pytest.raises(ConfigError, match=r"plates.variable: expected a variable \(D, H\)"):
        in_plates(problem, OPTIMUM, "W", [1.0])
    with pytest.raises(ConfigError, match="a constant of the problem .*capacity.*side_cost"):
        with_constant(problem, "cost", 1.0)
    discrete = example("literature/pressure_vessel")
    with pytest.raises(ConfigError, match="a continuous variable, found"):
        place_of(discrete, discrete.names[0], "map.x")
