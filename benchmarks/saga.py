"""The changing-range genetic algorithm in lock-step, one run after the other, and pymoo's.

The same ten aggregates, budget and settings for all, the same function for cost and limits, on one
core. The run after run is plain numpy over whole generations, as one would write it for a paper:
individuals as arrays of bits, no Python loop inside a generation. pymoo's binary genetic algorithm
gets the same bits and evaluations and does less (it changes no range). All stand in one process,
in turn, and what counts is processor time, so that the machine's speed and load drop out.

Run: python benchmarks/saga.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import csv
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from fairtrial.optimizers.own.saga import minimise
from fairtrial.optimizers.parameters import SagaSettings
from fairtrial.optimizers.task import Task

TABLE = Path(__file__).parents[1] / "conf" / "base" / "problems" / "aggregates.csv"
SETTINGS = SagaSettings()
RUNS = 55
EVALUATIONS = {"lock-step": 150_000, "plain": 150_000, "pymoo": 10_000}  # a run
REPEATS = 3
NEEDED = {"plain": 4.0, "pymoo": 20.0}


class Mix:
    """Cost and violation of mixes of the paper's aggregates."""

    def __init__(self) -> None:
        with TABLE.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        numbers = {
            row[0]: [float(cell) if cell else np.nan for cell in row[1:]] for row in rows[1:]
        }
        cost = np.array(numbers.pop("cost")[:-2])
        table = np.array(list(numbers.values()))
        low, high = table[:, -2:].T
        # Shares have the sum 1, so that the middle of the limits can stand in the table.
        self.rows = np.vstack([table[:, :-2] - (low + high)[:, None] / 2, cost])  # (9 + 1, 10)
        self.half = (high - low) / 2 + 1e-8

    def repair(self, points: np.ndarray) -> np.ndarray:
        """Shares (N, 10) with the sum 1; nothing stays nothing."""
        total = points @ np.ones(10)
        total[total == 0] = 1.0
        mixed: np.ndarray = points / total[:, None]
        return mixed

    def evaluate(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cost (N,) and the norm of what each limit is missed by (N,)."""
        values = self.rows @ points.T
        missed = np.abs(values[:-1])
        missed -= self.half[:, None]
        np.maximum(missed, 0.0, out=missed)
        return values[-1], np.sqrt(np.einsum("ij,ij->j", missed, missed))


MIX = Mix()


def lock_step(seed: int, evaluations: int) -> list[float]:
    """Best costs of 55 runs at once."""
    task = Task(MIX.evaluate, np.zeros(10), np.ones(10), repair=MIX.repair)
    seeds = range(seed * RUNS, (seed + 1) * RUNS)
    return [float(run.objective[-1]) for run in minimise(task, SETTINGS, evaluations, seeds)]


def plain(seed: int, evaluations: int) -> list[float]:
    """Best cost of one run, a generation at a time."""
    rng = np.random.default_rng(seed)
    size, bits, length = SETTINGS.population, SETTINGS.bits, 10 * SETTINGS.bits
    powers = 2.0 ** np.arange(bits)[::-1] / (2**bits - 1)
    strings = rng.integers(0, 2, (size, length), dtype=np.uint8)
    span, columns = np.ones(10), np.arange(length)
    best, reference = np.inf, np.full(10, 0.5)
    for generation in range(1, evaluations // size + 1):
        points = MIX.repair((strings.reshape(size, 10, bits) @ powers) * span)
        cost, violation = MIX.evaluate(points)
        feasible = violation == 0
        worst = cost[feasible].max() if feasible.any() else 0.0
        merit = np.where(feasible, cost, worst + violation**2)
        lead = merit.argmin()
        if feasible[lead] and merit[lead] < best:
            best, reference = float(merit[lead]), points[lead]
        late = generation - (SETTINGS.change_first or 0)
        if late >= 0 and late % SETTINGS.change_every == 0:
            span = np.minimum(SETTINGS.k * reference, 1.0)
        parents = strings[rng.permutation(_select(merit.max() - merit, rng))]
        first, second = parents[0::2], parents[1::2]
        cut = np.where(
            rng.random(size // 2) < SETTINGS.crossover, rng.integers(1, length, size // 2), length
        )
        tail = columns >= cut[:, None]
        strings = np.concatenate([np.where(tail, second, first), np.where(tail, first, second)])
        strings ^= (rng.random((size, length)) < SETTINGS.mutation).astype(np.uint8)
    return [best]


def _select(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Stochastic remainder selection without replacement: indices (P,)."""
    size = len(score)
    expected = size * score / score.sum() if score.sum() > 0 else np.ones(size)
    copies = expected.astype(np.int64)
    rest = expected - copies
    missing = size - copies.sum()
    while missing > 0:  # rounds, hardly ever more than three
        hit = np.flatnonzero(rng.random(size) < rest)[:missing]
        copies[hit] += 1
        rest[hit] = 0.0
        missing -= len(hit)
    return np.repeat(np.arange(size), copies)[:size]


def pymoo_binary(seed: int, evaluations: int) -> list[float]:
    """Best cost of one run of pymoo's genetic algorithm on bits."""
    from pymoo.algorithms.soo.nonconvex.ga import GA
    from pymoo.config import Config
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.pntx import SinglePointCrossover
    from pymoo.operators.mutation.bitflip import BitflipMutation
    from pymoo.operators.sampling.rnd import BinaryRandomSampling
    from pymoo.optimize import minimize

    Config.warnings["not_compiled"] = False
    bits = SETTINGS.bits
    powers = 2.0 ** np.arange(bits)[::-1] / (2**bits - 1)

    class Mixes(Problem):
        def __init__(self) -> None:
            super().__init__(n_var=10 * bits, n_obj=1, n_ieq_constr=1, xl=0, xu=1, vtype=bool)

        def _evaluate(self, x: np.ndarray, out: dict, *args: object, **kwargs: object) -> None:
            cost, violation = MIX.evaluate(MIX.repair(x.reshape(len(x), 10, bits) @ powers))
            out["F"], out["G"] = cost[:, None], violation[:, None]

    algorithm = GA(
        pop_size=SETTINGS.population,
        sampling=BinaryRandomSampling(),
        crossover=SinglePointCrossover(prob=SETTINGS.crossover),
        mutation=BitflipMutation(prob_var=SETTINGS.mutation),
        eliminate_duplicates=False,
    )
    found = minimize(Mixes(), algorithm, ("n_eval", evaluations), seed=seed)
    return [float(found.F[0]) if found.F is not None else np.inf]


def main() -> None:
    """Measure in turn; print the medians and both ratios."""
    searches: dict[str, Callable[[int, int], list[float]]] = {
        "lock-step": lock_step,
        "plain": plain,
    }
    if find_spec("pymoo") is None:
        print("pymoo: left out, it is not installed")
    else:
        searches["pymoo"] = pymoo_binary
    times: dict[str, list[float]] = {name: [] for name in searches}
    costs: dict[str, list[float]] = {name: [] for name in searches}
    for search in searches.values():
        search(REPEATS, 1000)  # loads what is loaded once
    for seed in range(REPEATS):
        for name, search in searches.items():
            start = time.process_time()
            found = search(seed, EVALUATIONS[name])
            spent = time.process_time() - start
            times[name].append(1e6 * spent / (len(found) * EVALUATIONS[name]))
            costs[name] += found
    for name, each in times.items():
        cost, spent = statistics.median(costs[name]), EVALUATIONS[name]
        print(f"{name}: {statistics.median(each):.2f} microseconds a candidate", end="; ")
        print(f"median cost {cost:.4f} after {spent} evaluations")
    for name in list(searches)[1:]:
        pairs = zip(times["lock-step"], times[name], strict=True)
        ratio = statistics.median(theirs / ours for ours, theirs in pairs)
        verdict = "holds" if ratio >= NEEDED[name] else "does not hold"
        print(f"lock-step: {ratio:.1f} times faster than {name}; {NEEDED[name]:g} {verdict}")


if __name__ == "__main__":
    main()
