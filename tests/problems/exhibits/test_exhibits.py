"""What the page of a problem shows, from searches of the papers' problems."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.optimizers.recipe import Recipe
from fairtrial.problems.certificates.certificate import certify
from fairtrial.problems.exhibits.answer import answer_exhibit
from fairtrial.problems.exhibits.binding import binding_exhibit, costs_exhibit, sensitivity_exhibit
from fairtrial.problems.exhibits.facilities import facilities_exhibit
from fairtrial.problems.exhibits.grading import sieve_curve_exhibit
from fairtrial.problems.exhibits.proofs import certificate_exhibit
from fairtrial.problems.exhibits.sweep import sweep_exhibit
from fairtrial.problems.exhibits.two_objectives import two_objectives_exhibit, undominated
from fairtrial.problems.parameters import Sweep
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, unpack_runs
from fairtrial.problems.search import search
from fairtrial.problems.sweep import run_sweep
from tests.problems.files import EXAMPLES, compiled, example

Searched = tuple[Problem, dict[str, Any], list[Trial]]


def caption(files: Files) -> str:
    return str(json.loads(files["figure.json"])["caption"])


def table(files: Files, name: str = "data.csv") -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files[name]), dtype=str).fillna("")


def searched(name: str, references: dict[str, str]) -> Searched:
    """A quick search by DE and its references, with its certificate."""
    problem = example(name)
    trials = []
    for arm, optimizer in {"de": "differential_evolution", **references}.items():
        role = "reference" if arm in references else "arm"
        seeds = {"reference": 1} if role == "reference" else {"run_000": 1, "run_001": 2}
        outputs, _ = search(problem, Recipe(optimizer=optimizer), 1500, seeds, arm=arm, role=role)
        trials += unpack_runs(outputs)
    return problem, certify(problem, trials, 0.01), trials


@pytest.fixture(scope="module")
def aggregates() -> Searched:
    return searched("aggregates", {"lp": "highs", "slsqp": "slsqp"})


@pytest.fixture(scope="module")
def tank() -> Searched:
    return searched("wastewater", {"slsqp": "slsqp"})


def test_the_answer_tells_the_claim_from_the_optimum(aggregates: Searched) -> None:
    """Optimum, best arm, references and claim stand side by side; missed limits are marked."""
    files = answer_exhibit(*aggregates)
    found = table(files).set_index("quantity")
    assert list(found.columns) == [
        "limits", "exact optimum", "de", "lp", "slsqp", "paper (claim)"
    ]  # fmt: skip
    assert found.loc["feasible"].tolist() == ["", "yes", "yes", "yes", "yes", "no"]
    assert found.loc["total", "paper (claim)"].endswith("*")
    assert found.loc["passing 31.5 mm (%)", "paper (claim)"].endswith("*")
    assert not found.loc["passing 4 mm (%)", "lp"].endswith("*")
    assert found.loc["objective ($)", "exact optimum"] == "3.15079365"
    assert found.loc["CCA (%)", "exact optimum"] == "47.1655"
    assert "Certified as the global optimum: 3.15079365 $ at CCA 47.17" in caption(files)
    assert "No arm came within a millionth" in caption(files)


def test_the_certificate_lists_checks_and_claims(tank: Searched) -> None:
    """Each check with its finding; the printed tank is rejected for its volume."""
    problem, certificate, _ = tank
    found = table(certificate_exhibit(problem, certificate)).set_index("check")
    assert set(found["holds"].drop("claim of paper")) == {"yes"}
    assert found.loc["claim of paper", "holds"] == "rejected"
    assert "15.7500 m3 against at most 10" in found.loc["claim of paper", "what was found"]


def test_what_binds_is_priced(aggregates: Searched, tank: Searched) -> None:
    """The two sieves of the mix with their ranges, and the tank's volume."""
    files = binding_exhibit(aggregates[0], aggregates[1])
    found = table(files, "table.csv").set_index("limit")
    assert found.loc["passing 4 mm (%)", "price of a unit ($)"].endswith("0.031746")
    assert found.loc["passing 4 mm (%)", "to"] == "53.062 (passing 16 mm)"
    assert found.loc["passing 16 mm (%)", "binds"] == ""
    assert "What binds: passing 0.125 mm" in caption(files)
    files = binding_exhibit(tank[0], tank[1])
    assert table(files, "table.csv")["limit + 1 %"].tolist() == ["\N{MINUS SIGN}0.335 %"]


def test_without_prices_nothing_is_said_to_be_worth_nothing() -> None:
    """At most two sources: the sieves that the mix lies on are named, no price is made up."""
    text = (EXAMPLES / "aggregates.yml").read_text()
    files = {"aggregates.csv": (EXAMPLES / "aggregates.csv").read_text()}
    problem = compiled(text.replace("  cost_unit", "  most_sources: 2\n  cost_unit"), files)
    outputs, _ = search(
        problem, Recipe(optimizer="highs"), 10, {"reference": 1}, arm="milp", role="reference"
    )
    trials = unpack_runs(outputs)
    assert trials[0].run.note == "proved optimal"
    certificate = certify(problem, trials, 0.01)
    assert certificate["certified"]
    told = binding_exhibit(problem, certificate)
    assert "No price of a limit is known" in caption(told)
    assert "The answer lies on" in caption(told)
    assert "gain nothing" not in caption(told)
    owed = caption(sensitivity_exhibit(problem, certificate))
    assert "no optimum with prices was proved" in owed


