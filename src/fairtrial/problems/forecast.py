"""What the trials of a problem study will cost, from a rehearsal with a small budget."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from fairtrial.core.forecast import Forecast
from fairtrial.core.records import RawFolder
from fairtrial.core.study import Study
from fairtrial.problems.listing import read_from
from fairtrial.problems.reading.problem_file import read_problem
from fairtrial.problems.search import search

# Share of the evaluations that is rehearsed, and the least that tells anything.
_SHARE, _LEAST = 0.02, 500


def forecast_trials(
    study: Study, groups: Mapping[str, Any], raw: RawFolder | None
) -> dict[str, Forecast]:
    """Run every arm over all its blocks with a small budget, and scale the time up.

    Args:
        study: its structure.
        groups: its checked parameters: ingest, optimize, arms.
        raw: the problem's files; a problem always has some.

    Returns:
        arm -> cost of one run.
    """
    if raw is None:
        return {}
    name = PurePosixPath(groups["ingest"].definition).name
    problem, _ = read_problem(name, read_from(raw, name))
    budget = groups["optimize"].evaluations
    rehearsed = min(budget, max(_LEAST, int(budget * _SHARE)))
    blocks = [block for chunk in study.chunks().values() for block in chunk]
    seeds = {block: index for index, block in enumerate(blocks)}
    found = {}
    for arm in study.arms:
        outputs, history = search(
            problem, groups["arms"][arm], rehearsed, seeds, arm=arm, role="arm"
        )
        size = sum(array.nbytes for array in outputs.arrays.values())
        # A run's improvements grow far slower than its evaluations: their size is not scaled.
        found[arm] = Forecast(
            float(history["seconds"].mean()) * budget / rehearsed, size / len(blocks)
        )
    return found
