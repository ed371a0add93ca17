"""Searches of scipy that see one number a point: evolution, annealing, rectangles.

Sources: Storn and Price 1997, doi:10.1023/A:1008202821328; Xiang et al. 1997,
doi:10.1016/S0375-9601(97)00474-X; Jones et al. 1993, doi:10.1007/BF00941892.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import Bounds, differential_evolution, direct, dual_annealing

from fairtrial.optimizers.budget import BudgetSpent, Ledger
from fairtrial.optimizers.constraints import Handling, one_number
from fairtrial.optimizers.parameters import (
    DirectSettings,
    DualAnnealingSettings,
    FixedConstraintSettings,
    ScipyDifferentialEvolutionSettings,
)
from fairtrial.optimizers.task import FloatArray, Run, Task


class _Numbers:
    """A task as a function of points (P, D) to numbers (P,), each counted."""

    def __init__(self, task: Task, settings: FixedConstraintSettings, budget: int) -> None:
        self._handling = Handling(settings, budget)
        self.ledger = Ledger(task, budget, 1)

    def __call__(self, points: FloatArray) -> FloatArray:
        short = self.ledger.remaining < len(points)
        _, objective, violation = self.ledger.evaluate(points[None])
        if short:
            raise BudgetSpent
        seen = self._handling.view(objective, self._handling.total(violation))
        numbers: FloatArray = one_number(*seen)[0]
        return numbers

    def at(self, point: FloatArray) -> float:
        """The number of a single point (D,)."""
        return float(self(point[None])[0])


def _run(
    task: Task,
    settings: FixedConstraintSettings,
    budget: int,
    search: Callable[[_Numbers, Bounds], Any],
) -> Run:
    numbers = _Numbers(task, settings, budget)
    note = ""
    with suppress(BudgetSpent):  # the usual end
        note = str(search(numbers, Bounds(task.lower, task.upper)).message)
    return replace(numbers.ledger.close()[0], note=note)


def evolve(
    task: Task, settings: ScipyDifferentialEvolutionSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """scipy's differential evolution. Arguments as in `Optimizer`.

    A run ends before its budget where all its candidates are alike.
    """

    def search(numbers: _Numbers, bounds: Bounds, seed: int) -> Any:
        generator = np.random.default_rng(seed)
        places = generator.random((settings.population, task.dimensions))
        return differential_evolution(
            lambda columns: numbers(columns.T),
            bounds,
            strategy=settings.strategy,
            init=task.lower + places * (task.upper - task.lower),
            mutation=settings.weight,
            recombination=settings.crossover,
            maxiter=budget,
            tol=0.0,
            polish=False,
            updating="deferred",
            vectorized=True,
            rng=generator,
        )

    return [_run(task, settings, budget, partial(search, seed=seed)) for seed in seeds]


def anneal(
    task: Task, settings: DualAnnealingSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """scipy's dual annealing. Arguments as in `Optimizer`."""

    def search(numbers: _Numbers, bounds: Bounds, seed: int) -> Any:
        return dual_annealing(
            numbers.at,
            bounds,
            maxiter=budget,
            maxfun=budget + 1,
            no_local_search=not settings.local_search,
            rng=np.random.default_rng(seed),
        )

    return [_run(task, settings, budget, partial(search, seed=seed)) for seed in seeds]


def divide_rectangles(
    task: Task, settings: DirectSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """scipy's DIRECT, run once. Arguments as in `Optimizer`; seeds make no difference."""
    run = _run(
        task,
        settings,
        budget,
        lambda numbers, bounds: direct(
            numbers.at,
            bounds,
            maxfun=budget,
            maxiter=budget,
            locally_biased=settings.locally_biased,
            vol_tol=0.0,
            len_tol=0.0,
        ),
    )
    return [run for _ in seeds]
