"""How constraints enter a search: feasibility rules, a falling epsilon, or a penalty.

All three change what a search sees of a point, never what is recorded: a pair (objective,
violation) becomes another pair, and pairs are ordered by Deb's rules (`better`). Where the search
knows several constraints, each violation can first be divided by its largest in the first batch.
"""

from __future__ import annotations

import numpy as np

from fairtrial.optimizers.parameters import ConstraintSettings, FixedConstraintSettings
from fairtrial.optimizers.task import BoolArray, FloatArray, IntArray


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
    least = violation.min(axis=1, keepdims=True)
    best: IntArray = np.where(violation == least, objective, np.inf).argmin(axis=1)
    return best


def one_number(objective: FloatArray, violation: FloatArray) -> FloatArray:
    """Values whose order is that of `better`, for searches that only compare numbers.

    An infeasible point comes behind any objective below 1e50, by its violation; all are finite.
    """
    behind = 1e50 * (1.0 + np.minimum(violation, 1e50))
    merit: FloatArray = np.where(violation == 0, objective, behind)
    return merit


def norm(violation: FloatArray) -> FloatArray:
    """Euclidean norm over the last axis of (..., M), the same bits for any number of points."""
    if violation.shape[-1] == 1:
        return np.abs(violation[..., 0])
    squares = np.zeros(violation.shape[:-1])
    with np.errstate(over="ignore"):  # infinitely bad is what it then is
        for column in np.moveaxis(violation, -1, 0):
            squares += column**2
    return np.sqrt(squares)


class Handling:
    """What the runs of one search see of their constraints.

    Args:
        settings: which method, and its numbers.
        budget: evaluations of a run; epsilon falls along it.

    Attributes:
        told: evaluations of a run that were taken in.

    Source of epsilon: Takahama and Sakai 2006, doi:10.1109/CEC.2006.1688283, eqs. 7-9.
    """

    def __init__(self, settings: ConstraintSettings | FixedConstraintSettings, budget: int) -> None:
        self._settings, self._budget = settings, budget
        self.told = 0
        self._scale: FloatArray | None = None
        self._first: FloatArray | None = None

    def total(self, violation: FloatArray) -> FloatArray:
        """(S, P, M) -> (S, P): one violation a point; counts P evaluations as spent."""
        if self._settings.normalise:
            if self._scale is None:
                known = np.where(np.isfinite(violation), violation, 0.0)
                largest = known.max(axis=1, keepdims=True, initial=0.0)  # (S, 1, M)
                self._scale = np.where(largest > 0, largest, 1.0)
            violation = violation / self._scale
        total = norm(violation)
        if isinstance(self._settings, ConstraintSettings) and self._first is None:
            known = np.sort(np.where(np.isfinite(total), total, 0.0), axis=1)
            place = int(self._settings.epsilon_share * (total.shape[1] - 1))
            self._first = known[:, place : place + 1]
        self.told += total.shape[1]
        return total

    def view(self, objective: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The pairs (S, P) to order points by, at this stage of the run."""
        settings = self._settings
        if isinstance(settings, ConstraintSettings) and settings.constraints == "epsilon":
            return objective, np.where(total <= self._level(settings), 0.0, total)
        if settings.constraints == "penalty":
            merit = objective + settings.penalty * total
            return merit, np.where(np.isfinite(merit), 0.0, np.inf)
        return objective, total

    def _level(self, settings: ConstraintSettings) -> FloatArray:
        """(S, 1) violation below which a point counts as feasible for now."""
        if self._first is None:
            raise TypeError("a level is asked for before any violation was told")
        left = max(0.0, 1.0 - self.told / (settings.epsilon_until * self._budget))
        level: FloatArray = self._first * left**settings.epsilon_power
        return level
