"""Changing-range genetic algorithm (SAGA), all seeds at once; without the change, a plain GA.

Source: Amirjanov and Sobolev 2005, doi:10.12989/cac.2005.2.5.411, section 3.2. The paper leaves
open what decides everything, so that each such choice is a setting. ``reading: paper`` takes what
reproduces its pattern: points are repaired before they are evaluated; feasible first, then cost;
fitness = worst - G; no elitism; the bits stay and the range is rescaled; the reference point is
the best one so far; no threshold. ``reading: repaired`` mends what costs it most: selection by
linear rank, so that pressure does not fade as costs draw level, and elitism, the bits of the
generation's best taking the first child's place.

Here as everywhere a run is worth its best point so far. The paper looks only at the generations
where the range changes (step 3 of its section 4); seen so, the plain GA stands worse still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fairtrial.optimizers.constraints import Handling, best_of, better
from fairtrial.optimizers.fitness import fitness, ranks
from fairtrial.optimizers.own.genes import cross, mutate, select
from fairtrial.optimizers.parameters import SagaSettings
from fairtrial.optimizers.search import run_search
from fairtrial.optimizers.task import FloatArray, IntArray, Run, Task


class Saga:
    """A `fairtrial.optimizers.search.Search`.

    Args:
        lower, upper: (D,) the box.
        settings: the choices and numbers.
        budget: evaluations of a run.
        seeds: one a run.
    """

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: SagaSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._full, self._settings = lower, upper - lower, settings
        self._handling = Handling(settings, budget)
        self._score = ranks if settings.selects == "rank" else fitness
        self._generators = [np.random.default_rng(seed) for seed in seeds]
        runs, shape = len(seeds), (settings.population, lower.size)
        self._genes = np.stack(
            [rng.integers(0, 2**settings.bits, shape) for rng in self._generators]
        )
        size = settings.population
        self._first = size * np.arange(runs)[:, None]  # of each run among all individuals
        # Uniform numbers of a generation: who is chosen, mating order, whether and where pairs
        # cross.
        self._draws = np.empty((runs, 3 * size))
        self._parts = [size, 2 * size, 2 * size + size // 2]
        self._steps = float(2**settings.bits - 1)
        self._span = np.tile(self._full, (runs, 1))  # (S, D) of each variable above its lower end
        self._generation = 0
        self._reference = np.empty((runs, lower.size))
        self._objective, self._total = np.full((runs, 1), np.inf), np.full((runs, 1), np.inf)

    def ask(self) -> FloatArray:
        """The individuals as points."""
        points: FloatArray = self._genes * (self._span / self._steps)[:, None, :]
        points += self._lower
        return points

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Change the range where it is due, then breed the next generation."""
        total = self._handling.total(violation)
        seen = self._handling.view(objective, total)
        best = best_of(*seen)
        self._generation += 1
        if self._settings.change_first is not None:
            self._refer(points, objective, total, best)
            late = self._generation - self._settings.change_first
            if late >= 0 and late % self._settings.change_every == 0:
                self._change_range()
        self._breed(self._score(*seen), best)

    def _refer(
        self, points: FloatArray, objective: FloatArray, total: FloatArray, best: IntArray
    ) -> None:
        """Take (S,) ``best`` of a generation as the point of attraction, where it is one."""
        chosen = (np.arange(len(best)), best)
        new = objective[chosen][:, None], total[chosen][:, None]
        known = self._handling.view(self._objective, self._total)
        wins = better(*self._handling.view(*new), *known)
        if self._settings.reference == "generation":
            wins = np.isfinite(new[1])
        np.copyto(self._reference, points[chosen], where=wins)
        np.copyto(self._objective, new[0], where=wins)
        np.copyto(self._total, new[1], where=wins)

    def _change_range(self) -> None:
        """New upper ends: k times the reference point's values, never above the first ones."""
        known = np.isfinite(self._total)
        value = self._reference - self._lower
        value = np.where(value < self._settings.threshold * self._full, 0.0, value)
        span = np.where(known, np.clip(self._settings.k * value, 0.0, self._full), self._span)
        if self._settings.on_change == "keep_points":
            old = self._genes * self._span[:, None, :]
            new = np.where(span > 0, span, np.inf)[:, None, :]
            self._genes = np.minimum(np.rint(old / new), self._steps).astype(np.int64)
        self._span = span

    def _breed(self, score: FloatArray, best: IntArray) -> None:
        settings = self._settings
        for generator, row in zip(self._generators, self._draws, strict=True):
            generator.random(out=row)
        whom, mate, pair, place = np.split(self._draws, self._parts, axis=1)
        flat = self._genes.reshape(-1, self._lower.size)
        chosen = select(score, whom) + self._first
        mates = np.argsort(mate, axis=1) + self._first  # the mating order is a shuffle
        parents = flat.take(chosen.take(mates), axis=0)
        length = self._lower.size * settings.bits
        cut = 1 + (place * (length - 1)).astype(np.int64)
        cut[pair >= settings.crossover] = length
        elite = flat.take(best + self._first[:, 0], axis=0)
        self._genes = cross(parents, cut, settings.bits)
        mutate(self._genes, settings.mutation, settings.bits, self._generators)
        if settings.keeps_best:
            self._genes[:, 0] = elite


def minimise(task: Task, settings: SagaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """SAGA, or a plain GA where ``change_first`` is null. Arguments as in `Optimizer`."""
    if not settings.repair:
        task = replace(task, repair=None)
    search = Saga(task.lower, task.upper, settings, budget, seeds)
    return run_search(search, task, budget, len(seeds))
