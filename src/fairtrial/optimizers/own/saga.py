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
from fairtrial.optimizers.own.genes import cross, mutate, select, tails
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
        runs, size, dimensions = len(seeds), settings.population, lower.size
        self._first = size * np.arange(runs)[:, None]  # of each run among all individuals
        # Uniform numbers of a generation: mating order, whether pairs cross, where.
        self._draws, self._waiting = np.empty((runs, 2 * size)), np.empty((runs, size))
        self._tails = tails(dimensions, settings.bits)
        self._steps = 2**settings.bits - 1
        drawn = [rng.integers(0, self._steps + 1, (dimensions, size)) for rng in self._generators]
        self._genes = np.stack(drawn, axis=1).astype(np.int32)  # (D, S, P)
        # (D, S) of each variable above its lower end
        self._span = np.repeat(self._full[:, None], runs, axis=1)
        self._generation = 0
        self._reference = np.empty((runs, dimensions))
        self._objective, self._total = np.full((runs, 1), np.inf), np.full((runs, 1), np.inf)

    def ask(self) -> FloatArray:
        """The individuals as points."""
        points: FloatArray = self._genes * (self._span / self._steps)[:, :, None]
        points += self._lower[:, None, None]
        return points.transpose(1, 2, 0)

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
        value = (self._reference - self._lower).T  # (D, S)
        full = self._full[:, None]
        value = np.where(value < self._settings.threshold * full, 0.0, value)
        span = np.clip(self._settings.k * value, 0.0, full)
        span = np.where(np.isfinite(self._total[:, 0]), span, self._span)
        if self._settings.on_change == "keep_points":
            # A variable whose range has closed has nowhere to be but at its lower end.
            scale = self._span / np.where(span > 0, span, np.inf)
            genes = np.rint(self._genes * scale[:, :, None])
            self._genes = np.minimum(genes, self._steps).astype(np.int32)
        self._span = span

    def _breed(self, score: FloatArray, best: IntArray) -> None:
        settings, size = self._settings, self._settings.population
        for generator, uniform, waiting in zip(
            self._generators, self._draws, self._waiting, strict=True
        ):
            generator.random(out=uniform)
            generator.standard_exponential(out=waiting)
        chosen = select(score, self._waiting)
        mates = np.argsort(self._draws[:, :size], axis=1)  # the mating order is a shuffle
        chosen = (chosen + self._first).take(mates + self._first)
        flat = self._genes.reshape(self._lower.size, -1)
        elite = flat.take(best + self._first[:, 0], axis=1)
        self._genes = flat.take(chosen, axis=1)
        length = self._lower.size * settings.bits
        pair, place = self._draws[:, size::2], self._draws[:, size + 1 :: 2]
        cut = 1 + (place * (length - 1)).astype(np.int64)
        cut[pair >= settings.crossover] = length
        cross(self._genes, cut, self._tails)
        mutate(self._genes, settings.mutation, settings.bits, self._generators)
        if settings.keeps_best:
            self._genes[:, :, 0] = elite


def minimise(task: Task, settings: SagaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """SAGA, or a plain GA where ``change_first`` is null. Arguments as in `Optimizer`."""
    if not settings.repair:
        task = replace(task, repair=None)
    search = Saga(task.lower, task.upper, settings, budget, seeds)
    return run_search(search, task, budget, len(seeds))
