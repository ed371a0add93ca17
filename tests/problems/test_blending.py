"""Blends from sources: the program, the repair and the values tell of the same problem."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from fairtrial.core.records import Arrays
from fairtrial.problems.compile import from_pack
from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.problem_file import read_problem
from fairtrial.problems.wording import row_name
from tests.problems.files import BLEND, EXAMPLES, TABLE, compiled
from tests.problems.test_levels import solved

AGGREGATES = (EXAMPLES / "aggregates.csv").read_text()
SUPPLIERS = """\
  sources:
    gravel: {components: [GNS, GCS, GMA, GCA]}
    crushed: {components: [CNS, CCS, CMA, CCA]}
    basalt: {components: [BNS, BCA]}
"""


def aggregates(terms: str) -> Problem:
    return compiled(BLEND + terms, {"blend.csv": AGGREGATES})


def least_cost(columns: list[int]) -> float:
    """Cost of the cheapest mix of some columns of the aggregates, by a program of its own."""
    rows = [line.split(",") for line in AGGREGATES.strip().splitlines()]
    limits = np.array([[float(cell) for cell in row[1:]] for row in rows[1:-1]])
    mix = limits[:, columns]
    cost = np.array([float(cell) for cell in rows[-1][1:11]])[columns]
    found = linprog(
        cost,
        A_ub=np.vstack([mix, -mix]),
        b_ub=np.concatenate([limits[:, 11], -limits[:, 10]]),
        A_eq=np.ones((1, len(columns))),
        b_eq=[1.0],
    )
    return float(found.fun) if found.status == 0 else np.inf


def check(problem: Problem, value: float) -> np.ndarray:
    """The program's optimum has ``value``; its point is feasible, has it too, and is repaired."""
    found, point = solved(problem)
    assert found == pytest.approx(value, abs=1e-6)
    objective, violation = problem.evaluate(point[None])
    assert violation[0] == 0
    assert objective[0] == pytest.approx(value, abs=1e-6)
    assert problem.repair is not None
    assert problem.repair(point[None])[0] == pytest.approx(point, abs=1e-9)
    return point


def test_two_sources_at_most() -> None:
    """Two aggregates cost 3.3384; three, as many as there are, 3.1508."""
    check(aggregates("  most_sources: 2\n"), 3.3383838)
    check(aggregates("  most_sources: 3\n"), 397 / 126)
    pairs = itertools.combinations(range(10), 2)
    assert min(least_cost(list(pair)) for pair in pairs) == pytest.approx(3.3383838)


def test_half_a_dollar_a_supplier() -> None:
    """One supplier, gravel, becomes cheaper than two: 3.357 + 0.5."""
    point = check(aggregates(f"  fixed_cost: 0.5\n{SUPPLIERS}"), 3.8571429)
    assert point[:4].sum() == pytest.approx(1)


def test_a_charge_of_its_own_turns_the_choice() -> None:
    """Gravel at 1.5 makes crushed rock the only supplier: 3.6538 + 0.5."""
    own = SUPPLIERS.replace("GCA]", "GCA], fixed_cost: 1.5")
    check(aggregates(f"  fixed_cost: 0.5\n{own}"), 3.6538462 + 0.5)


def test_minimum_doses_and_shares() -> None:
    """Fine components below 30 % are left out; every supplier may be limited."""
    point = check(aggregates("  minimum_dose: 0.3\n"), least_cost_with_dose(0.3))
    assert point[point > 1e-9].min() >= 0.3 - 1e-9
    limited = SUPPLIERS.replace("CCA]", "CCA], maximum_share: 0.5")
    point = check(aggregates(limited), best_limited(0.5))
    assert point[4:8].sum() == pytest.approx(0.5)


def least_cost_with_dose(dose: float) -> float:
    """By trying every set of components."""
    rows = [line.split(",") for line in AGGREGATES.strip().splitlines()]
    limits = np.array([[float(cell) for cell in row[1:]] for row in rows[1:-1]])
    cost = np.array([float(cell) for cell in rows[-1][1:11]])
    best = np.inf
    for count in (1, 2, 3):
        for columns in map(list, itertools.combinations(range(10), count)):
            mix = limits[:, columns]
            found = linprog(
                cost[columns],
                A_ub=np.vstack([mix, -mix]),
                b_ub=np.concatenate([limits[:, 11], -limits[:, 10]]),
                A_eq=np.ones((1, count)),
                b_eq=[1.0],
                bounds=(dose, 1),
            )
            best = min(best, found.fun if found.status == 0 else np.inf)
    return best


