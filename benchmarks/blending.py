"""A large blending program with prices and ranges, beside HiGHS that only solves it.

A hundred components, a thousand limits on what is in the mix. Bare HiGHS gets the model that it is
given here, built beforehand, and runs; ours starts from arrays and ends with the optimum, the price
of each limit, and the ranges of costs and limits. Both run in turn in one process on one core, and
what counts is processor time.

Run: python benchmarks/blending.py
"""

from __future__ import annotations

import statistics
import time

import highspy
import numpy as np

from fairtrial.optimizers.libraries.highs import build_model, new_solver, solve
from fairtrial.optimizers.parameters import HighsSettings
from fairtrial.optimizers.task import LinearProgram

LIMITS, COMPONENTS = 1_000, 100
PROGRAMS = 7
NEEDED = 1.5


def blending(seed: int) -> LinearProgram:
    """A mix of shares whose limits leave room around a feasible mix."""
    rng = np.random.default_rng(seed)
    content = rng.uniform(0, 100, (LIMITS, COMPONENTS))
    inside = content @ rng.dirichlet(np.full(COMPONENTS, 0.3))
    room = rng.uniform(2, 10, LIMITS)
    return LinearProgram(
        cost=rng.uniform(2, 12, COMPONENTS),
        constant=0.0,
        rows=np.vstack([content, np.ones(COMPONENTS)]),
        row_lower=np.append(inside - room, 1.0),
        row_upper=np.append(inside + room, 1.0),
    )


def bare(model: highspy.HighsLp) -> tuple[float, float]:
    """Seconds and optimum of HiGHS alone."""
    solver = new_solver(HighsSettings())
    start = time.process_time()
    solver.passModel(model)
    solver.run()
    return time.process_time() - start, solver.getInfo().objective_function_value


def ours(program: LinearProgram, lower: np.ndarray, upper: np.ndarray) -> tuple[float, float]:
    """Seconds and optimum with prices and ranges."""
    start = time.process_time()
    found = solve(program, lower, upper)
    spent = time.process_time() - start
    return spent, found.bound


def main() -> None:
    """Measure in turn; print the medians and their ratio."""
    lower, upper = np.zeros(COMPONENTS), np.ones(COMPONENTS)
    pairs = []
    for seed in range(PROGRAMS):
        program = blending(seed)
        alone, optimum = bare(build_model(program, lower, upper))
        full, same = ours(program, lower, upper)
        if not np.isclose(optimum, same, rtol=1e-9):
            raise SystemExit(f"program {seed}: {optimum} alone, {same} with prices")
        pairs.append((alone, full))
    ratio = statistics.median(full / alone for alone, full in pairs)
    alone, full = (1e3 * statistics.median(column) for column in zip(*pairs, strict=True))
    verdict = "holds" if ratio <= NEEDED else "does not hold"
    print(
        f"{LIMITS} limits, {COMPONENTS} components: {full:.0f} ms with prices and ranges, "
        f"{alone:.0f} ms bare: {ratio:.2f} times; at most {NEEDED:g} {verdict}"
    )


if __name__ == "__main__":
    main()
