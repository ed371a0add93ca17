"""Sequential quadratic programming from several starts, every point counted.

Source: Kraft 1988, DFVLR-FB 88-28, in scipy's implementation. A gradient costs D evaluations:
the D points of forward differences where the task has no exact one, and as many charged where it
has, so that no method is given anything. The repair is left out: the method sees each constraint
by itself, equalities included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.budget import BudgetSpent, Ledger
from fairtrial.optimizers.parameters import SlsqpSettings
from fairtrial.optimizers.task import FloatArray, Run, Task, Transform

_STEP = float(np.sqrt(np.finfo(np.float64).eps))


class _Counted:
    """Objective, constraints and their slopes at one point, each point evaluated once."""

    def __init__(self, task: Task, excess: Transform, ledger: Ledger) -> None:
        self._task, self._excess, self._ledger = task, excess, ledger
        self._at: FloatArray | None = None
        self._values = np.empty(0)
        self._slopes_at: FloatArray | None = None
        self._slopes = np.empty((0, 0))

    def _measure(self, points: FloatArray) -> FloatArray:
        """(N, 1 + M): objective and excesses. Together they are one evaluation a point."""
        short = self._ledger.remaining < len(points)
        objective = self._ledger.evaluate(points[None]).objective
        if short:
            raise BudgetSpent
        return np.column_stack([objective[0], self._excess(points)])

    def values(self, x: FloatArray) -> FloatArray:
        """(1 + M,) at ``x``."""
        if self._at is None or not np.array_equal(self._at, x):
            self._values = self._measure(x[None])[0]
            self._at = x.copy()
        return self._values

    def slopes(self, x: FloatArray) -> FloatArray:
        """(1 + M, D) at ``x``."""
        if self._slopes_at is None or not np.array_equal(self._slopes_at, x):
            exact = self._task.slopes
            if exact is None:
                self._slopes = self._differences(x)
            else:
                self._ledger.spend(x.size)
                self._slopes = exact(x[None])[0]
            self._slopes_at = x.copy()
        return self._slopes

    def _differences(self, x: FloatArray) -> FloatArray:
        step = _STEP * np.maximum(1.0, np.abs(x))
        step = np.where(x + step > self._task.upper, -step, step)
        moved = x + np.diag(step)
        step = np.diagonal(moved) - x  # what the addition really did
        base = self.values(x)
        return ((self._measure(moved) - base) / step[:, None]).T


def _constraints(task: Task, counted: _Counted) -> list[dict[str, object]]:
    equal = task.equalities
    if equal is None or not equal.size:
        return []
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


def minimise(task: Task, settings: SlsqpSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """SLSQP from the box's centre, then from uniform points. Arguments as in `Optimizer`.

    Raises:
        ConfigError: the task does not tell its constraints one by one.
    """
    if task.excess is None or task.equalities is None:
        raise ConfigError(
            "optimizer: slsqp",
            "a task that tells its constraints one by one",
            "only a total violation",
            "Use a population method, such as differential_evolution.",
        )
    return [_run(task, task.excess, settings, budget, seed) for seed in seeds]


def _run(task: Task, excess: Transform, settings: SlsqpSettings, budget: int, seed: int) -> Run:
    rng = np.random.default_rng(seed)
    span = task.upper - task.lower
    ledger = Ledger(replace(task, repair=None), budget, 1)
    ends: list[str] = []
    for start in range(settings.starts):
        share = np.full(span.size, 0.5) if start == 0 else rng.random(span.size)
        counted = _Counted(task, excess, ledger)
        try:
            end = minimize(
                lambda x, c=counted: c.values(x)[0],
                task.lower + share * span,
                jac=lambda x, c=counted: c.slopes(x)[0],
                bounds=list(zip(task.lower, task.upper, strict=True)),
                constraints=_constraints(task, counted),
                method="SLSQP",
                options={"maxiter": budget, "ftol": settings.accuracy},
            )
        except BudgetSpent:
            ends.append("budget spent")
            break
        ends.append(str(end.message))
    return replace(ledger.close()[0], note=f"{len(ends)} starts; the last: {ends[-1]}")
