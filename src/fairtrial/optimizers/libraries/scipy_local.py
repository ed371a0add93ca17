"""Local solvers of scipy from several starts, every point counted.

Sources: SLSQP, Kraft 1988, DFVLR-FB 88-28; COBYQA, Ragonneau 2022, doi:10.25740/xq334rv0797;
trust-constr, Byrd et al. 1999, doi:10.1137/S1052623497325107.

A gradient costs D evaluations: the D points of forward differences where the task has no exact
one, and as many charged where it has, so that no method is given anything. The repair is left
out: the methods see each constraint by itself, equalities included.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import BFGS, Bounds, NonlinearConstraint, minimize

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.budget import BudgetSpent, Ledger
from fairtrial.optimizers.libraries.counted import Counted
from fairtrial.optimizers.parameters import (
    CobyqaSettings,
    LocalSettings,
    SlsqpSettings,
    TrustConstrSettings,
)
from fairtrial.optimizers.task import BoolArray, FloatArray, Run, Task

# From what is asked and the starting point, to scipy's result.
Solve = Callable[[Counted, FloatArray], Any]


def slsqp(task: Task, settings: SlsqpSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """Sequential quadratic programming. Arguments as in `Optimizer`; raises as `_runs`."""

    def solve(counted: Counted, start: FloatArray) -> Any:
        return minimize(
            lambda x: counted.values(x)[0],
            start,
            jac=lambda x: counted.slopes(x)[0],
            bounds=Bounds(task.lower, task.upper),
            constraints=_one_sided(_equalities(task, "slsqp"), counted),
            method="SLSQP",
            options={"maxiter": budget, "ftol": settings.accuracy},
        )

    return _runs("slsqp", task, settings, budget, seeds, solve)


def cobyqa(task: Task, settings: CobyqaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """Models without derivatives. Arguments as in `Optimizer`; raises as `_runs`.

    Variables are shares of the box, so that a radius means the same for each.
    """
    span = task.upper - task.lower

    def solve(counted: Counted, start: FloatArray) -> Any:
        def point(share: FloatArray) -> FloatArray:
            inside: FloatArray = np.clip(task.lower + share * span, task.lower, task.upper)
            return inside

        equal = _equalities(task, "cobyqa")
        limits = NonlinearConstraint(
            lambda share: counted.values(point(share))[1:], np.where(equal, 0.0, -np.inf), 0.0
        )
        return minimize(
            lambda share: counted.values(point(share))[0],
            (start - task.lower) / span,
            bounds=Bounds(np.zeros(span.size), np.ones(span.size)),
            constraints=limits if equal.size else (),
            method="COBYQA",
            options={
                "maxiter": budget,
                "maxfev": budget + 1,
                "initial_tr_radius": settings.first_radius,
                "final_tr_radius": min(settings.accuracy, settings.first_radius),
            },
        )

    return _runs("cobyqa", task, settings, budget, seeds, solve)


def trust_constr(
    task: Task, settings: TrustConstrSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """Interior points in a trust region. Arguments as in `Optimizer`; raises as `_runs`."""

    def solve(counted: Counted, start: FloatArray) -> Any:
        equal = _equalities(task, "trust_constr")
        limits = NonlinearConstraint(
            lambda x: counted.values(x)[1:],
            np.where(equal, 0.0, -np.inf),
            0.0,
            jac=lambda x: counted.slopes(x)[1:],
            hess=BFGS(),
        )
        with warnings.catch_warnings():
            # Of a linear function or a repeated point; the model of curvature just stays as it is.
            warnings.filterwarnings("ignore", message="delta_grad == 0.0")
            warnings.filterwarnings("ignore", message="Singular Jacobian matrix")
            return minimize(
                lambda x: counted.values(x)[0],
                start,
                jac=lambda x: counted.slopes(x)[0],
                hess=BFGS(),
                bounds=Bounds(task.lower, task.upper, keep_feasible=True),
                constraints=limits if equal.size else (),
                method="trust-constr",
                options={
                    "maxiter": budget,
                    "gtol": settings.accuracy,
                    "xtol": 1e-12,
                    "barrier_tol": settings.accuracy,
                },
            )

    return _runs("trust_constr", task, settings, budget, seeds, solve)


def _one_sided(equal: BoolArray, counted: Counted) -> list[dict[str, object]]:
    # scipy keeps "ineq" where the value is not negative: the opposite of an excess.
    parts = [("eq", np.flatnonzero(equal), 1.0), ("ineq", np.flatnonzero(~equal), -1.0)]
    return [
        {
            "type": kind,
            "fun": lambda x, c=columns, s=sign: s * counted.values(x)[1 + c],
            "jac": lambda x, c=columns, s=sign: s * counted.slopes(x)[1 + c],
        }
        for kind, columns, sign in parts
        if columns.size
    ]


def _equalities(task: Task, name: str) -> BoolArray:
    if task.excess is None or task.equalities is None:
        raise ConfigError(
            f"optimizer: {name}",
            "a task that tells its constraints one by one",
            "only a total violation",
            "Use a population method, such as differential_evolution.",
        )
    return task.equalities


def _runs(
    name: str, task: Task, settings: LocalSettings, budget: int, seeds: Sequence[int], solve: Solve
) -> list[Run]:
    """From the box's centre, then from uniform points, once for each seed.

    Raises:
        ConfigError: the task does not tell its constraints one by one.
    """
    _equalities(task, name)
    return [_run(task, settings, budget, seed, solve) for seed in seeds]


def _run(task: Task, settings: LocalSettings, budget: int, seed: int, solve: Solve) -> Run:
    rng = np.random.default_rng(seed)
    span = task.upper - task.lower
    ledger = Ledger(replace(task, repair=None), budget, 1)
    ends: list[str] = []
    for start in range(settings.starts):
        share = np.full(span.size, 0.5) if start == 0 else rng.random(span.size)
        try:
            end = solve(Counted(task, ledger), task.lower + share * span)
        except BudgetSpent:
            ends.append("budget spent")
            break
        ends.append(str(end.message))
    return replace(ledger.close()[0], note=f"{len(ends)} starts; the last: {ends[-1]}")
