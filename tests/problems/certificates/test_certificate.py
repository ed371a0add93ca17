"""Certificates of the papers' problems, and of answers that deserve none."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from fairtrial.optimizers.registry import OPTIMIZERS, settings_model
from fairtrial.problems.certificates.certificate import certify
from fairtrial.problems.certificates.claims import agrees
from fairtrial.problems.certificates.conditions import check_signs
from fairtrial.problems.certificates.multipliers import Multipliers
from fairtrial.problems.certificates.refine import Refined
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial
from tests.problems.files import EXAMPLES, compiled, example

SUPPLIERS = (
    "sources: {G: {components: [GNS, GCS, GMA, GCA]}, C: {components: [CNS, CCS, CMA, CCA]}, "
    "B: {components: [BNS, BCA]}}"
)


def reference(problem: Problem, name: str, optimizer: str, budget: int = 3000) -> Trial:
    """A reference's trial."""
    settings = settings_model(optimizer)()
    run = OPTIMIZERS.load(optimizer)(problem.task(), settings, budget, [1])[0]
    return Trial(name, "reference", "reference", run)


def certificate(problem: Problem, trials: Sequence[Trial], step: float = 0.01) -> dict[str, Any]:
    """The certificate, as JSON holds it."""
    return dict(json.loads(json.dumps(certify(problem, trials, step), allow_nan=False)))


def failed(found: dict[str, Any]) -> list[str]:
    return [check["name"] for check in found["checks"] if not check["passed"]]


@pytest.mark.parametrize(
    ("name", "point", "cost"),
    [
        ("wastewater", {"x1": 2.1253171, "x2": 2.1253171, "x3": 2.2138720}, 84_877.2970),
        ("storage_tank", {"D": 5.4049193, "H": 10.2693468}, 65_390.2770),
    ],
)
def test_tanks_are_certified_as_global_optima(
    name: str, point: dict[str, float], cost: float
) -> None:
    """Newton's point has the ten known digits; the form (a geometric program) makes it global."""
    problem = example(name)
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    assert found["certified"], failed(found)
    assert found["scope"] == "global"
    assert found["optimum"]["point"] == pytest.approx(point, abs=6e-8)
    assert found["optimum"]["objective"] == pytest.approx(cost, abs=6e-5)
    assert found["reached"]["slsqp"]["reached"] == 1


def test_aggregates_are_certified_in_fractions() -> None:
    """The mix of 441 parts, what it costs, and the cheapest mix in whole percents."""
    problem = example("aggregates")
    found = certificate(problem, [reference(problem, "lp", "highs")])
    assert found["certified"], failed(found)
    assert found["optimum"]["text"] == "397/126"
    assert found["optimum"]["fractions"]["CCA"] == "208/441"
    assert found["optimum"]["unique"]
    assert found["batch"]["text"] == "CCA 48, CCS 29, GCS 23 %"
    assert found["batch"]["objective"] == pytest.approx(3.18)
    binding = {row["name"] for row in found["rows"] if row["price"]}
    assert binding == {"passing 4 mm", "passing 0.125 mm", "total"}
    flips = {row["name"]: (row["cost_to"], row["above"]) for row in found["costs"]}
    assert flips["CCA"] == (pytest.approx(5.032, abs=1e-4), "GCA")


def test_printed_answers_are_judged_with_their_reasons() -> None:
    """The wastewater tank holds 15.75 m3, the mix sums to 99 %, the storage tank is 0.59 % off."""
    for name, verdict, told in (
        ("wastewater", "rejected", "volume is 15.7500 m3 against at most 10"),
        ("aggregates", "rejected", "total is 0.990000 against = 1"),
        ("storage_tank", "beaten", "0.592 % from the optimum"),
    ):
        problem = example(name)
        solver = ("lp", "highs") if name == "aggregates" else ("slsqp", "slsqp")
        found = certificate(problem, [reference(problem, *solver)])
        claim = found["claims"][0]
        assert claim["verdict"] == verdict
        assert told in " ".join(claim["reasons"])
        assert told in found["warnings"][0]


