"""Differential evolution, all seeds at once.

Source: Storn and Price 1997, doi:10.1023/A:1008202821328; the strategies as in Price, Storn and
Lampinen 2005, "Differential Evolution", chapter 2; a component that leaves the box is drawn again
uniformly and selection is greedy, as in Gurav et al., section III; self-adaptation as in Brest et
al. 2006, doi:10.1109/TEVC.2006.872133, eqs. 4 and 5.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.constraints import Handling, best_of, better
from fairtrial.optimizers.own.mutation import (
    cross_binomial,
    cross_exponential,
    others,
    strategy_of,
)
from fairtrial.optimizers.parameters import DifferentialEvolutionSettings
from fairtrial.optimizers.search import run_search
from fairtrial.optimizers.task import FloatArray, IntArray, Run, Task

# Brest et al. 2006: how often F and CR are drawn anew, and the range of F.
_RENEWED = 0.1
_LEAST_WEIGHT, _WEIGHT_RANGE = 0.1, 0.9


class DifferentialEvolution:
    """A `fairtrial.optimizers.search.Search`.

    Args:
        lower, upper: (D,) the box.
        settings: strategy and numbers.
        budget: evaluations of a run.
        seeds: one a run.
    """

    def __init__(
        self,
        lower: FloatArray,
        upper: FloatArray,
        settings: DifferentialEvolutionSettings,
        budget: int,
        seeds: Sequence[int],
    ) -> None:
        self._lower, self._upper, self._span = lower, upper, upper - lower
        self._settings, self._strategy = settings, strategy_of(settings.strategy)
        self._handling = Handling(settings, budget)
        self._generators = [np.random.default_rng(seed) for seed in seeds]
        runs, size = len(seeds), settings.population
        self._first = size * np.arange(runs)[:, None]  # of each run among all S NP points
        # Uniform numbers of a candidate: the others, the sure component, the length of a run of
        # components, four for its own F and CR; then one a component.
        rows = self._strategy.others + 2 + 4 * (settings.adaptation == "jde")
        self._draws = np.empty((runs, (rows + lower.size) * size))
        shape = (runs, size)
        self._rows = self._draws[:, : rows * size].reshape(runs, rows, size).swapaxes(0, 1)
        self._chance = self._draws[:, rows * size :].reshape(*shape, lower.size)
        self._draw()
        self._points = lower + self._chance * self._span
        self._trial: FloatArray | None = None
        self._objective, self._total = np.full(shape, np.inf), np.full(shape, np.inf)
        # Those of the points and those of the trial, one a candidate where they adapt.
        self._weight: FloatArray | float = settings.weight
        self._rate: FloatArray | float = settings.crossover
        self._tried_weight: FloatArray | float = self._weight
        self._tried_rate: FloatArray | float = self._rate

    def ask(self) -> FloatArray:
        """The first population, then a candidate for each place in it."""
        if not self._handling.told:
            return self._points
        self._draw()
        count = self._strategy.others
        if self._settings.adaptation == "jde":
            self._renew(*self._rows[count + 2 :])
        trial = self._mutants(others(self._rows[:count]))
        sure = (self._rows[count] * self._lower.size).astype(np.int64)
        if self._strategy.exponential:
            length = self._rows[count + 1]
            crossed = cross_exponential(length, self._tried_rate, sure, self._lower.size)
        else:
            crossed = cross_binomial(self._chance, self._tried_rate, sure)
        self._bring_back(trial)
        np.copyto(trial, self._points, where=~crossed)
        self._trial = trial
        return trial

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """A candidate takes its parent's place where it is not worse."""
        total = self._handling.total(violation)
        if self._trial is None:
            self._objective, self._total = objective.copy(), total
            return
        parents = self._handling.view(self._objective, self._total)
        trials = self._handling.view(objective, total)
        # An equal trial replaces its parent (Storn and Price, eq. 6), so that plateaus drift.
        wins = ~better(*parents, *trials) & np.isfinite(total)
        np.copyto(self._points, self._trial, where=wins[:, :, None])
        np.copyto(self._objective, objective, where=wins)
        np.copyto(self._total, total, where=wins)
        if self._settings.adaptation == "jde":
            self._weight = np.where(wins[:, :, None], self._tried_weight, self._weight)
            self._rate = np.where(wins[:, :, None], self._tried_rate, self._rate)

    def _draw(self) -> None:
        for generator, row in zip(self._generators, self._draws, strict=True):
            generator.random(out=row)

    def _renew(
        self, weight_due: FloatArray, weight: FloatArray, rate_due: FloatArray, rate: FloatArray
    ) -> None:
        new_weight = (_LEAST_WEIGHT + _WEIGHT_RANGE * weight)[:, :, None]  # eq. 4
        self._tried_weight = np.where(weight_due[:, :, None] < _RENEWED, new_weight, self._weight)
        self._tried_rate = np.where(
            rate_due[:, :, None] < _RENEWED, rate[:, :, None], self._rate
        )  # eq. 5

    def _mutants(self, chosen: list[IntArray]) -> FloatArray:
        """(S, NP, D) mutants of the K others of each candidate."""
        flat = self._points.reshape(-1, self._lower.size)
        vectors = [flat.take(index + self._first, axis=0) for index in chosen]
        base = self._points
        if self._strategy.base == "rand":
            base = vectors.pop()
        best = base
        if self._strategy.base == "best" or self._strategy.to_best:
            index = best_of(*self._handling.view(self._objective, self._total))
            best = flat.take(index[:, None] + self._first, axis=0)  # (S, 1, D)
        mutants = vectors[0]
        mutants -= vectors[1]
        for plus, minus in zip(vectors[2::2], vectors[3::2], strict=True):
            mutants += plus
            mutants -= minus
        if self._strategy.to_best:
            mutants += best
            mutants -= base
        mutants *= self._tried_weight
        mutants += best if self._strategy.base == "best" else base
        return mutants

    def _bring_back(self, trial: FloatArray) -> None:
        """Put each component of (S, NP, D) that left the box back into it."""
        if self._settings.outside == "clip":
            np.clip(trial, self._lower, self._upper, out=trial)
            return
        where = np.flatnonzero((trial < self._lower) | (trial > self._upper))
        candidate, component = np.divmod(where, self._lower.size)
        flat = trial.reshape(-1)
        if self._settings.outside == "bounce":
            bound = np.clip(flat[where], self._lower[component], self._upper[component])
            flat[where] = 0.5 * (bound + self._points.reshape(-1)[where])
            return
        chance = self._chance.reshape(-1)[where]
        if not self._strategy.exponential:
            rate = np.asarray(self._tried_rate).reshape(-1)
            chance = _uniform_again(chance, rate[candidate] if rate.size > 1 else rate)
        flat[where] = self._lower[component] + chance * self._span[component]


def _uniform_again(chance: FloatArray, rate: FloatArray) -> FloatArray:
    """What is left of a uniform number once it is known on which side of ``rate`` it fell."""
    below = chance < rate
    again: FloatArray = np.where(below, chance, chance - rate) / np.where(below, rate, 1.0 - rate)
    return again


def minimise(
    task: Task, settings: DifferentialEvolutionSettings, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """Differential evolution. Arguments as in `Optimizer`."""
    search = DifferentialEvolution(task.lower, task.upper, settings, budget, seeds)
    return run_search(search, task, budget, len(seeds))
