"""Runs become rows of scores: how far each ended from the best value, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.optimizers.task import Run
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, best_trial
from fairtrial.statistics.targets import FIRST, REACHED, TARGET

FloatArray = npt.NDArray[np.float64]


def target_value(problem: Problem, trials: Sequence[Trial]) -> tuple[float | None, str]:
    """The value that gaps are measured to, in the sense of minimisation, and where it is from.

    The known optimum; else a reference's proved one; else the best feasible value of all trials.
    None where nothing is known and no trial found a feasible point.
    """
    if problem.optimum is not None:
        return problem.optimum, "the known optimum"
    exact = best_trial([trial for trial in trials if trial.run.exact])
    if exact is not None:
        return float(exact.run.objective[-1]), f"the optimum proved by {exact.arm}"
    best = best_trial(trials)
    if best is None:
        return None, "nothing: no feasible point was found"
    return float(best.run.objective[-1]), f"the best value found here, by {best.arm}"


def relative_gaps(run: Run, target: float, resolution: float) -> FloatArray:
    """(K,) gap of each improvement to ``target``, infinite while infeasible.

    The gap is (objective - target) / |target|, and the plain difference where the target is 0.
    Gaps are rounded to ``resolution`` and none is below 0: a point may beat the optimum by what
    the feasibility tolerance is worth, which is no merit.
    """
    gap = (run.objective - target) / (abs(target) or 1.0)
    gap = np.maximum(np.round(gap / resolution) * resolution, 0.0)
    return np.where(run.violation == 0, gap, np.inf)


def point_error(problem: Problem, point: FloatArray, optimum: FloatArray) -> float:
    """Largest distance of a variable (D,) to the optimum's (D,), in widths of its box."""
    return float((np.abs(point - optimum) / (problem.upper - problem.lower)).max())


def metric_rows(
    problem: Problem,
    trials: Sequence[Trial],
    targets: Sequence[float],
    resolution: float,
    *,
    study: str,
    budget: int,
    manifest_sha256: str,
    optimum: FloatArray | None = None,
) -> list[dict[str, Any]]:
    """Rows for `fairtrial.statistics.scores.make_scores`.

    The budget of an arm is the one it was granted, of a reference what it spent: a solver that
    ends by itself makes no use of a budget.

    A trial: relative_gap and best_objective (failed without a feasible point), feasible (1 or 0),
    for each target, as subset ``target=GAP``, reached (1 or 0) and, where it is, evaluations_to;
    with ``optimum``, the only optimal point (D,), also point_error: the largest distance of a
    variable to it, in widths of its box (of a mix: the largest error of a share).
    """
    target, _ = target_value(problem, trials)
    rows: list[dict[str, Any]] = []
    for trial in trials:
        run = trial.run
        common = {
            "study": study,
            "arm": trial.arm,
            "role": trial.role,
            "block": trial.block,
            "n_items": 1,
            "budget": run.evaluations if trial.role == "reference" else budget,
            "budget_unit": "evaluations",
            "manifest_sha256": manifest_sha256,
        }
        gaps = np.empty(0) if target is None else relative_gaps(run, target, resolution)
        measured = _measured(problem, run, gaps, optimum) + _reached(run, gaps, targets)
        rows += [
            {
                **common,
                "metric": metric,
                "subset": subset,
                "value": value,
                "higher_is_better": higher,
                "status": "failed" if value is None else "ok",
            }
            for metric, subset, value, higher in measured
        ]
    return rows


# Metric, subset, value (none where the run failed), whether higher is better.
Measured = list[tuple[str, str, float | None, bool]]


def _measured(problem: Problem, run: Run, gaps: FloatArray, optimum: FloatArray | None) -> Measured:
    """Where a run ended."""
    found: Measured = [
        ("relative_gap", "all", float(gaps[-1]) if run.feasible else None, False),
        (
            "best_objective",
            "all",
            problem.sign * float(run.objective[-1]) if run.feasible else None,
            problem.sign < 0,
        ),
        ("feasible", "all", float(run.feasible), True),
    ]
    if optimum is not None and run.feasible:
        found.append(("point_error", "all", point_error(problem, run.point[-1], optimum), False))
    return found


def _reached(run: Run, gaps: FloatArray, targets: Sequence[float]) -> Measured:
    """Which targets a run reached, and when first."""
    found: Measured = []
    for wanted in targets:
        hits, subset = np.flatnonzero(gaps <= wanted), f"{TARGET}{wanted:g}"
        found.append((REACHED, subset, float(hits.size > 0), True))
        if hits.size:
            found.append((FIRST, subset, float(run.evaluation[hits[0]]), False))
    return found


def ledger_rows(
    trials: Sequence[Trial], histories: Sequence[pd.DataFrame], *, study: str
) -> list[dict[str, Any]]:
    """Rows for `fairtrial.statistics.scores.make_ledger`: the evaluations that were really spent.

    Args:
        trials: all runs.
        histories: of the arms and references, from `fairtrial.problems.search.search`.
        study: its name.
    """
    seconds = {
        (row.arm, row.block): row.seconds
        for history in histories
        for row in history.itertuples(index=False)
    }
    rows = []
    for trial in trials:
        notes = [] if trial.run.feasible else ["no feasible point"]
        notes += [trial.run.note] if trial.run.note else []
        rows.append(
            {
                "study": study,
                "arm": trial.arm,
                "role": trial.role,
                "block": trial.block,
                "status": "ok" if trial.run.feasible else "failed",
                "budget": trial.run.evaluations,
                "budget_unit": "evaluations",
                "seconds": seconds[trial.arm, trial.block],
                "device": "cpu",
                "threads": 1,
                "note": "; ".join(notes),
            }
        )
    return rows
