"""The ledger: every evaluation passes through it, is counted, and none comes after the last.

One evaluation is one point's objective and constraints together. Points tried for a finite
difference are points like any other.
"""

from __future__ import annotations

import numpy as np

from fairtrial.optimizers.task import BoolArray, FloatArray, IntArray, Run, Task


class BudgetSpent(Exception):  # noqa: N818 - a signal that ends a run, not a failure
    """There is no evaluation left."""


def better(
    objective: FloatArray,
    violation: FloatArray,
    than_objective: FloatArray,
    than_violation: FloatArray,
) -> BoolArray:
    """Deb's feasibility rules, elementwise and strict.

    Less violation wins; of two points with the same violation (two feasible ones, as a rule) the
    lower objective wins. Source: Deb 2000, doi:10.1016/S0045-7825(99)00389-8, section 3.
    """
    equal = violation == than_violation
    less = violation < than_violation
    wins: BoolArray = less | (equal & (objective < than_objective))
    return wins


def best_of(objective: FloatArray, violation: FloatArray) -> IntArray:
    """Index (S,) of the best of (S, P) by the rules of `better`, the first of equals."""
    best: IntArray = np.lexsort((objective, violation), axis=1)[:, 0]
    return best


class Ledger:
    """Counts evaluations of runs in lock-step and keeps each run's improvements.

    Args:
        task: what is minimised.
        budget: evaluations allowed to each run.
        runs: S, the number of runs.
    """

    def __init__(self, task: Task, budget: int, runs: int) -> None:
        self._task = task
        self._budget = budget
        self._used = 0
        self._objective = np.full(runs, np.inf)
        self._violation = np.full(runs, np.inf)
        self._found: list[list[tuple[int, float, float, FloatArray]]] = [[] for _ in range(runs)]

    @property
    def remaining(self) -> int:
        """Evaluations left to each run."""
        return self._budget - self._used

    def best_point(self, run: int) -> FloatArray | None:
        """(D,) best point of ``run`` so far, repaired; none before the first evaluation."""
        return self._found[run][-1][3] if self._found[run] else None

    def evaluate(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Evaluate ``points`` (S, P, D), in the order of P within each run.

        When fewer than P evaluations are left, only the first ones are evaluated; the others come
        back as infinitely bad. A value that is no finite number counts as infinitely bad too.

        Returns:
            objective (S, P) and violation (S, P).

        Raises:
            BudgetSpent: no evaluation was left.
        """
        runs, asked, dimensions = points.shape
        count = min(asked, self.remaining)
        if count < 1:
            raise BudgetSpent
        flat = np.ascontiguousarray(points[:, :count]).reshape(-1, dimensions)
        if self._task.repair is not None:
            flat = self._task.repair(flat)
        values, violations = self._task.evaluate(flat)
        broken = ~(np.isfinite(values) & np.isfinite(violations))
        objective = np.full((runs, asked), np.inf)
        violation = np.full((runs, asked), np.inf)
        objective[:, :count] = np.where(broken, np.inf, values).reshape(runs, count)
        violation[:, :count] = np.where(broken, np.inf, violations).reshape(runs, count)
        self._keep(objective, violation, flat.reshape(runs, count, dimensions))
        self._used += count
        return objective, violation

    def spend(self, count: int) -> None:
        """Charge ``count`` evaluations for work that stands in for them, such as a gradient.

        Raises:
            BudgetSpent: fewer were left; the budget is then used up.
        """
        short = self.remaining < count
        self._used = min(self._used + count, self._budget)
        if short:
            raise BudgetSpent

    def _keep(self, objective: FloatArray, violation: FloatArray, points: FloatArray) -> None:
        improves = better(objective, violation, self._objective[:, None], self._violation[:, None])
        for run in np.flatnonzero(improves.any(axis=1)):
            value, excess = self._objective[run], self._violation[run]
            for index in np.flatnonzero(improves[run]):
                new, new_excess = objective[run, index], violation[run, index]
                if new_excess < excess or (new_excess == excess and new < value):
                    value, excess = new, new_excess
                    self._found[run].append(
                        (self._used + int(index) + 1, value, excess, points[run, index].copy())
                    )
            self._objective[run], self._violation[run] = value, excess

    def close(self) -> list[Run]:
        """The runs as they stand."""
        dimensions = self._task.dimensions
        return [
            Run(
                evaluation=np.array([row[0] for row in found], dtype=np.int64),
                objective=np.array([row[1] for row in found], dtype=np.float64),
                violation=np.array([row[2] for row in found], dtype=np.float64),
                point=np.array([row[3] for row in found]).reshape(-1, dimensions),
                evaluations=self._used,
            )
            for found in self._found
        ]
