"""Runs as stored arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairtrial.core.records import Arrays
from fairtrial.optimizers.task import Run


@dataclass(frozen=True)
class Trial:
    """A run with its place in the study: an arm's block, or a reference."""

    arm: str
    role: str
    block: str
    run: Run


def pack_runs(trials: Sequence[Trial]) -> Arrays:
    """Store the improvements of all runs one after the other.

    Arrays: ``run`` (K,) index of the trial; ``evaluation``, ``objective``, ``violation`` (K,);
    ``point`` (K, D); ``evaluations`` (S,) spent; ``I__NAME`` an extra array of trial I.
    """
    runs = [trial.run for trial in trials]
    arrays: dict[str, Any] = {
        "run": np.repeat(np.arange(len(runs)), [len(run.evaluation) for run in runs]),
        "evaluation": np.concatenate([run.evaluation for run in runs]),
        "objective": np.concatenate([run.objective for run in runs]),
        "violation": np.concatenate([run.violation for run in runs]),
        "point": np.concatenate([run.point for run in runs]),
        "evaluations": np.array([run.evaluations for run in runs], dtype=np.int64),
    }
    described = []
    for index, trial in enumerate(trials):
        for name, array in trial.run.extra.items():
            arrays[f"{index}__{name}"] = array
        described.append(
            {
                "arm": trial.arm,
                "role": trial.role,
                "block": trial.block,
                "note": trial.run.note,
                "exact": trial.run.exact,
                "extra": sorted(trial.run.extra),
            }
        )
    return Arrays(arrays, {"trials": described})


def unpack_runs(outputs: Arrays) -> list[Trial]:
    """The trials that `pack_runs` stored."""
    trials = []
    for index, row in enumerate(outputs.description["trials"]):
        mine = np.asarray(outputs["run"]) == index
        run = Run(
            evaluation=np.asarray(outputs["evaluation"])[mine],
            objective=np.asarray(outputs["objective"])[mine],
            violation=np.asarray(outputs["violation"])[mine],
            point=np.asarray(outputs["point"])[mine],
            evaluations=int(outputs["evaluations"][index]),
            note=row["note"],
            exact=row["exact"],
            extra={name: np.asarray(outputs[f"{index}__{name}"]) for name in row["extra"]},
        )
        trials.append(Trial(row["arm"], row["role"], row["block"], run))
    return trials


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """The trial with the best feasible point; none where no point is feasible."""
    feasible = [trial for trial in trials if trial.run.feasible]
    return min(feasible, key=lambda trial: float(trial.run.objective[-1]), default=None)


def by_arm(trials: Sequence[Trial]) -> Mapping[str, list[Trial]]:
    """Trials of each arm, in the order in which arms first appear."""
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(trial.arm, []).append(trial)
    return groups
