"""How soon and how surely the optimisers reach their targets, and how far off they end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import DASH, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.target_figures import attainment_plot
from fairtrial.problems.exhibits.sections import OPTIMISERS
from fairtrial.statistics.spread import median_interval
from fairtrial.statistics.targets import attainment, first_hits, running_times, spread_grid


def targets_exhibit(
    scores: pd.DataFrame, alpha: float, resamples: int, generator: np.random.Generator
) -> Files:
    """Attained share of (run, target) pairs by evaluations, with success and running times."""
    hits = first_hits(scores)
    times = running_times(hits, 1 - alpha, resamples, generator)
    curves = attainment(hits[hits["role"] == "arm"], spread_grid(hits))
    figure = attainment_plot(curves, "runs and targets")
    targets = sorted(set(times["target"]), reverse=True)
    rows = []
    for (arm, role), mine in times.groupby(["arm", "role"], sort=False):
        at = mine.set_index("target")
        name = str(arm) if role == "arm" else f"{arm} (reference)"
        rows.append({"arm": name, **{f"gap {t:g}": _cell(at.loc[t]) for t in targets}})
    caption = (
        "Above, the share of all pairs of a run and a target (relative gaps "
        f"{targets[0]:g} to {targets[-1]:g}) reached after so many evaluations. Below, the "
        "expected running time to each target: evaluations of all runs, failed ones included, for "
        "each success; in brackets the share of the runs that succeed, where not all do. Intervals "
        f"({100 * (1 - alpha):g} %) stand in the CSV."
    )
    return exhibit(
        "Reaching the targets", caption, figure, times, pd.DataFrame(rows), section=OPTIMISERS
    )


def _cell(row: pd.Series) -> str:
    if not row["successes"]:
        return DASH
    text = f"{row['ert']:,.0f}"
    if row["successes"] < row["runs"]:
        text += f" ({100 * row['share']:.0f} %)"
    return text


def gaps_exhibit(scores: pd.DataFrame, alpha: float, is_mix: bool) -> Files:
    """Median gap of each arm with its interval, its extremes, and how far its points are off."""
    rows, cells = [], []
    arms = scores[scores["role"].isin(["arm", "reference"])]
    for (arm, role), mine in arms.groupby(["arm", "role"], sort=False):
        gaps = mine[mine["metric"] == "relative_gap"]["value"].fillna(np.inf).to_numpy(dtype=float)
        errors = mine.loc[mine["metric"] == "point_error", "value"].dropna().to_numpy(dtype=float)
        middle = median_interval(gaps, 1 - alpha)
        row: dict[str, Any] = {
            "arm": arm,
            "role": role,
            "runs": gaps.size,
            "feasible": int(np.isfinite(gaps).sum()),
            "best": gaps.min(),
            "median": middle.estimate,
            "low": middle.low,
            "high": middle.high,
            "worst": gaps.max(),
            "point_error": np.median(errors) if errors.size else np.nan,
        }
        rows.append(row)
        single = gaps.size == 1
        cells.append(
            {
                "arm": arm if role == "arm" else f"{arm} (reference)",
                "runs with a feasible point": f"{row['feasible']} of {gaps.size}",
                "best gap": _gap(gaps.min()),
                "median gap": _gap(middle.estimate),
                "its interval": "" if single else f"{_gap(middle.low)} to {_gap(middle.high)}",
                "worst gap": _gap(gaps.max()),
                "largest error of a share" if is_mix else "largest error of a variable": _error(
                    row["point_error"], is_mix
                ),
            }
        )
    caption = (
        "Relative gaps of the final points; a run without a feasible point counts as the worst. "
        f"The interval ({100 * (1 - alpha):g} %) is that of the median, between two of the runs. "
        "The last column is the median over the runs of "
    )
    caption += (
        "the largest difference of a component's share to the exact optimum's, in points of "
        "percent: what a low cost does not tell."
        if is_mix
        else "the largest distance of a variable to the exact optimum's, in percent of its box."
    )
    data = pd.DataFrame(rows).replace(np.inf, np.nan)
    return exhibit(
        "How far from the optimum", caption, None, data, pd.DataFrame(cells), section=OPTIMISERS
    )


def _gap(value: float) -> str:
    if not np.isfinite(value):
        return "infeasible"
    return "0" if value == 0 else (f"{value:.1e}" if value < 0.001 else number_text(value, 3))


def _error(value: float, is_mix: bool) -> str:
    if not np.isfinite(value):
        return DASH
    return f"{number_text(100 * value, 3)}{' points' if is_mix else ' %'}"
