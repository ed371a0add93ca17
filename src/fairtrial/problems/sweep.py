"""One optimiser over a grid of its settings, every seed at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fairtrial.core.seeds import stream_seed
from fairtrial.optimizers.registry import OPTIMIZERS
from fairtrial.problems.parameters import Sweep
from fairtrial.problems.problem import Problem


def run_sweep(problem: Problem, sweep: Sweep, seed: int, study: str) -> pd.DataFrame:
    """Run the recipe at every point of the grid with the same seeds.

    Args:
        problem: what is optimised.
        sweep: recipe, grid, budget and number of runs.
        seed: the root seed.
        study: name of the study.

    Returns:
        One row a point and run: the three settings, run, objective (in the sense of minimisation;
        none where no feasible point was found).
    """
    # The same starts everywhere: neighbours on the map then differ by their settings alone.
    seeds = [stream_seed(seed, study, "sweep", run) for run in range(sweep.runs)]
    task = problem.task()
    rows = []
    for point, recipe in sweep.points():
        minimise = OPTIMIZERS.load(recipe.optimizer)
        runs = minimise(task, recipe.settings, sweep.evaluations, seeds)
        for index, run in enumerate(runs):
            value = float(run.objective[-1]) if run.feasible else np.nan
            rows.append({**point, "run": index, "objective": value})
    return pd.DataFrame(rows)
