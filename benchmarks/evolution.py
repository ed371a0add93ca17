"""The evolution of songs, all candidates at once, beside one candidate after the other.

200 candidates and 50 generations for each bar, without early stops; default wishes over C Am F G;
the embedded tunes as pool. The plain version holds candidates as piano rolls and goes through them
in a loop, each step of which is numpy on one roll, or plain Python where numpy would be slower.
Small edits are not what is compared: both versions give them to the same batched augmentations.
First both judge the same bars alike, then each is timed three times, taking turns, on one thread.

Run: python benchmarks/evolution.py
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from fairtrial.core.hashing import sha256_bytes
from fairtrial.melodies.parameters import Ingest, Song
from fairtrial.melodies.parameters.songs import Evolution
from fairtrial.melodies.piano_roll import HELD, ONSET, Roll
from fairtrial.melodies.reading.listing import read_folder
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.songs.bits import pack_bars, unpack_bars
from fairtrial.melodies.songs.evolution import Goal, edit_bars, evolve_song
from fairtrial.melodies.songs.harmony import Harmony, read_harmony

_SETTINGS = Evolution(population=200, generations=50, target=1.0, patience=50)
_TURNS = 3
_TOLERANCE = 1e-12


class PlainGoal:
    """The fitness of one roll at a time, over the chord of one bar."""

    def __init__(self, harmony: Harmony, bar: int, weights: Mapping[str, float]) -> None:
        words = int(harmony.chord_rows()[bar]), int(harmony.scale_rows()[bar])
        self.on_chord, self.in_scale = (
            np.array([bool(word >> row & 1) for row in range(48)]) for word in words
        )
        self.weights = weights
        self.worst = sum(weight for weight in weights.values() if weight < 0)
        self.span = sum(abs(weight) for weight in weights.values())

    def judge(self, roll: Roll) -> float:
        """Value in [0, 1] of a roll, uint8 (48, 64)."""
        sounding = roll > 0
        by_row = np.count_nonzero(sounding, axis=1)
        by_column = np.count_nonzero(sounding, axis=0)
        cells = int(by_row.sum())
        columns = int(np.count_nonzero(by_column))
        rows, onsets = np.nonzero(roll == ONSET)
        used = {
            "chord_tones": by_row[self.on_chord].sum() / cells if cells else 0.0,
            "onsets_on_beats": np.count_nonzero(onsets % 16 == 0) / len(onsets) if cells else 0.0,
            "density": _between(columns / 64, 0.2, 0.8),
            "variety": _between(np.count_nonzero(by_row) / 48, 0.05, 0.15),
            "single_notes": _between(np.count_nonzero(by_column == 1) / columns, 0.3, 1.0)
            if columns
            else 0.0,
            "out_of_scale": by_row[~self.in_scale].sum() / cells if cells else 0.0,
            "stepwise": _stepwise(rows, onsets),
        }
        total = sum(weight * float(used[name]) for name, weight in self.weights.items())
        return (total - self.worst) / self.span


def _between(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _stepwise(rows: np.ndarray, onsets: np.ndarray) -> float:
    # Onsets come by row, the highest of a column last.
    highest = dict(zip(onsets.tolist(), rows.tolist(), strict=True))
    line = [highest[column] for column in sorted(highest)]
    sizes = [abs(one - other) for one, other in pairwise(line)]
    near = [0.0 if size == 0 else min(max((12 - size) / 10, 0.0), 1.0) for size in sizes]
    return sum(near) / len(near) if near else 0.0


def evolve_plain(pool: Roll, goals: Sequence[PlainGoal], seed: int) -> list[float]:
    """The best value of each bar, found one candidate after the other."""
    rng = np.random.default_rng(seed)
    return [_evolve_bar(pool, goal, rng) for goal in goals]


def _evolve_bar(pool: Roll, goal: PlainGoal, rng: np.random.Generator) -> float:
    settings = _SETTINGS
    contenders = round(settings.tournament_share * settings.population)
    candidates = [pool[index] for index in rng.integers(len(pool), size=settings.population)]
    values = [goal.judge(roll) for roll in candidates]
    for _ in range(settings.generations):
        children: list[Roll] = []
        edited: list[int] = []
        for number in range(settings.population - settings.elitism):
            first, second = (
                max(rng.integers(settings.population, size=contenders), key=values.__getitem__)
                for _ in range(2)
            )
            child = candidates[first]
            if rng.random() < settings.crossover:
                child = _cross(child, candidates[second], 16 * int(rng.integers(1, 4)))
            kind = rng.random()
            if kind < settings.mutation * settings.edit_share:
                edited.append(number)
            elif kind < settings.mutation:
                child = pool[rng.integers(len(pool))]
            children.append(child)
        if edited:
            rolls = np.stack([children[number] for number in edited])
            for number, roll in zip(
                edited, unpack_bars(edit_bars(pack_bars(rolls), rng)), strict=True
            ):
                children[number] = roll
        elite = max(range(settings.population), key=values.__getitem__)
        candidates = [candidates[elite], *children]
        values = [values[elite], *(goal.judge(roll) for roll in children)]
    return max(values)


def _cross(left: Roll, right: Roll, column: int) -> Roll:
    child = np.concatenate([left[:, :column], right[:, column:]], axis=1)
    orphans = (child[:, column] == HELD) & (child[:, column - 1] == 0)
    child[orphans, column] = ONSET
    return child


def read_pool() -> Roll:
    """Bars of the embedded tunes, each beginning its own notes."""
    files = draw_samples()
    hashes = {path: sha256_bytes(content) for path, content in files.items()}
    pack, _, _ = read_folder(hashes, files.__getitem__, Ingest(), synthetic=True)
    rolls = np.asarray(pack["rolls"])
    return unpack_bars(pack_bars(rolls[rolls.any(axis=(1, 2))]))


def check_alike(pool: Roll, goal: Goal, plain: Sequence[PlainGoal]) -> float:
    """Largest difference between both versions' values of every bar of the pool."""
    bars = np.arange(len(plain))
    bits = np.broadcast_to(pack_bars(pool), (len(plain), len(pool), 2, 64))
    ours = goal.judge(bits, bars)
    theirs = np.array([[each.judge(roll) for roll in pool] for each in plain])
    return float(np.abs(ours - theirs).max())


