"""Let one optimiser look for songs, bar by bar, with as many evaluations as every other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.seeds import stream_seed
from fairtrial.melodies.parameters.song_tuners import SongSearch, SongTuner
from fairtrial.melodies.parameters.songs import Breeding, Evolution
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.bits import unpack_bars
from fairtrial.melodies.songs.evolution import Goal, evolve_song
from fairtrial.melodies.songs.harmony import read_harmony
from fairtrial.melodies.songs.wishes import FloatArray
from fairtrial.melodies.tuning.space import Beats
from fairtrial.optimizers.recipe import Recipe
from fairtrial.optimizers.registry import OPTIMIZERS

_STEPS = 50


@dataclass(frozen=True)
class Found:
    """The song that one run found.

    Args:
        bars: uint8 (bars, 48, 64).
        evaluation: of each bar, the evaluations after which its best value rose, int64 (K,).
        best: of each bar, these best values, float64 (K,).
        spent: evaluations of each bar.
    """

    bars: Roll
    evaluation: list[np.ndarray]
    best: list[FloatArray]
    spent: list[int]

    def curve(self, steps: np.ndarray) -> FloatArray:
        """Mean over the bars of the best value at each step; NaN before a first value is known."""
        curves = []
        for evaluation, best in zip(self.evaluation, self.best, strict=True):
            last = np.searchsorted(evaluation, steps, side="right") - 1
            curves.append(np.where(last >= 0, best[np.maximum(last, 0)], np.nan))
        mean: FloatArray = np.mean(curves, axis=0)
        return mean


def search_songs(
    pool: Roll, wanted: SongSearch, tuner: SongTuner, seeds: Mapping[str, int], arm: str
) -> tuple[Arrays, pd.DataFrame]:
    """Run an arm once for each block.

    Args:
        pool: bars of the tunes, uint8 (n, 48, 64).
        wanted: the songs.
        tuner: the optimiser.
        seeds: block -> seed of its run.
        arm: its name.

    Returns:
        Arrays ``BLOCK__bars`` (bars, 48, 64), ``BLOCK__best`` (steps,), the mean over the bars of
        the best value so far, and ``steps``, the evaluations there (50 at most, the budget last);
        and the history, one row a run with arm, block, evaluations and seconds.
    """
    beats = Beats(pool)
    budget = wanted.evaluations
    steps = np.unique(np.linspace(0, budget, min(_STEPS, budget) + 1)[1:].astype(np.int64))
    arrays: dict[str, np.ndarray] = {"steps": steps}
    rows = []
    for block, seed in seeds.items():
        song = wanted.song_of(block)
        goal = Goal(read_harmony(song), song.given)
        recipe = tuner.recipe
        begin = time.perf_counter()
        if isinstance(recipe, Breeding):
            found = _evolve(pool, goal, recipe, budget, seed)
        else:
            found = _minimise(beats, goal, recipe, budget, seed)
        seconds = time.perf_counter() - begin
        spent = round(float(np.mean(found.spent)))
        rows.append({"arm": arm, "block": block, "evaluations": spent, "seconds": seconds})
        arrays[f"{block}__bars"] = found.bars
        arrays[f"{block}__best"] = found.curve(steps)
    return Arrays(arrays, {"arm": arm, "blocks": list(seeds)}), pd.DataFrame(rows)


def count_generations(breeding: Breeding, budget: int) -> int:
    """Generations after the first population that a budget pays for."""
    return (budget - breeding.population) // (breeding.population - breeding.elitism)


def _evolve(pool: Roll, goal: Goal, breeding: Breeding, budget: int, seed: int) -> Found:
    generations = count_generations(breeding, budget)
    # It ends by its budget, or where nothing better can be.
    ends = {"generations": generations, "target": 1.0, "patience": generations}
    settings = Evolution.model_validate({**breeding.model_dump(), **ends})
    evolved = evolve_song(pool, goal, settings, seed)
    # Without an elite a population may lose its best.
    best = np.maximum.accumulate(evolved.best, axis=0)
    spent = evolved.evaluations
    return Found(evolved.bars, list(spent.T), list(best.T), spent[-1].tolist())


def _minimise(beats: Beats, goal: Goal, recipe: Recipe, budget: int, seed: int) -> Found:
    """Every bar is a task of its own, as it is for the evolution."""
    minimise = OPTIMIZERS.load(recipe.optimizer)
    runs = [
        minimise(beats.task(goal, bar), recipe.settings, budget, [stream_seed(seed, "bar", bar)])[0]
        for bar in range(len(goal.harmony.chords))
    ]
    return Found(
        unpack_bars(beats.bars(np.stack([run.point[-1] for run in runs]))),
        [run.evaluation for run in runs],
        [1 - run.objective for run in runs],
        [run.evaluations for run in runs],
    )
