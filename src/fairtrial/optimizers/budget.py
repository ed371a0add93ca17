"""The ledger: every evaluation passes through it, is counted, and none comes after the last.

One evaluation is one point's objective and constraints together. Points tried for a finite
difference are points like any other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fairtrial.core.errors import FairtrialError, TrialError
from fairtrial.optimizers.constraints import better, norm
from fairtrial.optimizers.task import FloatArray, Run, Task


class BudgetSpent(Exception):  # noqa: N818 - a signal that ends a run, not a failure
    """There is no evaluation left."""


class Evaluated(NamedTuple):
    """What became of a batch.

    Args:
        points: (S, P, D) as evaluated, after the repair.
        objective: (S, P), infinite where there is no number.
        violation: (S, P, M), infinite where there is no number.
    """

    points: FloatArray
    objective: FloatArray
    violation: FloatArray


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

    def evaluate(self, points: FloatArray) -> Evaluated:
        """Evaluate ``points`` (S, P, D) of the box, in the order of P within each run.

        When fewer than P evaluations are left, only the first ones are evaluated; the others come
        back as infinitely bad. A value that is no finite number counts as infinitely bad too.

        Raises:
            BudgetSpent: no evaluation was left.
            TrialError: the task's function failed, or gave values of another shape.
        """
        runs, asked, dimensions = points.shape
        count = min(asked, self.remaining)
        if count < 1:
            raise BudgetSpent
        flat, values, violations = self._values(points[:, :count].reshape(-1, dimensions))
        shaped = flat.reshape(runs, count, dimensions)
        objective = values.reshape(runs, count)
        violation = violations.reshape(runs, count, violations.shape[1])
        total = norm(violation)
        broken = ~(np.isfinite(objective) & np.isfinite(total))
        if broken.any():
            objective = np.where(broken, np.inf, objective)
            violation = np.where(broken[:, :, None], np.inf, violation)
            total = np.where(broken, np.inf, total)
        self._keep(objective, total, shaped)
        self._used += count
        if count == asked:
            return Evaluated(shaped, objective, violation)
        full = Evaluated(
            points.copy(),
            np.full((runs, asked), np.inf),
            np.full((runs, asked, violation.shape[2]), np.inf),
        )
        full.points[:, :count] = shaped
        full.objective[:, :count] = objective
        full.violation[:, :count] = violation
        return full

    def spend(self, count: int) -> None:
        """Charge ``count`` evaluations for work that stands in for them, such as a gradient.

        Raises:
            BudgetSpent: fewer were left; the budget is then used up.
        """
        short = self.remaining < count
        self._used = min(self._used + count, self._budget)
        if short:
            raise BudgetSpent

    def _values(self, flat: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Points (N, D) as evaluated, objective (N,) and violation (N, M)."""
        # Rounding may leave the box by a bit, which a task need not accept.
        flat = np.maximum(flat, self._task.lower)
        np.minimum(flat, self._task.upper, out=flat)
        if self._task.repair is not None:
            flat = self._task.repair(flat)
        try:
            values, violations = self._task.evaluate(flat)
        except FairtrialError:
            raise
        except Exception as error:
            raise TrialError(
                "the function that is minimised",
                "values for any points in its box",
                f"{type(error).__name__}: {error}",
                "Mend the function; a point without a value may give NaN.",
            ) from error
        if values.shape != flat.shape[:1] or violations.shape[:1] != flat.shape[:1]:
            raise TrialError(
                "the function that is minimised",
                f"{len(flat)} objectives and violations for as many points",
                f"shapes {values.shape} and {violations.shape}",
                "Return arrays of shape (N,), or (N, M) for M constraints.",
            )
        return flat, values, violations if violations.ndim == 2 else violations[:, None]

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
