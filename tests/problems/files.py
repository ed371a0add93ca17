"""Problem files for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fairtrial.problems.problem import Problem
from fairtrial.problems.reading.problem_file import read_problem

EXAMPLES = Path(__file__).parents[2] / "conf" / "base" / "problems"

TANK = """\
name: tank
title: A tank
source: a test
constants:
  running: 510000
variables:
  x: {lower: 0.1, upper: 10}
  y: {lower: 0.1, upper: 10}
objective:
  minimise: x * y + running / (x * y)
  unit: Rs
constraints:
  area: {rule: x * y <= 10, unit: m2}
claims:
  someone:
    at: {x: 1, y: 2}
    source: a page
"""

BLEND = """\
name: blend
title: A mix
source: a test
blend:
  table: blend.csv
"""

TABLE = """\
property,A,B,C,lower,upper
strength,10,20,40,15,30
cost,1,2,5,,
"""


def example(name: str) -> Problem:
    """One of the problems that come with the project, by its path below their folder."""
    path = EXAMPLES / f"{name}.yml"
    return read_problem(path.name, lambda file: (path.parent / file).read_bytes())[0]


def compiled(text: str, files: Mapping[str, str] | None = None) -> Problem:
    """A problem from text."""
    content = {"p.yml": text, **(files or {})}
    return read_problem("p.yml", lambda name: content[name].encode())[0]
