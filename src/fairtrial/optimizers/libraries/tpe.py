"""Tree-structured Parzen estimator by the library `optuna`, one point at a time.

Source: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", section 4. Infeasible
points rank behind feasible ones, by their violation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.constraints import Handling
from fairtrial.optimizers.parameters import TpeSettings
from fairtrial.optimizers.search import run_each
from fairtrial.optimizers.task import FloatArray, Run, Task

# optuna takes the seeds of numpy's old generator.
_SEEDS = 2**32


class TreeParzen:
    """One run, as a `fairtrial.optimizers.search.Search`; arguments as those of the others."""

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: TpeSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._span = lower, upper - lower
        self._handling = Handling(settings, budget)
        sampler = optuna.samplers.TPESampler(
            seed=int(np.random.SeedSequence(seeds[0]).generate_state(1)[0]) % _SEEDS,
            n_startup_trials=settings.startup,
            n_ei_candidates=settings.candidates,
            multivariate=settings.multivariate,
        )
        self._study = optuna.create_study(sampler=sampler)
        unit = optuna.distributions.FloatDistribution(0.0, 1.0)
        self._space: dict[str, optuna.distributions.BaseDistribution] = {
            f"x{index:04d}": unit for index in range(lower.size)
        }
        self._trial: optuna.Trial | None = None

    def ask(self) -> FloatArray:
        """One point."""
        self._trial = self._study.ask(self._space)
        place = np.array([self._trial.params[name] for name in self._space])
        point: FloatArray = self._lower + place * self._span
        return point[None, None]

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Its value, and its violation as a constraint."""
        if self._trial is None:
            raise TypeError("a value was told before a point was asked for")
        seen = self._handling.view(objective, self._handling.total(violation))
        self._trial.set_constraint("violation", float(seen[1][0, 0]))
        self._study.tell(self._trial, float(seen[0][0, 0]))


def minimise(task: Task, settings: TpeSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """TPE once for each seed. Arguments as in `Optimizer`.

    Raises:
        ConfigError: the budget is larger than ``TpeSettings.largest_budget``.
    """
    if budget > settings.largest_budget:
        raise ConfigError(
            "optimizer: tpe",
            f"a budget of at most {settings.largest_budget} evaluations, as the time of a step "
            "grows with those before it",
            budget,
            "Lower the budget, or leave tpe out.",
        )
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return run_each(TreeParzen, task, settings, budget, seeds)
    finally:
        optuna.logging.set_verbosity(before)
