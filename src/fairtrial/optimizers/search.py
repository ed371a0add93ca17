"""Ask and tell: a search names points and is told their values, whoever computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from fairtrial.optimizers.budget import Ledger
from fairtrial.optimizers.task import FloatArray, Run, Task

_KEPT_BYTES = 30 * 2**20  # below the 32 MiB at which glibc stops to adapt


class Search(Protocol):
    """S runs in lock-step, each of which depends on its own seed alone.

    Built from the box, the settings, the budget of a run and the seeds. To spread an expensive
    objective over machines, call `ask`, have the points evaluated, and `tell`; `minimise` of a
    module is nothing but that loop (`run_search`).
    """

    def ask(self) -> FloatArray:
        """(S, P, D) points to evaluate next, before any repair; not to be changed in place."""
        ...

    def tell(self, points: FloatArray, objective: FloatArray, violation: FloatArray) -> None:
        """Take in what was asked for.

        Args:
            points: (S, P, D) as evaluated, after the repair.
            objective: (S, P), infinite where there is no number.
            violation: (S, P, M), by how much each constraint is missed.
        """
        ...


def run_search(search: Search, task: Task, budget: int, runs: int) -> list[Run]:
    """Ask and tell until ``budget`` evaluations of each of ``runs`` runs are spent."""
    _keep_memory()
    ledger = Ledger(task, budget, runs)
    while ledger.remaining:
        search.tell(*ledger.evaluate(search.ask()))
    return ledger.close()


def _keep_memory() -> None:
    """Let the C library keep the memory that one generation frees for the next.

    glibc gives freed memory back to the system beyond a threshold, and fetching it again page by
    page takes longer than a generation's arithmetic. The threshold grows to twice the largest
    block that was ever freed (mallopt(3), M_MMAP_THRESHOLD): one block comes and goes untouched.
    """
    block = np.empty(_KEPT_BYTES, dtype=np.uint8)
    del block


def run_each(
    search: Callable[..., Search], task: Task, settings: Any, budget: int, seeds: Sequence[int]
) -> list[Run]:
    """One search after the other, each with its own seed, for those that take one run."""
    runs = []
    for seed in seeds:
        one = search(task.lower, task.upper, settings, budget, [seed])
        runs += run_search(one, task, budget, 1)
    return runs
