"""Objective and constraints of a task for solvers that ask for them one by one, all counted."""

from __future__ import annotations

import numpy as np

from fairtrial.optimizers.budget import BudgetSpent, Ledger
from fairtrial.optimizers.task import FloatArray, Task, Transform

_STEP = float(np.sqrt(np.finfo(np.float64).eps))


class Counted:
    """Objective, constraints and their slopes at one point, each point evaluated once."""

    def __init__(self, task: Task, ledger: Ledger) -> None:
        if task.excess is None:
            raise TypeError("a task that tells its constraints one by one")
        self._task, self._ledger = task, ledger
        self._excess: Transform = task.excess
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
        slopes = (self._measure(moved) - base) / step[:, None]
        # scipy's SLSQP reads a row as if its numbers lay side by side.
        return np.ascontiguousarray(slopes.T)
