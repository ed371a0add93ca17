"""Tree-structured Parzen estimator by the library `optuna`, one point at a time.

Source: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", section 4. Infeasible
points rank behind feasible ones, by their violation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import optuna

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.parameters import TpeSettings
from fairtrial.optimizers.task import Run, Task

# optuna takes the seeds of numpy's old generator.
_SEEDS = 2**32


def _run(task: Task, settings: TpeSettings, budget: int, seed: int) -> Run:
    sampler = optuna.samplers.TPESampler(
        seed=int(np.random.SeedSequence(seed).generate_state(1)[0]) % _SEEDS,
        n_startup_trials=settings.startup,
        n_ei_candidates=settings.candidates,
        multivariate=settings.multivariate,
    )
    study = optuna.create_study(sampler=sampler)
    unit = optuna.distributions.FloatDistribution(0.0, 1.0)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        f"x{index:04d}": unit for index in range(task.dimensions)
    }
    span = task.upper - task.lower
    ledger = Ledger(task, budget, 1)
    while ledger.remaining:
        trial = study.ask(space)
        place = np.array([trial.params[name] for name in space])
        objective, violation = ledger.evaluate((task.lower + place * span)[None, None])
        trial.set_constraint("violation", float(violation[0, 0]))
        study.tell(trial, float(objective[0, 0]))
    return ledger.close()[0]


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
        return [_run(task, settings, budget, seed) for seed in seeds]
    finally:
        optuna.logging.set_verbosity(before)
