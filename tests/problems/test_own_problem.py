"""A problem of a user's own: YAML, no Python, from the file to the page, as README.md shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.problems.files import compiled
from tests.project import PROJECT, add_yaml, copy_conf, latest, run_project

README = (PROJECT / "README.md").read_text()


def shown(name: str) -> str:
    """The block that README.md shows under ``# conf/local/NAME`` and that tells of the crate."""
    blocks = re.findall(rf"```yaml\n# conf/local/{re.escape(name)}\n(.*?)```", README, re.DOTALL)
    found = [block for block in blocks if "crate" in block]
    assert len(found) == 1
    return found[0]


CRATE = shown("problems/crate.yml")


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
    """Three YAML files in an environment, one command, a verdict and a page."""
    conf = copy_conf(tmp_path)
    own = conf / "test"
    (own / "problems").mkdir()
    (own / "problems" / "crate.yml").write_text(CRATE)
    structure = yaml.safe_load(shown("studies.yml"))
    structure["crate"]["blocks"] = {"runs": 5}
    add_yaml(own / "studies.yml", structure)
    values = yaml.safe_load(shown("parameters_crate.yml"))
    values["crate"]["optimize"] = {"evaluations": 3000}
    add_yaml(own / "parameters_crate.yml", values)
    run_project(conf, "--namespaces=crate")
    data = tmp_path / "data"
    verdict = json.loads(latest(data / "07_model_output" / "crate" / "verdict.json").read_text())
    assert "de" in verdict["sentence"]
    page = latest(data / "08_reporting" / "crate" / "page.html").read_text()
    assert "Cheapest open crate" in page
    assert "side1" in page
