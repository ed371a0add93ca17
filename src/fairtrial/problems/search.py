"""Carry out one recipe on one problem."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.optimizers.recipe import Recipe
from fairtrial.optimizers.registry import OPTIMIZERS
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, pack_runs


def search(
    problem: Problem,
    recipe: Recipe,
    budget: int,
    seeds: Mapping[str, int],
    *,
    arm: str,
    role: str,
) -> tuple[Arrays, pd.DataFrame]:
    """Run a recipe once for each block.

    Args:
        problem: what is optimised.
        recipe: the optimiser and its settings.
        budget: evaluations of each run.
        seeds: block -> seed of its run.
        arm: name of the arm or reference.
        role: arm or reference.

    Returns:
        The runs as arrays (`fairtrial.problems.records.pack_runs`), and the history: one row a
        run with ``seconds``, an equal share of the time that all of them took together.
    """
    minimise = OPTIMIZERS.load(recipe.optimizer)
    start = time.perf_counter()
    runs = minimise(problem.task(), recipe.settings, budget, list(seeds.values()))
    seconds = (time.perf_counter() - start) / len(runs)
    trials = [Trial(arm, role, block, run) for block, run in zip(seeds, runs, strict=True)]
    history = pd.DataFrame(
        {
            "arm": arm,
            "role": role,
            "block": list(seeds),
            "evaluations": [run.evaluations for run in runs],
            "improvements": [len(run.evaluation) for run in runs],
            "seconds": seconds,
        }
    )
    return pack_runs(trials), history
