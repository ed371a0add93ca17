"""Gravitational search, all seeds at once: heavy (good) points pull the others.

Source: Rashedi, Nezamabadi-pour and Saryazdi 2009, doi:10.1016/j.ins.2009.03.004; equation numbers
are theirs. Lengths are shares of the box, so that ``g0`` means the same for every task. What the
paper leaves open is settled as its authors' program does: forces have a random factor for each
component, a component that leaves the box is drawn again uniformly, Kbest falls linearly to 2 %
of the agents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.constraints import Handling
from fairtrial.optimizers.fitness import fitness, ranks
from fairtrial.optimizers.parameters import GsaSettings
from fairtrial.optimizers.search import run_search
from fairtrial.optimizers.task import FloatArray, Run, Task

_LAST_SHARE = 0.02  # of the agents that still pull in the last generation
_EPSILON = float(np.finfo(np.float64).eps)  # of eq. 7: agents at one place pull with no force


def masses(score: FloatArray) -> FloatArray:
    """Masses (S, N), each run's sum 1, from a score (S, N) that is 0 for the worst agent.

    With score = worst - fit, eq. 15 is score / (worst - best), and eq. 16 makes its divisor
    cancel. Agents that are all alike weigh the same.
    """
    total = score.sum(axis=1, keepdims=True)
    return np.where(total > 0, score / np.where(total > 0, total, 1.0), 1.0 / score.shape[1])


def pulling(agents: int, generation: int, generations: int) -> int:
    """Kbest, the number of heaviest agents that pull in ``generation`` (from 0): all to few."""
    share = _LAST_SHARE + (1 - _LAST_SHARE) * (1 - generation / generations)
    return max(1, round(agents * share))


def accelerations(
    places: FloatArray, mass: FloatArray, gravity: float, kbest: int, uniform: FloatArray
) -> FloatArray:
    """Accelerations (S, N, D); the agent's own mass cancels between eqs. 7 and 10.

    Args:
        places: (S, N, D), shares of the box.
        mass: (S, N).
        gravity: G(t).
        kbest: K, how many of the heaviest agents pull (eq. 21).
        uniform: (S, N, K, D) in [0, 1), the factor on each force.
    """
    heaviest = np.argsort(-mass, axis=1, kind="stable")[:, :kbest]  # (S, K)
    pullers = np.take_along_axis(places, heaviest[:, :, None], axis=1)
    weight = np.take_along_axis(mass, heaviest, axis=1)
    away = pullers[:, None] - places[:, :, None]  # (S, N, K, D)
    distance = np.sqrt((away**2).sum(axis=3))  # eq. 8
    strength = gravity * weight[:, None] / (distance + _EPSILON)  # eqs. 7 and 10
    pulled: FloatArray = (uniform * strength[..., None] * away).sum(axis=2)  # eqs. 9 and 21
    return pulled


class GravitationalSearch:
    """A `fairtrial.optimizers.search.Search`.

    Args:
        lower, upper: (D,) the box.
        settings: masses and numbers.
        budget: evaluations of a run; gravity falls along it.
        seeds: one a run.
    """

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: GsaSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._span, self._settings = lower, upper - lower, settings
        self._handling = Handling(settings, budget)
        self._score = ranks if settings.masses == "rank" else fitness
        self._generators = [np.random.default_rng(seed) for seed in seeds]
        self._generation, self._generations = 0, math.ceil(budget / settings.population)
        self._places = self._uniforms(settings.population, lower.size)  # (S, N, D)
        self._speed = np.zeros_like(self._places)

    def ask(self) -> FloatArray:
        """Where the agents are."""
        points: FloatArray = self._lower + self._places * self._span
        return points

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Let the agents fall towards the heavy ones."""
        size, dimensions = self._places.shape[1:]
        seen = self._handling.view(objective, self._handling.total(violation))
        age = self._generation / self._generations
        kbest = pulling(size, self._generation, self._generations)
        gravity = self._settings.g0 * math.exp(-self._settings.alpha * age)  # eq. 28
        forces = self._uniforms(size, kbest, dimensions)
        mass = masses(self._score(*seen))
        pulled = accelerations(self._places, mass, gravity, kbest, forces)
        draws = self._uniforms(2, size, dimensions)
        self._speed = draws[:, 0] * self._speed + pulled  # eq. 11
        places = self._places + self._speed  # eq. 12
        self._places = np.where((places < 0) | (places > 1), draws[:, 1], places)
        self._generation += 1

    def _uniforms(self, *shape: int) -> FloatArray:
        return np.stack([generator.random(shape) for generator in self._generators])


def minimise(task: Task, settings: GsaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """Gravitational search. Arguments as in `Optimizer`."""
    search = GravitationalSearch(task.lower, task.upper, settings, budget, seeds)
    return run_search(search, task, budget, len(seeds))
