"""CMA-ES by the library `cma`, restarted with a doubled population until the budget is spent.

Source: Hansen and Ostermeier 2001, doi:10.1162/106365601750190398; the restarts are those of Auger
and Hansen 2005, doi:10.1109/CEC.2005.1554902 (IPOP). It looks at the order of points alone, so
constraints enter through the order of `fairtrial.optimizers.constraints`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cma  # type: ignore[import-untyped]  # it ships no types
import numpy as np

from fairtrial.optimizers.constraints import Handling
from fairtrial.optimizers.parameters import CmaEsSettings
from fairtrial.optimizers.search import run_each
from fairtrial.optimizers.task import FloatArray, Run, Task

# Stops that compare values mean nothing for ranks; those that look at the search itself remain.
_NO_VALUE_STOPS = {
    "tolfun": -1,
    "tolfunhist": -1,
    "tolfunrel": -1,
    "tolflatfitness": np.inf,
    "tolstagnation": np.inf,
    "maxiter": np.inf,
}


def dense_ranks(objective: FloatArray, violation: FloatArray) -> FloatArray:
    """Place (P,) of each point by Deb's rules, 0 the best; equal points share one."""
    pairs = np.stack([violation, objective], axis=1)
    _, place = np.unique(pairs, axis=0, return_inverse=True)
    return place.ravel().astype(np.float64)


class CmaEs:
    """One run, as a `fairtrial.optimizers.search.Search`.

    Args:
        lower, upper: (D,) the box.
        settings: population and step.
        budget: evaluations of the run.
        seeds: the run's own.
    """

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: CmaEsSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._span, self._settings = lower, upper - lower, settings
        self._handling = Handling(settings, budget)
        self._generator = np.random.default_rng(seeds[0])
        default = 4 + int(3 * np.log(lower.size))  # Hansen 2016, eq. 48
        self._population = settings.population or default
        self._strategy = self._strategy_from(np.full(lower.size, 0.5))
        self._asked: list[FloatArray] = []

    def ask(self) -> FloatArray:
        """A generation; after convergence that of a new strategy from a random point."""
        if self._strategy.stop():
            self._population *= 2
            self._strategy = self._strategy_from(self._generator.random(self._lower.size))
        self._asked = self._strategy.ask()
        points: FloatArray = self._lower + np.stack(self._asked) * self._span
        return points[None]

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Move the strategy by the places of its points."""
        seen = self._handling.view(objective, self._handling.total(violation))
        self._strategy.tell(self._asked, dense_ranks(seen[0][0], seen[1][0]))

    def _strategy_from(self, start: FloatArray) -> Any:
        """A strategy in the unit box."""
        options = {
            **_NO_VALUE_STOPS,
            "bounds": [0.0, 1.0],
            "popsize": self._population,
            # Its own seeding is numpy's global one. It is left alone: all normals come from here.
            "seed": np.nan,
            "randn": lambda count, size: self._generator.standard_normal((count, size)),
            "verbose": -10,
            "verb_log": 0,
        }
        return cma.CMAEvolutionStrategy(start, self._settings.step, options)


def minimise(task: Task, settings: CmaEsSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """CMA-ES once for each seed. Arguments as in `Optimizer`."""
    return run_each(CmaEs, task, settings, budget, seeds)
