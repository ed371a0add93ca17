"""Uniform points in the box: what any optimiser must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.parameters import RandomSearchSettings
from fairtrial.optimizers.search import run_search
from fairtrial.optimizers.task import FloatArray, Run, Task

_BATCH = 256  # points a run and call; numpy's overhead is spread, memory stays small


class RandomSearch:
    """A `fairtrial.optimizers.search.Search`; arguments as those of the others."""

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: RandomSearchSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._span = lower, upper - lower
        self._generators = [np.random.default_rng(seed) for seed in seeds]

    def ask(self) -> FloatArray:
        """Points that know nothing of each other."""
        shape = (_BATCH, self._lower.size)
        uniform = np.stack([generator.random(shape) for generator in self._generators])
        points: FloatArray = self._lower + uniform * self._span
        return points

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Nothing is learnt."""


def minimise(
    task: Task, settings: RandomSearchSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """Spend the budget on independent uniform points. Arguments as in `Optimizer`."""
    search = RandomSearch(task.lower, task.upper, settings, budget, seeds)
    return run_search(search, task, budget, len(seeds))