def time_turns(runs: Mapping[str, Callable[[int], object]]) -> dict[str, list[float]]:
    """Seconds of each version, taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(_TURNS):
        for name, run in runs.items():
            begin = time.perf_counter()
            run(turn)
            seconds[name].append(time.perf_counter() - begin)
    return seconds


def main() -> None:
    """Check, measure, print."""
    pool = read_pool()
    for bars in (1, 8):
        song = Song(bars=bars)
        harmony = read_harmony(song)
        goal = Goal(harmony, song.given)
        plain = [PlainGoal(harmony, bar, song.given) for bar in range(bars)]
        difference = check_alike(pool, goal, plain)
        if difference > _TOLERANCE:
            raise SystemExit(f"evolution: the versions judge differently, by {difference:.1e}")
        found: dict[str, list[float]] = {"at once": [], "plain": []}

        def at_once(seed: int, goal: Goal = goal, best: list[float] = found["at once"]) -> None:
            best.append(float(evolve_song(pool, goal, _SETTINGS, seed).best[-1].mean()))

        def one_by_one(
            seed: int, goals: list[PlainGoal] = plain, best: list[float] = found["plain"]
        ) -> None:
            best.append(float(np.mean(evolve_plain(pool, goals, seed))))

        seconds = time_turns({"at once": at_once, "plain": one_by_one})
        fast, slow = (float(np.median(seconds[name])) for name in ("at once", "plain"))
        print(
            f"evolution, {_SETTINGS.population} x {_SETTINGS.generations} generations, {bars} "
            f"bar{'' if bars == 1 else 's'}: {fast:.3f} s at once, {slow:.2f} s one by one, "
            f"{slow / fast:.0f} times; mean fitness found {np.mean(found['at once']):.3f} and "
            f"{np.mean(found['plain']):.3f}; values differ by {difference:.0e}"
        )


if __name__ == "__main__":
    main()
