"""Small tasks with known optima, and a task that counts what is asked of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fairtrial.optimizers.task import FloatArray, LinearProgram, Task


def linear_task(shift: float = 0.0) -> Task:
    """Minimise 2u + v with u + v >= 1, u <= 0.8 on [0, 1]^2, u = x - shift: (0, 1), value 1.

    Linear, with its rows told one by one, so that every optimiser can take it.
    """
    cost = np.array([2.0, 1.0])

    def excess(points: FloatArray) -> FloatArray:
        u, v = points[:, 0] - shift, points[:, 1] - shift
        return np.stack([1.0 - u - v, u - 0.8], axis=1)

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, v = points[:, 0] - shift, points[:, 1] - shift
        over = np.maximum(excess(points) - 1e-9, 0.0)
        return 2.0 * u + v, over[:, 0] + over[:, 1]

    return Task(
        evaluate=evaluate,
        lower=np.full(2, shift),
        upper=np.full(2, 1.0 + shift),
        excess=excess,
        equalities=np.zeros(2, dtype=bool),
        linear=LinearProgram(
            cost=cost,
            constant=-3.0 * shift,
            rows=np.array([[1.0, 1.0], [1.0, 0.0]]),
            row_lower=np.array([1.0 + 2 * shift, -np.inf]),
            row_upper=np.array([np.inf, 0.8 + shift]),
        ),
        objectives=lambda points: np.stack(
            [evaluate(points)[0], (points[:, 1] - shift - 0.3) ** 2], axis=1
        ),
    )


def sphere(shift: FloatArray, half_width: float = 5.0) -> Task:
    """Squared distance (x - shift)^2 in a box that is not centred on the optimum."""

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        total = np.zeros(len(points))
        for column, centre in zip(points.T, shift, strict=True):
            total += (column - centre) ** 2
        return total, np.zeros(len(points))

    return Task(
        evaluate=evaluate,
        lower=shift - half_width,
        upper=shift + half_width * 0.6,
        excess=lambda points: np.empty((len(points), 0)),
        equalities=np.zeros(0, dtype=bool),
    )


def rosenbrock(shift: FloatArray) -> Task:
    """A bent valley: sum of 100 (v - u^2)^2 + (1 - u)^2 over neighbours u, v of x - shift."""

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        moved = points - shift
        u, v = moved[:, :-1], moved[:, 1:]
        total: FloatArray = (100.0 * (v - u**2) ** 2 + (1.0 - u) ** 2).sum(axis=1)
        return total, np.zeros(len(points))

    return Task(evaluate=evaluate, lower=shift - 2.0, upper=shift + 3.0)


class Counter:
    """Wraps a task and counts the points it is asked for."""

    def __init__(self, task: Task) -> None:
        self.points = 0
        self._evaluate = task.evaluate
        self.task = replace(task, evaluate=self._count)

    def _count(self, points: FloatArray) -> tuple[FloatArray, FloatArray]:
        self.points += len(points)
        return self._evaluate(points)
