"""Genetic algorithm, particle swarm and NSGA-II of pymoo.

Sources: Blank and Deb 2020, doi:10.1109/ACCESS.2020.2990567; NSGA-II, Deb et al. 2002,
doi:10.1109/4235.996017.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.algorithms.soo.nonconvex.pso import PSO
from pymoo.config import Config
from pymoo.core.problem import Problem
from pymoo.core.termination import NoTermination

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.constraints import Handling
from fairtrial.optimizers.parameters import (
    FixedConstraintSettings,
    Nsga2Settings,
    PymooGaSettings,
    PymooPsoSettings,
)
from fairtrial.optimizers.search import run_each
from fairtrial.optimizers.task import FloatArray, Run, Task, Transform

# It would print a hint on compiled modules.
Config.warnings["not_compiled"] = False

# pymoo sorts and scales values, which infinity would spoil.
_WORST = 1e50


class PymooSearch:
    """One run, as a `fairtrial.optimizers.search.Search`.

    Args:
        lower, upper: (D,) the box.
        settings: of the constraints.
        budget: evaluations of the run.
        seeds: the run's own.
        algorithm: a fresh algorithm of pymoo.
        objectives: how many there are.
    """

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: FixedConstraintSettings,
        budget: int,
        seeds: Sequence[int],
        algorithm: Callable[[], Any],
        objectives: int = 1,
    ) -> None:
        self._handling = Handling(settings, budget)
        problem = Problem(n_var=lower.size, n_obj=objectives, n_ieq_constr=1, xl=lower, xu=upper)
        self.algorithm = algorithm()
        self.algorithm.setup(problem, termination=NoTermination(), seed=seeds[0])
        self._asked: Any = None

    def ask(self) -> FloatArray:
        """A generation."""
        self._asked = self.algorithm.ask()
        points: FloatArray = self._asked.get("X").astype(np.float64)
        return points[None]

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Its values."""
        self.tell_all(objective[0][:, None], violation)

    def tell_all(self, objectives: FloatArray, violation: FloatArray) -> None:
        """Values (P, K) of K objectives, and violation (1, P, M)."""
        total = self._handling.total(violation)
        views = [self._handling.view(column[None], total) for column in objectives.T]
        values = np.column_stack([view[0][0] for view in views])
        self._asked.set("F", np.clip(values, -_WORST, _WORST))
        self._asked.set("G", np.minimum(views[0][1].T, _WORST))
        self.algorithm.tell(infills=self._asked)


def genetic(task: Task, settings: PymooGaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """pymoo's genetic algorithm once for each seed. Arguments as in `Optimizer`."""
    # Looking for duplicates would end a run that has converged.
    algorithm = partial(GA, pop_size=settings.population, eliminate_duplicates=False)
    return run_each(partial(PymooSearch, algorithm=algorithm), task, settings, budget, seeds)


def swarm(task: Task, settings: PymooPsoSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """pymoo's particle swarm once for each seed. Arguments as in `Optimizer`."""
    algorithm = partial(PSO, pop_size=settings.population)
    return run_each(partial(PymooSearch, algorithm=algorithm), task, settings, budget, seeds)


def front(task: Task, settings: Nsga2Settings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """NSGA-II once for each seed. Arguments as in `Optimizer`.

    The record of a run is that of its first objective; its last front of feasible points stands
    in ``extra`` as ``front_point`` (K, D), repaired, and ``front_objective`` (K, 2), in the order
    of the first objective.

    Raises:
        ConfigError: the task has a single objective.
    """
    if task.objectives is None:
        raise ConfigError(
            "optimizer: nsga2",
            "a problem with two objectives",
            "one with a single objective",
            "State a second one, or use pymoo_ga.",
        )
    return [_front(task, task.objectives, settings, budget, seed) for seed in seeds]


def _front(
    task: Task, objectives: Transform, settings: Nsga2Settings, budget: int, seed: int
) -> Run:
    algorithm = partial(NSGA2, pop_size=settings.population, eliminate_duplicates=False)
    search = PymooSearch(task.lower, task.upper, settings, budget, [seed], algorithm, 2)
    ledger = Ledger(task, budget, 1)
    while ledger.remaining:
        points, first, violation = ledger.evaluate(search.ask())
        both = objectives(points[0])
        known = np.isfinite(both).all(axis=1) & np.isfinite(first[0])
        search.tell_all(np.where(known[:, None], both, np.inf), violation)
    best = search.algorithm.opt
    kept = best[(best.get("G")[:, 0] <= 0) & (best.get("F") < _WORST).all(axis=1)]
    points = kept.get("X").astype(np.float64).reshape(-1, task.dimensions)
    if task.repair is not None:
        points = task.repair(points)
    values = objectives(points)
    order = np.lexsort((values[:, 1], values[:, 0]))
    extra = {"front_point": points[order], "front_objective": values[order]}
    return replace(ledger.close()[0], extra=extra)
