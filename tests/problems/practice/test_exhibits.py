"""What the page shows of each part, and what is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.optimizers.task import Run
from fairtrial.problems.practice.exhibits.asked import practice_exhibits
from fairtrial.problems.practice.parameters import Practice
from fairtrial.problems.practice.ready import check_practice
from fairtrial.problems.records import Trial
from tests.problems.files import example

MIX: dict[str, Any] = {"GCS": 103 / 441, "CCS": 130 / 441, "CCA": 208 / 441}
TANK: dict[str, Any] = {"D": 5.404919310, "H": 10.26934669}


def shown(
    name: str, point: Mapping[str, Any] | None, asked: dict[str, Any]
) -> list[dict[str, bytes]]:
    """The exhibits of a problem that ends in ``point``, one run of two steps leading there."""
    problem = example(name)
    trials = []
    if point is not None:
        end = problem.point(dict(point))
        path = np.array([problem.lower + 0.7 * (problem.upper - problem.lower), end])
        run = Run(np.array([1, 9]), np.array([2.0, 1.0]), np.array([1.0, 0.0]), path, 9)
        trials.append(Trial("de", "arm", "run_000", run))
    told = None if point is None else {"point": dict(point)}
    practice = check_parameters(Practice, asked, "practice")
    certificate = {"optimum": told, "answer": told}
    generator = np.random.default_rng(3)
    return list(practice_exhibits(problem, certificate, trials, practice, generator))


def table_of(files: dict[str, bytes]) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["table.csv"]))


def test_the_parts_of_a_mix_tell_their_figures() -> None:
    """In the order of the model, each with a sentence that has its result."""
    asked = {
        "terms": {"two": {"most_sources": 2}, "none": {"most_sources": 1}},
        "grading": {"largest_mm": 31.5, "curves": ["din_a32", "astm_c33_57"]},
        "spread": {"spread_points": 2.0, "deliveries": 2000},
        "front": {"largest_mm": 31.5, "exponents": [0.5], "points": 3},
    }
    grading, spread, front, terms = shown("aggregates", MIX, asked)
    numbers = table_of(grading).set_index("curve")
    assert numbers.loc["DIN A32", "k-value"] == 5.48
    assert numbers.loc["this mix", "k-value"] == 4.54
    told = json.loads(grading["figure.json"])["caption"]
    assert "DIN 1045-2 Annex L, from memory (sums checked against" in told
    assert {"ASTM C33 57, lower *", "ASTM C33 57, upper *"} <= set(numbers.index)
    caption = json.loads(spread["figure.json"])["caption"]
    assert "costs 2.7 % more and keeps all at once in" in caption
    assert table_of(front)["dearer by"].tolist() == ["24.8 %"]
    prices = table_of(terms).set_index("terms")
    assert float(prices.loc["two", "cost ($)"]) == pytest.approx(3.33838)
    assert prices.loc["none", "composition"] == "no mix keeps the limits"


def test_the_parts_of_a_tank_tell_their_figures() -> None:
    """The map has the way of the arm, the table the plates, the figure the constant."""
    asked = {
        "map": {"x": "D", "y": "H", "arm": "de"},
        "plates": {"variable": "H", "widths": [1.5, 40.0]},
        "vary": {"constant": "side_cost", "factors": [0.5, 1.0]},
    }
    landscape, plates, vary = shown("storage_tank", TANK, asked)
    way = pd.read_csv(io.BytesIO(landscape["data.csv"]))
    assert way["evaluation"].tolist() == [1, 9]
    assert "an equality" in json.loads(landscape["figure.json"])["caption"]
    assert table_of(plates)["plates"].tolist() == [7]
    assert (
        "No design is feasible with plates of 40.0 m"
        in json.loads(plates["figure.json"])["caption"]
    )
    best = pd.read_csv(io.BytesIO(vary["data.csv"]))
    assert best["best"].iloc[1] == pytest.approx(65390.27702, rel=1e-8)


def test_a_study_without_an_answer_says_so() -> None:
    """Every part keeps its place on the page."""
    (files,) = shown("aggregates", None, {"front": {"largest_mm": 31.5}})
    assert "No run found a feasible point" in json.loads(files["figure.json"])["caption"]


@pytest.mark.parametrize("part", ["grading", "spread", "front"])
def test_what_only_a_mix_by_sieves_has_is_refused_elsewhere(part: str) -> None:
    """With the parameter and the problem's name."""
    values = {"spread_points": 2.0} if part == "spread" else {"largest_mm": 31.5}
    with pytest.raises(ConfigError, match=rf"practice.{part}: expected .* sieve_mm"):
        shown("storage_tank", TANK, {part: values})


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "at least one of grading"),
        ({"spread": {"spread_points": 2.0, "keep": 0.4}}, "greater than 0.5"),
        ({"vary": {"constant": "a", "factors": [1.0, 0.5]}}, "ascending"),
        ({"plates": {"variable": "H", "widths": []}}, "at least 1 item"),
        ({"fronts": {}}, "known key"),
    ],
)
def test_bad_parameters_are_told(asked: dict[str, Any], message: str) -> None:
    """Before anything runs."""
    with pytest.raises(ConfigError, match=message):
        check_parameters(Practice, asked, "parameters: tank.evaluate.practice")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"grading": {"largest_mm": 32.0, "curves": ["din_z9"]}}, "names of the library"),
        ({"map": {"x": "a", "y": "b", "arm": "ed"}}, r"an arm of the study \(de, saga\)"),
    ],
)
def test_names_that_nothing_goes_by_are_told_before_work(
    asked: dict[str, Any], message: str
) -> None:
    """A curve of the library, an arm of the study."""
    practice = check_parameters(Practice, asked, "practice")
    study: Any = SimpleNamespace(name="tank", arms=("de", "saga"))
    with pytest.raises(ConfigError, match=message):
        check_practice(study, {"evaluate": SimpleNamespace(practice=practice)})
