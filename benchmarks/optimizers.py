"""Microseconds a candidate of our differential evolution beside those of other libraries.

The same Rastrigin function in ten variables, the same population and number of evaluations a run,
on one core. Ours runs 55 seeds in lock-step, which is what a study asks for; the others know one
run at a time and are measured over a few. All stand in one process, in turn, and what counts is
processor time, so that the machine's speed and load drop out of the ratio. A library that is not
installed is left out, which is said.

Run: python benchmarks/optimizers.py
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import logging
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from fairtrial.optimizers.own.differential_evolution import minimise
from fairtrial.optimizers.parameters import DifferentialEvolutionSettings
from fairtrial.optimizers.task import Task

DIMENSIONS = 10
HALF_WIDTH = 5.12
POPULATION = 50
EVALUATIONS = 20_000  # a run
SEEDS = 55
REPEATS = 5
NEEDED = 5.0

Search = Callable[[int], int]


def rastrigin(points: np.ndarray) -> np.ndarray:
    """Values (N,) of points (N, D)."""
    waves = points * points - 10 * np.cos(2 * np.pi * points)
    values: np.ndarray = 10 * points.shape[1] + waves.sum(axis=1)
    return values


def ours(seed: int) -> int:
    """55 runs of DE/rand/1/bin in lock-step; candidates evaluated."""
    task = Task(
        evaluate=lambda points: (rastrigin(points), np.empty((len(points), 0))),
        lower=np.full(DIMENSIONS, -HALF_WIDTH),
        upper=np.full(DIMENSIONS, HALF_WIDTH),
    )
    settings = DifferentialEvolutionSettings(population=POPULATION)
    runs = minimise(task, settings, EVALUATIONS, range(seed * SEEDS, (seed + 1) * SEEDS))
    return sum(run.evaluations for run in runs)


def scipy_vectorized(seed: int) -> int:
    """One run of scipy's, whole generations at once."""
    from scipy.optimize import differential_evolution

    generations = EVALUATIONS // POPULATION - 1
    count = 0

    def values(columns: np.ndarray) -> np.ndarray:
        nonlocal count
        count += columns.shape[1]
        return rastrigin(columns.T)

    differential_evolution(
        values,
        [(-HALF_WIDTH, HALF_WIDTH)] * DIMENSIONS,
        strategy="rand1bin",
        popsize=POPULATION // DIMENSIONS,
        mutation=0.8,
        recombination=0.5,
        maxiter=generations,
        tol=0.0,
        polish=False,
        updating="deferred",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return count


def pymoo_de(seed: int) -> int:
    """One run of pymoo's DE/rand/1/bin, whole generations at once."""
    from pymoo.algorithms.soo.nonconvex.de import DE
    from pymoo.config import Config
    from pymoo.core.problem import Problem
    from pymoo.optimize import minimize

    Config.warnings["not_compiled"] = False

    class Rastrigin(Problem):
        def __init__(self) -> None:
            super().__init__(n_var=DIMENSIONS, n_obj=1, xl=-HALF_WIDTH, xu=HALF_WIDTH)

        def _evaluate(self, x: np.ndarray, out: dict, *args: object, **kwargs: object) -> None:
            out["F"] = rastrigin(x)[:, None]

    algorithm = DE(pop_size=POPULATION, variant="DE/rand/1/bin", CR=0.5, F=0.8)
    found = minimize(Rastrigin(), algorithm, ("n_eval", EVALUATIONS), seed=seed)
    return int(found.algorithm.evaluator.n_eval)


def mealpy_de(seed: int) -> int:
    """One run of mealpy's, which asks for one point at a time."""
    from mealpy import FloatVar
    from mealpy.evolutionary_based.DE import OriginalDE

    generations = EVALUATIONS // POPULATION - 1
    model = OriginalDE(epoch=generations, pop_size=POPULATION, wf=0.8, cr=0.5, strategy=1)
    problem = {
        "obj_func": lambda point: float(rastrigin(point[None])[0]),
        "bounds": FloatVar(lb=[-HALF_WIDTH] * DIMENSIONS, ub=[HALF_WIDTH] * DIMENSIONS),
        "minmax": "min",
        "log_to": None,
    }
    model.solve(problem, seed=seed)
    return int(model.nfe_counter)


def pycma(seed: int) -> int:
    """One run of pycma's CMA-ES, whole generations at once."""
    import cma

    options = {
        "popsize": POPULATION,
        "bounds": [-HALF_WIDTH, HALF_WIDTH],
        "seed": seed + 1,
        "verbose": -10,
        "verb_log": 0,
    }
    strategy = cma.CMAEvolutionStrategy(np.zeros(DIMENSIONS), 2.0, options)
    count = 0
    while count < EVALUATIONS:
        asked = strategy.ask()
        strategy.tell(asked, rastrigin(np.stack(asked)).tolist())
        count += len(asked)
    return count


PEERS: dict[str, tuple[str, Search]] = {
    "scipy, vectorized": ("scipy", scipy_vectorized),
    "pymoo DE": ("pymoo", pymoo_de),
    "mealpy DE": ("mealpy", mealpy_de),
    "pycma": ("cma", pycma),
}


def microseconds(search: Search, seed: int) -> float:
    """Time of a candidate in one call."""
    start = time.process_time()
    count = search(seed)
    return 1e6 * (time.process_time() - start) / count


def main() -> None:
    """Measure in turn; print the medians and our ratio to the fastest peer."""
    logging.disable(logging.WARNING)  # mealpy tells each run
    searches: dict[str, Search] = {"fairtrial, 55 seeds": ours}
    for name, (package, search) in PEERS.items():
        if find_spec(package) is None:
            print(f"{name}: left out, {package} is not installed")
        else:
            searches[name] = search
    for search in searches.values():
        search(REPEATS)  # loads what is loaded once
    times: dict[str, list[float]] = {name: [] for name in searches}
    for seed in range(REPEATS):
        for name, search in searches.items():
            times[name].append(microseconds(search, seed))
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        print(f"{name}: {median:.2f} microseconds a candidate")
    mine = times.pop("fairtrial, 55 seeds")
    peer = min(times, key=lambda name: medians[name])
    ratio = statistics.median(b / a for a, b in zip(mine, times[peer], strict=True))
    verdict = "holds" if ratio >= NEEDED else "does not hold"
    print(f"{ratio:.1f} times faster than {peer}; at least {NEEDED:g} {verdict}")


if __name__ == "__main__":
    main()
