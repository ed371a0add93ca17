"""Every problem that comes with the project: its best-known point, gradients, lonely rows."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import DataError
from fairtrial.problems.problem import Problem
from tests.problems.files import EXAMPLES, compiled, example

# Best-known values as their sources print them, to all digits printed.
PUBLISHED = {
    "g01": -15.0,
    "g02": -0.80361910412559,
    "g03": -1.00050010001000,
    "g04": -30665.5386717834,
    "g05": 5126.4967140071,
    "g06": -6961.81387558015,
    "g07": 24.30620906818,
    "g08": -0.0958250414180359,
    "g09": 680.630057374402,
    "g10": 7049.24802052867,
    "g11": 0.7499,
    "alkylation": 1766.36,
    "coil_spring": 2.65856,
    "haverly_pool": 400.0,
    "heat_exchangers": 7049.25,
    "pressure_vessel": 6059.714335,
    "reactor_network": 0.38881,
    "speed_reducer": 2994.471066,
    "tension_spring": 0.0126652328,
    "welded_beam": 1.724852,
}
PRINTED_DIGITS = {"alkylation": 0.01, "reactor_network": 1e-5}  # where the last one is cut off
PROBLEMS: dict[str, Problem] = {
    path.stem: example(path.relative_to(EXAMPLES).with_suffix("").as_posix())
    for path in sorted(EXAMPLES.rglob("*.yml"))
}


def random_points(problem: Problem, count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    points = problem.lower + rng.random((count, problem.lower.size)) * (
        problem.upper - problem.lower
    )
    return points if problem.repair is None else problem.repair(points)


def last_digit(value: float) -> float:
    """One unit of the last digit that repr shows."""
    decimals = repr(value).partition(".")[2]
    return 0.0 if decimals in ("", "0") else 10.0 ** -len(decimals)


def test_all_that_are_published_come_along() -> None:
    """Eleven of CEC 2006 and nine of engineering, each with its best-known point."""
    assert set(PUBLISHED) == {path.stem for path in (EXAMPLES / "literature").glob("*.yml")}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_best_known_point_has_the_published_value(name: str) -> None:
    """It is feasible within the stated tolerance, and its value is the one in print."""
    problem = PROBLEMS[name]
    known = problem.definition.optimum
    assert known is not None
    assert known.at is not None
    point = problem.point(known.at)
    objective, violation = problem.evaluate(point[None])
    value = problem.sign * float(objective[0])
    assert violation[0] == 0
    assert value == pytest.approx(known.objective, rel=1e-12)
    digit = PRINTED_DIGITS.get(name, last_digit(PUBLISHED[name]))
    assert value == pytest.approx(PUBLISHED[name], rel=1e-13, abs=digit)
    if problem.repair is not None:
        assert problem.repair(point[None])[0] == pytest.approx(point, rel=1e-12)


@pytest.mark.parametrize(("name", "tolerance"), [("g03", 1e-4), ("g05", 1e-4), ("g11", 1e-4)])
def test_equalities_have_the_tolerance_of_their_source(name: str, tolerance: float) -> None:
    """CEC 2006 takes |h| <= 1e-4; inequalities keep the project's own 1e-8."""
    problem = PROBLEMS[name]
    stated = {row.equality: problem.tolerance(row) for row in problem.rows}
    assert stated[True] == tolerance
    assert stated.get(False, 1e-8) == 1e-8


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_point_nearby_is_better(name: str) -> None:
    """Of points around the best-known one, the feasible ones are no better."""
    problem = PROBLEMS[name]
    known = problem.definition.optimum
    assert known is not None
    assert known.at is not None
    rng = np.random.default_rng(1)
    point = problem.point(known.at)
    span = problem.upper - problem.lower
    scale = 10.0 ** rng.uniform(-9, -1, (2000, 1))
    around = np.clip(point + rng.normal(size=(2000, point.size)) * scale * span, problem.lower,
                     problem.upper)  # fmt: skip
    if problem.repair is not None:
        around = problem.repair(around)
    objective, violation = problem.evaluate(around)
    best = problem.sign * known.objective
    assert not (objective[violation == 0] < best - 1e-7 * max(1.0, abs(best))).any()


@pytest.mark.parametrize("name", PROBLEMS)
def test_gradients_are_those_of_differences(name: str) -> None:
    """The exact gradients of objective and limits agree with central differences."""
    problem = PROBLEMS[name]
    points = random_points(problem, 7)
    slopes = problem.slopes(points)
    for index in range(points.shape[1]):
        step = 1e-6 * max(1.0, abs(problem.lower[index]), abs(problem.upper[index]))
        ends = []
        for sign in (1.0, -1.0):
            moved = points.copy()
            moved[:, index] += sign * step
            values = problem.functions.values(moved)[0]
            ends.append(np.column_stack([values, problem.excess(moved)]))
        found = (ends[0] - ends[1]) / (2 * step)
        size = np.maximum(np.abs(slopes).max(axis=(0, 2)), 1e-3)
        sound = np.isfinite(found)
        error = np.abs(slopes[:, :, index] - found) / (size + np.abs(found))
        assert error[sound].max() < 1e-3


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_point_has_the_same_value_in_any_company(name: str) -> None:
    """Values, gradients and repair of a point are the same bits alone and among others."""
    problem = PROBLEMS[name]
    rng = np.random.default_rng(2)
    points = problem.lower + rng.random((67, problem.lower.size)) * (problem.upper - problem.lower)
    if problem.repair is not None:
        mended = problem.repair(points)
        alone = [problem.repair(point[None])[0] for point in points]
        assert np.array_equal(np.array(alone), mended, equal_nan=True)
        points = mended
    objective, missed = problem.missed(points)
    slopes = problem.slopes(points)
    for index in range(0, len(points), 11):
        for size in (1, 2, 5):
            few = points[index : index + size]
            own = problem.missed(few)
            assert np.array_equal(own[0], objective[index : index + size], equal_nan=True)
            assert np.array_equal(own[1], missed[index : index + size], equal_nan=True)
            assert np.array_equal(problem.slopes(few), slopes[index : index + size], equal_nan=True)


def test_the_misprint_of_the_welded_beam_is_a_clash_of_units() -> None:
    """With units on its prices, the printed limit on the cost, which lacks a length, is refused."""
    text = (EXAMPLES / "literature" / "welded_beam.yml").read_text()
    prices = "prices: [1.10471, 0.04811, 0.10471]"
    assert prices in text
    told = text.replace(prices, "prices: {value: [1.10471, 0.04811, 0.10471], unit: $/in3}")
    with pytest.raises(DataError, match=r"constraints.cost.rule\): expected one unit"):
        compiled(told)