def test_a_rejected_mix_comes_with_the_nearest_one_in_whole_percents() -> None:
    """47/29/23 becomes 48/29/23, which keeps every limit; in steps of 5 % nothing does as well."""
    problem = example("aggregates")
    lp = reference(problem, "lp", "highs")
    claim = certificate(problem, [lp])["claims"][0]
    near = {name: share for name, share in claim["near"].items() if share}
    assert near == pytest.approx({"GCS": 0.23, "CCS": 0.29, "CCA": 0.48})
    point = problem.point(near)[None]
    assert problem.evaluate(point)[1][0] == 0
    coarse = certificate(problem, [lp], step=0.05)["claims"][0]["near"]
    shares = np.array(list(coarse.values()))
    assert np.allclose(shares / 0.05, np.round(shares / 0.05))
    assert problem.evaluate(shares[None])[1][0] == 0


def test_a_rejected_tank_comes_with_the_nearest_feasible_one() -> None:
    """It lies on the limit that the claim misses."""
    problem = example("wastewater")
    near = certificate(problem, [reference(problem, "slsqp", "slsqp")])["claims"][0]["near"]
    point = problem.point(near)[None]
    assert problem.evaluate(point)[1][0] == 0
    assert problem.row_values(point)[0, 0] == pytest.approx(10)


def test_a_point_before_the_optimum_is_not_certified() -> None:
    """A rough search has a feasible point, no balance of slopes and no certificate."""
    problem = example("wastewater")
    rough = reference(problem, "rough", "random_search", 200)
    found = certificate(problem, [rough])
    assert not found["certified"]
    assert found["scope"] == "none"
    assert "stationary" in failed(found)


def test_what_fails_a_check_is_no_optimum() -> None:
    """A stationary point that is a saddle is not told as an optimum, nor priced."""
    text = "name: p\ntitle: P\nsource: a test\nvariables:\n"
    text += "  x: {lower: -1, upper: 1}\n  y: {lower: -1, upper: 1}\n"
    text += "objective:\n  minimise: x ** 2 - y ** 2 + 3\n"
    problem = compiled(text)
    trial = reference(problem, "slsqp", "slsqp")
    saddle = replace(trial.run, point=np.zeros((1, 2)), objective=np.array([3.0]))
    saddle = replace(saddle, evaluation=np.array([1]), violation=np.zeros(1))
    found = certificate(problem, [replace(trial, run=saddle)])
    assert failed(found) == ["strict minimum"]
    assert found["optimum"] is None
    assert found["scope"] == "none"


@pytest.mark.parametrize(
    ("constraints", "at", "held", "fixed", "told"),
    [
        ("constraints:\n  range: {rule: 1 <= x <= 2}\n", 1.0, (0,), (), "range"),
        ("", 0.0, (), (0,), "the bound of x"),
    ],
)
def test_a_limit_that_pulls_is_found_out(
    constraints: str, at: float, held: tuple[int, ...], fixed: tuple[int, ...], told: str
) -> None:
    """(x - 1.5)^2 held at 1 or at 0: the reported sign was wrong, and inwards is better."""
    text = "name: p\ntitle: P\nsource: a test\nvariables:\n  x: {lower: 0, upper: 3}\n"
    problem = compiled(f"{text}objective:\n  minimise: (x - 1.5) ** 2\n{constraints}")
    slope = 2 * (at - 1.5)
    size = len(problem.rows)
    claimed = Multipliers(np.full(size, -slope), np.array([-slope]), held, fixed, 0.0)
    exact = Refined(np.array([at]), slope**2 / 4, "", np.full(size, at), np.full(size, slope), True)
    check = check_signs(problem, exact, claimed)
    assert not check.passed
    assert told in check.says


def test_no_feasible_point_no_certificate() -> None:
    """It says so, and claims are judged all the same."""
    problem = example("wastewater")
    run = reference(problem, "slsqp", "slsqp").run
    hopeless = replace(run, violation=np.ones_like(run.violation))
    found = certificate(problem, [Trial("slsqp", "reference", "reference", hopeless)])
    assert failed(found) == ["feasible"]
    assert found["answer"] is None
    assert found["claims"][0]["verdict"] == "rejected"


def test_a_wrong_number_of_the_search_is_found_out() -> None:
    """An objective that the file does not give at that point fails the first check."""
    problem = example("wastewater")
    trial = reference(problem, "slsqp", "slsqp")
    wrong = replace(trial, run=replace(trial.run, objective=trial.run.objective * 0.999))
    assert "evaluated again" in failed(certificate(problem, [wrong]))