def best_limited(share: float) -> float:
    """The LP with the crushed supplier's share limited, stated as a further row of the table."""
    heading, *rest = AGGREGATES.strip().splitlines()
    kind = heading.replace("sieve_mm", "property")
    row = f"crushed,0,0,0,0,1,1,1,1,0,0,,{share}"
    problem = compiled(BLEND, {"blend.csv": "\n".join([kind, row, *rest])})
    program = problem.linear_program()
    assert program is not None
    assert program.integer is None
    return solved(problem)[0]


TERMS = """\
  minimum_dose: 0.15
  most_sources: 2
  sources: {front: {components: [B, C], minimum_dose: 0.3, fixed_cost: 2}}
"""


def test_repaired_mixes_keep_doses_and_number() -> None:
    """Whatever comes in, sums are 1, doses are kept, and no more sources are used than may be."""
    problem = aggregates("  most_sources: 3\n  minimum_dose: 0.2\n")
    assert problem.repair is not None
    points = np.random.default_rng(0).random((500, 10)) ** 4
    points[0] = 0.0
    mixed = problem.repair(points)
    assert mixed.sum(axis=1) == pytest.approx(1)
    assert ((mixed > 0).sum(axis=1) <= 3).all()
    assert mixed[mixed > 0].min() >= 0.2 - 1e-12
    names = [row.name for row in problem.rows]
    values = problem.row_values(mixed)
    assert values[:, names.index("sources used")].max() <= 3
    assert values[:, names.index("shares below their minimum dose")].max() <= 1e-12
    assert np.array_equal(problem.repair(mixed[:1])[0], problem.repair(mixed)[0])


def test_claims_are_judged_by_doses_and_number_too() -> None:
    """A point that was not repaired shows what it misses."""
    problem = compiled(BLEND + TERMS, {"blend.csv": TABLE})
    names = [row.name for row in problem.rows]
    point = np.array([[0.6, 0.15, 0.1], [0.9, 0.1, 0.0], [0.1, 0.9, 0.0]])
    values = dict(zip(names, problem.row_values(point).T, strict=True))
    assert values["sources used"].tolist() == [2, 2, 2]
    assert values["shares below their minimum dose"] == pytest.approx([0.05, 0.2, 0.05])
    cost = problem.evaluate(point)[0]
    assert cost == pytest.approx([0.6 + 0.3 + 0.5 + 2, 0.9 + 0.2 + 2, 0.1 + 1.8 + 2])


def test_sources_live_on_from_the_pack() -> None:
    """The stored problem has the same program and values."""
    content = {"p.yml": BLEND + TERMS, "blend.csv": TABLE}
    problem, pack = read_problem("p.yml", lambda name: content[name].encode())
    again = from_pack(Arrays(pack.arrays, pack.description))
    points = np.random.default_rng(0).random((20, 3))
    assert np.array_equal(problem.missed(points)[1], again.missed(points)[1])
    assert solved(again)[0] == solved(problem)[0]


def test_rows_of_sources_are_no_sieves() -> None:
    """Only the rows of the table are passings; what sources must keep goes by its own name."""
    problem = aggregates("  minimum_dose: 0.1\n  most_sources: 3\n")
    names = [row_name(problem, row) for row in problem.rows]
    assert names[0] == "passing 31.5 mm"
    assert names[-3:] == ["total", "sources used", "shares below their minimum dose"]


def test_without_charges_a_blend_stays_linear() -> None:
    """Limits on shares are rows of the linear program: no integers, so its duals mean something."""
    program = aggregates(SUPPLIERS.replace("BCA]", "BCA], minimum_share: 0.1")).linear_program()
    assert program is not None
    assert program.integer is None
    assert program.cost.size == 10
