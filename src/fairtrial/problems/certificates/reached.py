"""Which arms reach the certified optimum, in value and in the point itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fairtrial.core.text import list_text, number_text
from fairtrial.problems.certificates.proof import Proof
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, by_arm
from fairtrial.problems.scoring import point_error

FloatArray = npt.NDArray[np.float64]
Plain = dict[str, Any]

# Relative: nearer to the optimum than this an answer is the optimum.
AT_OPTIMUM = 1e-6
_CLOSE = 0.01  # what papers call an error under one percent
_OFTEN = 0.1  # of the runs: fewer are an accident


def is_unique(proof: Proof) -> bool:
    """Whether no other point is as good, so that a distance to it means something."""
    if proof.linear is not None:
        return proof.linear.unique
    return proof.refined is not None and proof.refined.strict


def reached_by_arm(
    problem: Problem, trials: Sequence[Trial], optimum: float, point: FloatArray | None
) -> Plain:
    """Arm or reference -> how its runs end.

    Args:
        problem: what was optimised.
        trials: every run.
        optimum: the best value, in the sense of minimisation.
        point: (D,) where it lies, if only there.

    Returns:
        Of each: role, runs, reached (runs within a millionth of the optimum), evaluations (median
        of those that reach it until they do), best_gap and median_gap (relative; none where no, or
        less than half of the runs are feasible), close (runs within a hundredth) and far_off (how
        many of these have a variable a hundredth of its box or more away; none where the optimum
        is not unique), worst_error (the largest such distance among these).
    """
    found = {}
    least = optimum + AT_OPTIMUM * (abs(optimum) or 1.0)
    for arm, runs in by_arm(trials).items():
        feasible = [trial.run for trial in runs if trial.run.feasible]
        size = abs(optimum) or 1.0
        gaps = [max((float(run.objective[-1]) - optimum) / size, 0.0) for run in feasible]
        gaps += [np.inf] * (len(runs) - len(feasible))
        middle = float(np.quantile(gaps, 0.5, method="inverted_cdf"))
        close = [run for run, gap in zip(feasible, gaps, strict=False) if gap <= _CLOSE]
        errors = (
            [point_error(problem, run.point[-1], point) for run in close]
            if point is not None
            else []
        )
        soon = [
            int(run.evaluation[hit[0]])
            for run in feasible
            if (hit := np.flatnonzero((run.violation == 0) & (run.objective <= least))).size
        ]
        found[arm] = {
            "role": runs[0].role,
            "runs": len(runs),
            "reached": len(soon),
            "evaluations": float(np.median(soon)) if soon else None,
            "best_gap": min(gaps) if feasible else None,
            "median_gap": middle if np.isfinite(middle) else None,
            "close": len(close),
            "far_off": None if point is None else sum(error > _CLOSE for error in errors),
            "worst_error": max(errors) if errors else None,
        }
    return found


def close_in_cost_only(problem: Problem, reached: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Arms of a mix whose cost is within one percent of the optimum and whose shares are not."""
    if problem.definition.blend is None:
        return []
    told = [
        f"{arm} ({row['far_off']} of {row['close']} such runs, by up to "
        f"{number_text(100 * row['worst_error'], 3)} points)"
        for arm, row in reached.items()
        if row["role"] == "arm" and row["far_off"] and row["far_off"] >= _OFTEN * row["close"]
    ]
    if not told:
        return []
    return [
        "An error under one percent holds for the cost, not for the mix: a share is off by more "
        f"than a point in {list_text(told)}."
    ]


def solvers_ahead(reached: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """References that are at the optimum before any arm."""
    arms = {n: row for n, row in reached.items() if row["role"] == "arm" and row["evaluations"]}
    first = min(arms, key=lambda name: arms[name]["evaluations"], default=None)
    soonest = arms[first]["evaluations"] if first else np.inf
    ahead = [
        f"{name} after {row['evaluations']:,.0f} evaluation{'s' * (row['evaluations'] != 1)}"
        for name, row in reached.items()
        if row["role"] == "reference" and row["evaluations"] and row["evaluations"] < soonest
    ]
    if not ahead:
        return []
    rest = (
        f"the first arm, {first}, after {soonest:,.0f} (median of the runs that reach it)"
        if first
        else "no arm at all"
    )
    return [
        f"A solver is ahead of every arm: within a millionth of the optimum is {list_text(ahead)}, "
        f"{rest}."
    ]