def test_a_known_value_that_is_wrong_is_found_out() -> None:
    """A best known value above what is proved, or below it, fails the certificate."""
    text = "name: p\ntitle: P\nsource: a test\nvariables:\n  x: {lower: 0.5, upper: 9}\n"
    text += "objective:\n  minimise: x + 4 / x\n"
    for known, certified in ((4, True), (3.9, False), (4.1, False)):
        problem = compiled(text + f"optimum: {{objective: {known}, source: a book}}\n")
        found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
        assert found["certified"] is certified
        assert failed(found) == ([] if certified else ["known optimum"])


def test_a_local_optimum_is_called_one() -> None:
    """Where nothing makes a local optimum global, the certificate says local."""
    text = "name: p\ntitle: P\nsource: a test\nvariables:\n  x: {lower: -3, upper: 3}\n"
    text += "objective:\n  minimise: x ** 4 - 3 * x ** 2 + 0.5 * x\n"
    problem = compiled(text)
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    assert found["certified"]
    assert found["scope"] == "local"


def test_a_linear_maximum_is_told_in_the_users_sense() -> None:
    """The fraction has the sign of what is maximised; constants move it as by the price."""
    text = "name: p\ntitle: P\nsource: a test\nconstants: {most: 4}\nvariables:\n"
    text += "  x: {lower: 0, upper: 9}\n  y: {lower: 0, upper: 9}\nobjective:\n"
    text += "  maximise: 3 * x + 2 * y\nconstraints:\n  sum: {rule: 2 * x + y <= most}\n"
    problem = compiled(text)
    found = certificate(problem, [reference(problem, "lp", "highs")])
    assert found["certified"], failed(found)
    assert found["optimum"]["text"] == "8"
    assert "nothing is better than 8 (" in found["checks"][2]["says"]
    assert found["constants"][0]["slope"] == pytest.approx(2)


def test_an_equality_has_its_own_tolerance() -> None:
    """The check names both, where the file states both."""
    text = "name: p\ntitle: P\nsource: a test\nequality_tolerance: 1e-4\nvariables:\n"
    text += "  x: {lower: 0.5, upper: 9}\n  y: {lower: 0.5, upper: 9}\nobjective:\n"
    text += "  minimise: x + y\nconstraints:\n  product: {rule: x * y = 4}\n"
    problem = compiled(text)
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    assert "tolerance (1e-08, of an equality 0.0001)" in found["checks"][1]["says"]


def test_a_maximum_is_told_in_the_users_sense() -> None:
    """Objective, price and sensitivity have the sign of what is maximised."""
    text = "name: p\ntitle: P\nsource: a test\nconstants: {gain: 3}\nvariables:\n"
    text += "  x: {lower: 0, upper: 9}\n  y: {lower: 0, upper: 9}\n"
    text += "objective:\n  maximise: gain * x * y\nconstraints:\n  sum: {rule: x + y <= 4}\n"
    problem = compiled(text)
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    assert found["certified"], failed(found)
    assert found["optimum"]["objective"] == pytest.approx(12)
    assert found["rows"][0]["price"] == pytest.approx(6)  # 3 (s / 2)^2 at s = 4
    assert found["constants"][0]["slope"] == pytest.approx(4)


@pytest.mark.parametrize(
    ("name", "old", "limit", "unit"),
    [("wastewater", "x3 <= 10", 10.0, 1e-3), ("storage_tank", "H = capacity", 75 * math.pi, 1e-2)],
)
def test_prices_are_what_moving_the_limit_costs(
    name: str, old: str, limit: float, unit: float
) -> None:
    """The multiplier at the optimum is the difference of two optima for moved limits."""
    text = (EXAMPLES / f"{name}.yml").read_text()
    printed = {f"{name}.printed.csv": (EXAMPLES / f"{name}.printed.csv").read_text()}
    left, sign, _ = old.split(" ")
    ends = []
    for step in (-unit, unit):
        moved = compiled(text.replace(old, f"{left} {sign} {limit + step}"), printed)
        run = reference(moved, "slsqp", "slsqp").run
        ends.append(float(run.objective[-1]))
    problem = example(name)
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    assert found["rows"][0]["price"] == pytest.approx((ends[1] - ends[0]) / (2 * unit), rel=2e-3)


