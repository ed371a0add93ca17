"""Robust mixes, fronts and terms of buying, against the known figures and other solvers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog, minimize
from scipy.stats import norm

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.problems.practice.curves import power_curve
from fairtrial.problems.practice.front import cost_front
from fairtrial.problems.practice.mixes import cost_of, on_terms, passing_matrix
from fairtrial.problems.practice.parameters import Terms
from fairtrial.problems.practice.robust import kept_share, robust_mix, spread_of
from fairtrial.problems.problem import Problem
from tests.problems.files import example

SUPPLIERS: dict[str, tuple[str, ...]] = {
    "gravel": ("GNS", "GCS", "GMA", "GCA"),
    "crushed": ("CNS", "CCS", "CMA", "CCA"),
    "basalt": ("BNS", "BCA"),
}


@pytest.fixture(scope="module")
def problem() -> Problem:
    return example("aggregates")


@pytest.fixture(scope="module")
def cheapest(problem: Problem) -> np.ndarray:
    return problem.point({"GCS": 103 / 441, "CCS": 130 / 441, "CCA": 208 / 441})


def test_the_cheapest_mix_stays_within_its_limits_in_a_sixth_of_deliveries(
    problem: Problem, cheapest: np.ndarray
) -> None:
    """About 16 % under a spread of 2 points: two limits bind, a third is near."""
    generator = np.random.default_rng(1)
    whole, each = kept_share(problem, cheapest, spread_of(problem, 2.0), 40_000, generator)
    assert whole == pytest.approx(0.16, abs=0.01)
    bound = [problem.sieve_mm.index(size) for size in (4.0, 0.125)]
    assert each[bound] == pytest.approx([0.5, 0.5], abs=0.01)


def test_ninety_five_percent_a_limit_costs_some_three_percent(problem: Problem) -> None:
    """+2.7 %, and 88 to 89 % of deliveries keep all limits at once."""
    spread = spread_of(problem, 2.0)
    robust = robust_mix(problem, spread, 0.95)
    assert robust is not None
    assert robust.objective / (397 / 126) - 1 == pytest.approx(0.027, abs=5e-4)
    generator = np.random.default_rng(2)
    whole, each = kept_share(problem, robust.point, spread, 40_000, generator)
    assert whole == pytest.approx(0.885, abs=0.01)
    assert (each > 0.945).all()


def test_tangents_find_what_a_local_solver_finds(problem: Problem) -> None:
    """The cone program is convex: SLSQP on the cones themselves must agree."""
    spread, z = spread_of(problem, 1.5), norm.ppf(0.9)
    robust = robust_mix(problem, spread, 0.9)
    assert robust is not None
    passing, rows = passing_matrix(problem), problem.rows[:9]
    low, high = np.array([row.low for row in rows]), np.array([row.high for row in rows])

    def room(shares: np.ndarray) -> np.ndarray:
        apart = z * np.sqrt((spread**2 * shares**2).sum(axis=1) + 1e-16)
        return np.concatenate([high - passing @ shares - apart, passing @ shares - apart - low])

    # All components pass 31.5 mm: that row says no more than the sum does.
    counts = np.array([row.name != "31.5" for row in rows] * 2)
    found = minimize(
        lambda shares: cost_of(problem) @ shares,
        robust.point,
        bounds=[(0, 1)] * 10,
        constraints=[
            {"type": "eq", "fun": lambda shares: shares.sum() - 1},
            {"type": "ineq", "fun": lambda shares: room(shares)[counts]},
        ],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert robust.objective == pytest.approx(found.fun, rel=1e-6)
    assert room(robust.point)[counts].min() >= -1e-6


def test_no_mix_stands_a_spread_that_is_too_wide(problem: Problem) -> None:
    """Told as none rather than as a mix that does not keep what it says."""
    assert robust_mix(problem, 20.0 * np.ones((9, 10)), 0.95) is None


def test_deliveries_are_reproducible(problem: Problem, cheapest: np.ndarray) -> None:
    """The same seed gives the same share."""
    spread = spread_of(problem, 2.0)
    first, second = (
        kept_share(problem, cheapest, spread, 500, np.random.default_rng(5))[0] for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("exponent", [0.45, 0.7])
def test_a_front_falls_from_the_nearest_mix_to_the_cheapest(
    problem: Problem, exponent: float
) -> None:
    """Every mix is feasible and as near as it says; cost falls and is convex, as theory has it."""
    target = power_curve(np.array(problem.sieve_mm), 31.5, exponent)
    front = cost_front(problem, target, 9)
    assert (problem.evaluate(front.point)[1] == 0).all()
    assert (np.diff(front.deviation) > 0).all()
    assert (np.diff(front.objective) < 0).all()
    slopes = np.diff(front.objective) / np.diff(front.deviation)
    assert (np.diff(slopes) > -1e-6).all()
    assert front.objective[-1] == pytest.approx(397 / 126)
    # Nor does any mix come nearer than the first: the same program through another interface.
    passing, one = passing_matrix(problem), np.ones((9, 1))
    rows = problem.rows[:9]
    nearest = linprog(
        np.append(np.zeros(10), 1.0),
        A_ub=np.vstack(
            [
                np.hstack([passing, -one]),
                np.hstack([-passing, -one]),
                np.hstack([passing, 0 * one]),
                np.hstack([-passing, 0 * one]),
            ]
        ),
        b_ub=np.concatenate(
            [target, -target, [row.high for row in rows], [-row.low for row in rows]]
        ),
        A_eq=np.append(np.ones(10), 0.0)[None],
        b_eq=[1.0],
    )
    assert front.deviation[0] == pytest.approx(nearest.fun, abs=1e-7)


@pytest.mark.parametrize(
    ("terms", "cost", "charges"),
    [
        (Terms(most_sources=2), 3.3383838, 0.0),
        (Terms(fixed_cost=0.5, suppliers=SUPPLIERS), 3.8571429, 0.5),
        (Terms(minimum_dose=0.2), 397 / 126, 0.0),
    ],
)
def test_terms_of_buying(problem: Problem, terms: Terms, cost: float, charges: float) -> None:
    """Half a dollar a supplier 3.857, two components 3.3384; a dose that is met changes nothing."""
    bought = on_terms(problem, "terms", terms)
    assert bought.objective == pytest.approx(cost, abs=1e-6)
    assert bought.charges == pytest.approx(charges, abs=1e-9)
    assert bought.point is not None
    assert bought.point.sum() == pytest.approx(1)


def test_terms_that_no_mix_keeps(problem: Problem) -> None:
    """One component alone never meets nine sieves."""
    assert on_terms(problem, "one", Terms(most_sources=1)).point is None


def test_terms_of_what_is_no_blend_or_not_there(problem: Problem) -> None:
    """Refused with their place, not computed."""
    with pytest.raises(ConfigError, match="practice.terms.two: expected a blend"):
        on_terms(example("wastewater"), "two", Terms(most_sources=2))
    with pytest.raises(DataError, match="components of the table"):
        on_terms(problem, "who", Terms(suppliers={"who": ("XYZ",)}))
