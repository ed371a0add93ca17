"""A problem of a user's own: YAML, no Python, from the file to the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.problems.files import compiled
from tests.project import add_yaml, copy_conf, latest, run_project

# As README.md shows it.
CRATE = """\
name: crate
title: Cheapest open crate for 2 cubic metres of gravel
source: our workshop
constants:
  board: {value: 14, unit: €/m2}
  handle: {value: 3.5, unit: €/piece}
  gravel: {value: 1600, unit: kg/m3}
  strength: {value: 500, unit: kg/piece}
units: [piece]
variables:
  side: {count: 2, lower: 0.5, upper: 4, unit: m}
  height: {choices: [0.6, 0.9, 1.2], unit: m}
  handles: {lower: 2, upper: 12, integer: true, unit: piece}
terms:
  volume: side1 * side2 * height
  area: side1 * side2 + 2 * sum(i, 1, 2, side[i]) * height
objective:
  minimise: board * area + handle * handles
  unit: €
constraints:
  content: {rule: volume >= 2, unit: m3}
  lifting: {rule: volume * gravel <= strength * handles}
"""


def test_the_example_is_short_and_right() -> None:
    """Below 30 lines; the best crate holds just 2 m3 on a square, at one of three heights."""
    assert len(CRATE.splitlines()) <= 30
    problem = compiled(CRATE)
    costs = {}
    for height in (0.6, 0.9, 1.2):
        side = (2 / height) ** 0.5
        point = problem.point({"side": (side, side), "height": height, "handles": 7})
        objective, violation = problem.evaluate(point[None])
        assert violation[0] == 0
        costs[height] = objective[0]
        assert costs[height] == pytest.approx(14 * (2 / height + 4 * side * height) + 3.5 * 7)
        fewer = problem.point({"side": (side, side), "height": height, "handles": 6})
        assert problem.evaluate(fewer[None])[1][0] > 0
    assert min(costs, key=lambda height: costs[height]) == 0.9


def test_a_new_problem_runs_with_no_python(tmp_path: Path) -> None:
    """Three YAML files in the environment, one command, a verdict and a page."""
    conf = copy_conf(tmp_path)
    own = conf / "test"
    (own / "problems").mkdir()
    (own / "problems" / "crate.yml").write_text(CRATE)
    structure = {
        "kind": "problems",
        "arms": ["de", "random_search"],
        "blocks": {"runs": 5},
        "design": "independent",
        "primary_metric": "relative_gap",
    }
    add_yaml(own / "studies.yml", {"crate": structure})
    values = {
        "ingest": {"definition": "problems/crate.yml"},
        "optimize": {"evaluations": 3000},
        "evaluate": {},
        "arms": {
            "de": {"optimizer": "differential_evolution"},
            "random_search": {"optimizer": "random_search"},
        },
        "references": {"slsqp": {"optimizer": "slsqp"}},
    }
    add_yaml(own / "parameters_crate.yml", {"crate": values})
    run_project(conf, "--namespaces=crate")
    data = tmp_path / "data"
    verdict = json.loads(latest(data / "07_model_output" / "crate" / "verdict.json").read_text())
    assert "de" in verdict["sentence"]
    page = latest(data / "08_reporting" / "crate" / "page.html").read_text()
    assert "Cheapest open crate" in page
    assert "side1" in page
