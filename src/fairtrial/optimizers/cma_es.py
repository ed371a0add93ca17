"""CMA-ES by the library `cma`, restarted with a doubled population until the budget is spent.

Source: Hansen and Ostermeier 2001, doi:10.1162/106365601750190398; the restarts are those of Auger
and Hansen 2005, doi:10.1109/CEC.2005.1554902 (IPOP). It looks at the order of points alone, so
constraints enter through Deb's order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import cma  # type: ignore[import-untyped]  # it ships no types
import numpy as np

from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.parameters import CmaEsSettings
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


def _strategies(
    dimensions: int, settings: CmaEsSettings, rng: np.random.Generator
) -> Iterator[Any]:
    """One strategy in the unit box after the other: from the middle, then from random points."""
    start = np.full(dimensions, 0.5)
    population = settings.population or 4 + int(3 * np.log(dimensions))  # Hansen 2016, eq. 48
    while True:
        options = {
            **_NO_VALUE_STOPS,
            "bounds": [0.0, 1.0],
            "popsize": population,
            # Its own seeding is numpy's global one. It is left alone: all normals come from here.
            "seed": np.nan,
            "randn": lambda count, size: rng.standard_normal((count, size)),
            "verbose": -10,
            "verb_log": 0,
        }
        yield cma.CMAEvolutionStrategy(start, settings.step, options)
        start, population = rng.random(dimensions), 2 * population


def _run(task: Task, settings: CmaEsSettings, budget: int, seed: int) -> Run:
    ledger = Ledger(task, budget, 1)
    span = task.upper - task.lower
    strategies = _strategies(task.dimensions, settings, np.random.default_rng(seed))
    while ledger.remaining:
        strategy = next(strategies)
        while ledger.remaining and not strategy.stop():
            asked = strategy.ask()
            # Rounding may leave the box by a bit, which a task need not accept.
            points = np.clip(task.lower + np.stack(asked) * span, task.lower, task.upper)
            objective, violation = ledger.evaluate(points[None])
            strategy.tell(asked, dense_ranks(objective[0], violation[0]))
    return ledger.close()[0]


def minimise(task: Task, settings: CmaEsSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """CMA-ES once for each seed. Arguments as in `Optimizer`."""
    return [_run(task, settings, budget, seed) for seed in seeds]
