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
        Of each: role, runs, reached (runs within a millionth of the optimum), best_gap and
        median_gap (relative; none where no, or less than half of the runs are feasible) and
        median_point_error (in widths of the box).
    """
    found = {}
    for arm, runs in by_arm(trials).items():
        feasible = [trial.run for trial in runs if trial.run.feasible]
        size = abs(optimum) or 1.0
        gaps = [max((float(run.objective[-1]) - optimum) / size, 0.0) for run in feasible]
        gaps += [np.inf] * (len(runs) - len(feasible))
        middle = float(np.quantile(gaps, 0.5, method="inverted_cdf"))
        errors = (
            [point_error(problem, run.point[-1], point) for run in feasible]
            if point is not None
            else []
        )
        found[arm] = {
            "role": runs[0].role,
            "runs": len(runs),
            "reached": sum(gap <= AT_OPTIMUM for gap in gaps),
            "best_gap": min(gaps) if feasible else None,
            "median_gap": middle if np.isfinite(middle) else None,
            "median_point_error": float(np.median(errors)) if errors else None,
        }
    return found


def close_in_cost_only(problem: Problem, reached: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Arms of a mix whose cost is within one percent of the optimum and whose shares are not."""
    if problem.definition.blend is None:
        return []
    told = [
        f"{arm} ({number_text(100 * row['median_gap'], 3)} % dearer, a share off by "
        f"{number_text(100 * row['median_point_error'], 3)} points)"
        for arm, row in reached.items()
        if row["role"] == "arm"
        and row["median_gap"] is not None
        and row["median_point_error"] is not None
        and row["median_gap"] <= _CLOSE < row["median_point_error"]
    ]
    if not told:
        return []
    return [
        f"An error under one percent holds for the cost, not for the mix, of {list_text(told)}; "
        "medians over the runs."
    ]