def test_sensitivities_are_what_other_constants_give() -> None:
    """A slope is the difference of two optima for a constant a little larger and smaller."""
    text = (EXAMPLES / "wastewater.yml").read_text()
    ends = []
    for cost in (1199, 1201):
        changed = compiled(text.replace("1200", str(cost)))
        ends.append(float(reference(changed, "slsqp", "slsqp").run.objective[-1]))
    problem = example("wastewater")
    found = certificate(problem, [reference(problem, "slsqp", "slsqp")])
    slopes = {row["number"]: row["slope"] for row in found["constants"]}
    assert slopes["side_cost"] == pytest.approx((ends[1] - ends[0]) / 2, rel=1e-4)
    assert slopes["running_cost"] == pytest.approx(0.1, rel=1e-6)  # 1 / V at V = 10


def test_a_cost_of_a_mix_counts_with_its_share() -> None:
    """A dearer crushed sand costs its share; a finer grading of it what its row's price says."""
    problem = example("aggregates")
    found = certificate(problem, [reference(problem, "lp", "highs")])
    slopes = {row["number"]: row["slope"] for row in found["constants"]}
    assert slopes["cost of CCS"] == pytest.approx(130 / 441)
    assert slopes["CCS at 4"] == pytest.approx(2 / 63 * 130 / 441)


def test_an_arm_close_in_cost_and_far_in_the_mix_is_told_of() -> None:
    """Half a percent dearer with GCA for CCA: the warning names it with both numbers."""
    problem = example("aggregates")
    lp = reference(problem, "lp", "highs")
    point = problem.point({"GCS": 0.232, "CCS": 0.29, "GCA": 0.478})
    cost, violation = problem.evaluate(point[None])
    assert violation[0] == 0
    run = replace(lp.run, point=point[None], objective=cost, exact=False)
    found = certificate(problem, [lp, Trial("search", "arm", "run_000", run)])
    assert "holds for the cost, not for the mix: a share" in found["warnings"][-1]
    assert found["reached"]["search"]["worst_error"] == pytest.approx(0.478, abs=1e-3)


def test_whole_numbers_are_held() -> None:
    """With an integer held the rest is proved, locally."""
    text = (
        "name: p\ntitle: P\nsource: a test\nvariables:\n  n: {lower: 1, upper: 9, integer: true}\n"
    )
    text += "  x: {lower: 0.5, upper: 9}\nobjective:\n  minimise: n + 10 / n + n * x + 9 / x\n"
    problem = compiled(text)
    trial = reference(problem, "de", "differential_evolution", 6000)
    found = certificate(problem, [trial])
    assert found["certified"], failed(found)
    assert found["scope"] == "local"
    assert float(found["optimum"]["point"]["n"]).is_integer()
    assert "held" in found["notes"][1]


@pytest.mark.parametrize(
    ("terms", "cost"), [("most_sources: 2", 3.3384), (f"fixed_cost: 0.5\n  {SUPPLIERS}", 3.857)]
)
def test_a_choice_of_sources_is_certified_by_its_bound(terms: str, cost: float) -> None:
    """Two aggregates, or half a dollar a supplier: the solver's gap is closed and told."""
    text = (EXAMPLES / "aggregates.yml").read_text()
    files = {"aggregates.csv": (EXAMPLES / "aggregates.csv").read_text()}
    problem = compiled(text.replace("  cost_unit", f"  {terms}\n  cost_unit"), files)
    lp = reference(problem, "milp", "highs")
    found = certificate(problem, [lp])
    assert found["certified"], failed(found)
    assert found["scope"] == "global"
    assert found["optimum"]["objective"] == pytest.approx(cost, abs=5e-4)
    assert "its gap is closed" in " ".join(check["says"] for check in found["checks"])
    near = found["claims"][0]["near"]
    assert problem.evaluate(problem.point(near)[None])[1][0] == 0
    assert found["batch"]["objective"] >= found["optimum"]["objective"]
    stopped = replace(lp.run, exact=False, extra={**lp.run.extra, "mip_gap": np.array([0.03])})
    found = certificate(problem, [replace(lp, run=stopped)])
    assert failed(found) == ["optimal"]
    assert "stopped with a gap of 3 %" in found["checks"][2]["says"]


@pytest.mark.parametrize(
    ("stated", "found", "same"),
    [
        (79750, 79750.95, True),
        (3.1, 3.13, True),
        (3.1, 3.21, False),
        (80_000, 79_995, True),
        (80_000, 71_000, False),
        (100, 99.5, True),
        (100, 105, False),
        (0.0, 0.2, True),
    ],
)
def test_a_stated_value_counts_to_its_last_digit(stated: float, found: float, same: bool) -> None:
    """Zeros at the end of a whole number are digits from the fourth on at most."""
    assert agrees(stated, found) is same
