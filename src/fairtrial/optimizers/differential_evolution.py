"""Differential evolution, all seeds at once.

Source: Storn and Price 1997, doi:10.1023/A:1008202821328 (DE/rand/1/bin, and DE/best/1/bin of its
section 4); a component that leaves
the box is drawn again uniformly and selection is greedy, as in Gurav et al., section III.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.budget import Ledger, best_of, better
from fairtrial.optimizers.parameters import DifferentialEvolutionSettings
from fairtrial.optimizers.task import FloatArray, IntArray, Run, Task


def _three_others(uniform: FloatArray) -> tuple[IntArray, IntArray, IntArray]:
    """Indices a, b, c of (S, NP), distinct from each other and from the own one.

    Args:
        uniform: (3, S, NP) in [0, 1). Each index is drawn from those still free by counting up
            past the taken ones, in ascending order, so that no draw is ever repeated.
    """
    size = uniform.shape[2]
    taken = [np.broadcast_to(np.arange(size), uniform.shape[1:])]
    for draw in uniform:
        index = (draw * (size - len(taken))).astype(np.int64)
        for used in np.sort(np.stack(taken), axis=0):
            index += index >= used
        taken.append(index)
    return taken[1], taken[2], taken[3]


def minimise(
    task: Task, settings: DifferentialEvolutionSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """DE/rand/1/bin or DE/best/1/bin. Arguments as in `Optimizer`."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    runs, size, dimensions = len(seeds), settings.population, task.dimensions
    ledger = Ledger(task, budget, runs)
    lower, span = task.lower, task.upper - task.lower

    def uniforms(*shape: int) -> FloatArray:
        return np.stack([rng.random(shape) for rng in generators])

    points = lower + uniforms(size, dimensions) * span  # (S, NP, D)
    objective, violation = ledger.evaluate(points)
    row = np.arange(runs)[:, None]
    component = np.arange(dimensions)
    while ledger.remaining:
        # Columns: three indices, one sure component, crossover and redraws a component.
        draws = uniforms(size, 4 + 2 * dimensions)
        a, b, c = _three_others(np.moveaxis(draws[:, :, :3], 2, 0))
        sure = (draws[:, :, 3] * dimensions).astype(np.int64)
        chance, redraw = draws[:, :, 4 : 4 + dimensions], draws[:, :, 4 + dimensions :]

        base = c if settings.strategy == "rand1bin" else best_of(objective, violation)[:, None]
        mutant = points[row, base] + settings.weight * (points[row, a] - points[row, b])
        outside = (mutant < lower) | (mutant > task.upper)
        mutant = np.where(outside, lower + redraw * span, mutant)
        crossed = (chance < settings.crossover) | (component == sure[:, :, None])
        trial = np.where(crossed, mutant, points)

        trial_objective, trial_violation = ledger.evaluate(trial)
        # An equal trial replaces its parent (Storn and Price, eq. 6), so that plateaus drift.
        wins = ~better(objective, violation, trial_objective, trial_violation)
        wins &= np.isfinite(trial_violation)
        points = np.where(wins[:, :, None], trial, points)
        objective = np.where(wins, trial_objective, objective)
        violation = np.where(wins, trial_violation, violation)
    return ledger.close()
