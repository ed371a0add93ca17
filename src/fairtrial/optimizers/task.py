"""What an optimiser is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from fairtrial.core.errors import ConfigError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

Evaluate = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
Transform = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class LinearProgram:
    """min cost x + constant, with row_lower <= rows x <= row_upper (infinite where open).

    The first D of its C columns are the task's variables in their order, within the task's box;
    the others are helpers, such as whether a source is used at all.

    Args:
        cost: (C,).
        constant: added to the objective.
        rows: (M, C).
        row_lower, row_upper: (M,).
        integer: (C,) columns that take whole numbers only; none where all are continuous.
        helper_lower, helper_upper: (C - D,) bounds of the helpers.
    """

    cost: FloatArray
    constant: float
    rows: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray
    integer: BoolArray | None = None
    helper_lower: FloatArray = field(default_factory=lambda: np.empty(0))
    helper_upper: FloatArray = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Task:
    """A minimisation over a box.

    Args:
        evaluate: (N, D) -> objective (N,), smaller is better, and violation (N, M), by how much
            each constraint is missed, zero exactly where it is kept; or (N,), of all together.
            Rows must not influence each other.
        lower, upper: (D,) the box, lower < upper.
        repair: (N, D) -> (N, D), applied to every point before it is evaluated; the repaired
            point is the one that is reported.
        excess: (N, D) -> (N, M), each constraint by itself: kept where <= 0, an equality where
            it is 0. Only solvers that see constraints one by one ask for it.
        equalities: (M,) which columns of ``excess`` are equalities.
        slopes: (N, D) -> (N, 1 + M, D), exact gradients of the objective and of each excess.
        linear: the same task as a linear or mixed-integer program, where it is one.
        discrete: (D,) variables that ``repair`` rounds to their levels: between those a point is
            infeasible, and gradients lead nowhere. None where all are continuous.
        objectives: (N, D) -> (N, 2), smaller is better, the first being that of ``evaluate``;
            for methods that look for a front of two objectives.
    """

    evaluate: Evaluate
    lower: FloatArray
    upper: FloatArray
    repair: Transform | None = None
    excess: Transform | None = None
    equalities: BoolArray | None = None
    slopes: Transform | None = None
    linear: LinearProgram | None = None
    discrete: BoolArray | None = None
    objectives: Transform | None = None

    def __post_init__(self) -> None:
        if self.lower.shape != self.upper.shape or self.lower.ndim != 1 or not self.lower.size:
            raise ConfigError(
                "optimisation task",
                "one lower and one upper bound a variable",
                f"shapes {self.lower.shape} and {self.upper.shape}",
                "Give both as arrays of shape (D,).",
            )
        wrong = ~(np.isfinite(self.lower) & np.isfinite(self.upper) & (self.lower < self.upper))
        if wrong.any():
            index = int(np.argmax(wrong))
            raise ConfigError(
                f"optimisation task, variable {index}",
                "finite bounds with lower < upper",
                f"[{self.lower[index]}, {self.upper[index]}]",
                "Widen the box or leave the variable out.",
            )

    @property
    def dimensions(self) -> int:
        """D, the number of variables."""
        return int(self.lower.size)


@dataclass(frozen=True)
class Run:
    """What one run found: each improvement of its best point, in order.

    A point improves on another by Deb's rules: less violation, or none and a lower objective.

    Args:
        evaluation: (K,) how many evaluations had been spent, the improving one included.
        objective: (K,) of the new best point.
        violation: (K,) of the new best point; zero where it is feasible.
        point: (K, D) the new best point, repaired.
        evaluations: spent in all, at most the budget.
        note: how it ended, where there is more to say than that the budget was spent.
        exact: the last point is proved optimal by the solver.
        extra: further arrays of a solver, such as duals.
    """

    evaluation: IntArray
    objective: FloatArray
    violation: FloatArray
    point: FloatArray
    evaluations: int
    note: str = ""
    exact: bool = False
    extra: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        """Whether any feasible point was found."""
        return bool(self.violation.size and self.violation[-1] == 0)


class Optimizer(Protocol):
    """An entry of the registry.

    One run a seed, each with ``budget`` evaluations. A run depends on its own seed alone: the
    same bits come out whether seeds are given together or one by one.
    """

    def __call__(self, task: Task, settings: Any, budget: int, seeds: Sequence[int]) -> list[Run]:
        """Minimise ``task`` once for each seed."""
        ...
