"""Progress by evaluations: how far from the optimum, and at what cost (Fig. 4 of the papers)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.sections import OPTIMISERS
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, by_arm
from fairtrial.problems.scoring import relative_gaps, target_value
from fairtrial.problems.wording import headed

_GRID = 200  # points of a curve, evenly spaced on the logarithm of the evaluations


def anytime_table(
    problem: Problem, trials: Sequence[Trial], budget: int, resolution: float
) -> pd.DataFrame:
    """Quartiles over an arm's runs of the best relative gap after so many evaluations.

    Columns: arm, role, evaluations, q25, median, q75 (empty where that share of the runs has no
    feasible point yet), feasible (share of the runs with a feasible point).
    """
    target, _ = target_value(problem, trials)
    grid = np.unique(np.geomspace(1, budget, _GRID).round().astype(np.int64))
    rows = []
    for arm, runs in by_arm(trials).items():
        gaps = np.full((len(runs), grid.size), np.inf)
        for index, trial in enumerate(runs):
            if target is None or not trial.run.evaluation.size:
                continue
            own = relative_gaps(trial.run, target, resolution)
            last = np.searchsorted(trial.run.evaluation, grid, side="right") - 1
            gaps[index] = np.where(last >= 0, own[np.maximum(last, 0)], np.inf)
        # An order statistic, never a mean of two: a run without a feasible point is infinite.
        q25, median, q75 = np.quantile(gaps, [0.25, 0.5, 0.75], axis=0, method="inverted_cdf")
        rows.append(
            pd.DataFrame(
                {
                    "arm": arm,
                    "role": runs[0].role,
                    "evaluations": grid,
                    "q25": q25,
                    "median": median,
                    "q75": q75,
                    "feasible": np.isfinite(gaps).mean(axis=0),
                }
            )
        )
    return pd.concat(rows, ignore_index=True).replace(np.inf, np.nan)


def convergence_exhibit(
    problem: Problem, trials: Sequence[Trial], budget: int, resolution: float
) -> Files:
    """Anytime curves of the gap, and of the objective itself as the papers draw it."""
    table = anytime_table(problem, trials, budget, resolution)
    target, origin = target_value(problem, trials)
    figure, axes = new_figure(height_in=6.6, rows=2)
    above, below = axes[:, 0]
    arms = table[table["role"] == "arm"]
    for colour, (arm, curve) in zip(_colours(), arms.groupby("arm", sort=False), strict=False):
        _draw(above, curve, colour, arm, lambda gap: gap.clip(lower=resolution))
        _draw(below, curve, colour, arm, lambda gap: _objective(problem, gap, target))
    started = arms.loc[arms["median"].notna(), "evaluations"]
    start = int(started.min()) if len(started) else 1
    references = by_arm([t for t in trials if t.role == "reference"])
    for marker, (name, runs) in zip("Ds^v", references.items(), strict=False):
        last = table[table["arm"] == name].iloc[-1]
        above.plot(
            [min(max(runs[0].run.evaluations, start), budget)],
            [max(last["median"], resolution)],
            linestyle="none",
            marker=marker,
            markersize=7,
            markerfacecolor="white",
            color=INK,
            clip_on=False,
            label=f"{name} (reference)",
        )
    above.set_yscale("log")
    above.set_ylabel("relative gap to the optimum")
    above.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    if target is not None:
        best = problem.sign * target
        below.axhline(best, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        below.set_ylim(*_window(problem, arms, target))
    below.set_ylabel(headed("objective", problem.objective_unit))
    for panel in (above, below):
        panel.set_xscale("log")
        panel.set_xlim(start, budget)
        panel.set_xlabel("evaluations")
        panel.grid(axis="y")
    runs_each = {len(runs) for runs in by_arm(trials).values() if runs[0].role == "arm"}
    caption = (
        "Best feasible point so far against counted evaluations: median (line) and quartiles "
        f"(band) of {max(runs_each)} runs an arm; above the gap relative to {origin} (those below "
        f"{resolution:g} are drawn there), below the objective itself with the optimum dashed. A "
        "curve starts where half of the runs have a feasible point."
    )
    if references:
        caption += (
            " The mark of a reference stands at the evaluations that it spent in all, or at the "
            "edge that is nearest to them."
        )
    return exhibit("Progress by evaluations", caption, figure, table, section=OPTIMISERS)


def _draw(axes: Any, curve: pd.DataFrame, colour: str, arm: object, shown: Any) -> None:
    low, middle, high = (shown(curve[name]) for name in ("q25", "median", "q75"))
    x = curve["evaluations"]
    axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0, step="post")
    axes.step(x, middle, where="post", color=colour, label=arm)


def _objective(problem: Problem, gap: pd.Series, target: float | None) -> pd.Series:
    value = 0.0 if target is None else target
    return problem.sign * (value + gap * (abs(value) or 1.0))


def _window(problem: Problem, arms: pd.DataFrame, target: float) -> tuple[float, float]:
    """From the optimum to where the worst arm ends, with room to see it fall to there."""
    last = arms.groupby("arm", sort=False)["median"].last().max()
    reach = 3 * last if np.isfinite(last) and last > 1e-3 else 0.3
    size = abs(target) or 1.0
    ends = [problem.sign * (target - 0.05 * reach * size), problem.sign * (target + reach * size)]
    return min(ends), max(ends)


def _colours() -> list[str]:
    return list(COLOURS) * 4