def test_a_free_component_has_all_the_room_there_is(aggregates: Searched) -> None:
    """A cost of 0 is no divisor: which price flips the mix is told all the same."""
    costs = [{**row, "cost": 0.0} if row["name"] == "GCS" else row
             for row in aggregates[1]["costs"]]  # fmt: skip
    files = costs_exhibit(aggregates[0], {**aggregates[1], "costs": costs})
    assert "if CCA rises above 5.0320" in caption(files)


def test_the_price_that_flips_the_mix_is_told(aggregates: Searched) -> None:
    """CCA above 5.032 lets GCA in."""
    files = costs_exhibit(aggregates[0], aggregates[1])
    assert "if CCA rises above 5.0320: GCA then comes in" in caption(files)


def test_sensitivities_are_drawn_or_their_lack_is_told(tank: Searched) -> None:
    """The running cost moves the tank's optimum most; without a proof nothing is said."""
    files = sensitivity_exhibit(*tank[:2])
    assert table(files)["number"].tolist() == ["running_cost", "side_cost", "bottom_cost"]
    unproved = {**tank[1], "constants": [], "certified": False}
    told = caption(sensitivity_exhibit(tank[0], unproved))
    assert "no optimum with prices was proved" in told


def test_figures_of_a_mix_come_with_their_numbers(aggregates: Searched) -> None:
    """Grading curves lie within the limits, shares add up to a whole."""
    sieves = pd.read_csv(io.BytesIO(sieve_curve_exhibit(*aggregates)["data.csv"]))
    assert sieves["sieve_mm"].tolist() == [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 31.5]
    kept = sieves["lp"].between(sieves["lower"] - 1e-6, sieves["upper"] + 1e-6)
    assert kept.all()
    shares = pd.read_csv(io.BytesIO(facilities_exhibit(*aggregates)["data.csv"]))
    optimum = shares[shares["arm"] == "exact optimum"]
    assert optimum["median"].sum() == pytest.approx(100)


def test_figures_of_mixes_are_refused_elsewhere(tank: Searched) -> None:
    """A tank has no sieves and no components."""
    for draw in (sieve_curve_exhibit, facilities_exhibit):
        with pytest.raises(ConfigError, match=r"evaluate.exhibits"):
            draw(*tank)


def test_a_front_is_shown_in_the_users_sense(tank: Searched) -> None:
    """The gain that is maximised against the effort; points that another beats are left out."""
    text = (
        "name: front\ntitle: Gain against effort\nsource: a test\n"
        "variables: {x: {lower: 0, upper: 3}, waste: {lower: 0, upper: 1}}\n"
        "objective: {minimise: x ** 2 + waste, unit: h}\n"
        "second_objective: {maximise: 2 * x, unit: kg}\n"
    )
    problem = compiled(text)
    recipe, seeds = Recipe(optimizer="nsga2", population=20), {"reference": 3}
    outputs, _ = search(problem, recipe, 2000, seeds, arm="front", role="reference")
    files = two_objectives_exhibit(problem, unpack_runs(outputs))
    found = pd.read_csv(io.BytesIO(files["data.csv"])).sort_values("objective")
    assert np.diff(found["second objective"]).min() > 0
    assert found["second objective"].max() == pytest.approx(6, abs=0.2)
    assert np.allclose(found["second objective"], 2 * found["x"])
    assert "the second is to maximise" in caption(files)
    assert undominated(np.array([[1, 2], [0, 3], [1, 3], [2, 2], [3, 0]])).tolist() == [1, 0, 4]
    with pytest.raises(ConfigError, match=r"exhibits: two_objectives: expected .*second_objective"):
        two_objectives_exhibit(tank[0], tank[2])


def test_a_sweep_maps_every_setting() -> None:
    """Each point of the grid has its runs; the recipe's own point is framed and told."""
    sweep = Sweep(
        recipe=Recipe(optimizer="differential_evolution", population=10),
        x={"weight": (0.4, 0.8)},
        y={"crossover": (0.5, 0.9)},
        panels={"population": (10, 20)},
        evaluations=200,
        runs=3,
    )
    problem = example("storage_tank")
    runs = run_sweep(problem, sweep, 1, "study")
    assert len(runs) == 8 * 3
    assert runs.equals(run_sweep(problem, sweep, 1, "study"))
    files = sweep_exhibit(runs, sweep, problem.optimum, 1e-9)
    assert len(table(files)) == 8
    assert "Framed is the recipe as it stands" in caption(files)


def test_a_sweep_of_settings_that_do_not_exist_is_refused() -> None:
    """Every point of the grid is checked when the parameters are read."""
    with pytest.raises(ValueError, match="speed"):
        Sweep(
            recipe=Recipe(optimizer="differential_evolution"),
            x={"speed": (1.0,)},
            y={"crossover": (0.5,)},
            panels={"population": (10,)},
            evaluations=100,
        )
