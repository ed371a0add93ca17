"""Uniform points in the box: what any optimiser must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.parameters import RandomSearchSettings
from fairtrial.optimizers.task import Run, Task

_BATCH = 256  # points a run and call; numpy's overhead is spread, memory stays small


def minimise(
    task: Task, settings: RandomSearchSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """Spend the budget on independent uniform points. Arguments as in `Optimizer`."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    ledger = Ledger(task, budget, len(seeds))
    span = task.upper - task.lower
    while ledger.remaining:
        uniform = np.stack([rng.random((_BATCH, task.dimensions)) for rng in generators])
        ledger.evaluate(task.lower + uniform * span)
    return ledger.close()
