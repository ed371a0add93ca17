"""Figures of a study of problems: progress by evaluations, and the grading curve of a mix."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.answer import solutions
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial, by_arm
from fairtrial.problems.scoring import relative_gaps, target_value

FloatArray = npt.NDArray[np.float64]

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
    """Anytime curves: the median and quartiles of the arms, the end points of the references."""
    table = anytime_table(problem, trials, budget, resolution)
    _, origin = target_value(problem, trials)
    figure, axes = new_figure()
    arms = table[table["role"] == "arm"]
    for colour, (arm, curve) in zip(_colours(), arms.groupby("arm", sort=False), strict=False):
        shown = curve[["q25", "median", "q75"]].clip(lower=resolution)
        x = curve["evaluations"]
        axes.fill_between(
            x, shown["q25"], shown["q75"], color=colour, alpha=0.18, linewidth=0, step="post"
        )
        axes.step(x, shown["median"], where="post", color=colour, label=arm)
    started = arms.loc[arms["median"].notna(), "evaluations"]
    start = int(started.min()) if len(started) else 1
    for marker, (name, runs) in zip(
        "Ds^v", by_arm([t for t in trials if t.role == "reference"]).items(), strict=False
    ):
        last = table[table["arm"] == name].iloc[-1]
        axes.plot(
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
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(start, budget)
    axes.set_xlabel("evaluations")
    axes.set_ylabel("relative gap to the optimum")
    axes.grid(axis="y")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    runs_each = {len(runs) for arm, runs in by_arm(trials).items() if runs[0].role == "arm"}
    caption = (
        "Best feasible point so far against counted evaluations: median (line) and quartiles "
        f"(band) of {max(runs_each)} runs an arm. Gaps are relative to {origin}; those below "
        f"{resolution:g} are drawn there. A curve starts where half of the runs have a feasible "
        "point."
    )
    return exhibit("Progress by evaluations", caption, figure, table)


def sieve_curve_exhibit(problem: Problem, trials: Sequence[Trial]) -> Files:
    """Grading curves of the answers within the limits of the sieves.

    Raises:
        ConfigError: the problem is no mix by sieves.
    """
    if not problem.sieve_mm:
        raise ConfigError(
            "evaluate.sieve_curve",
            "a blend whose table starts with a column sieve_mm",
            f"the problem {problem.definition.name}",
            "Set it to false.",
        )
    sieves = np.array(problem.sieve_mm)
    order = np.argsort(sieves)
    sieve_rows = problem.rows[: sieves.size]
    low = np.array([max(row.low, 0.0) for row in sieve_rows])[order]
    high = np.array([min(row.high, 100.0) for row in sieve_rows])[order]
    shown = solutions(problem, trials)
    table = pd.DataFrame({"sieve_mm": sieves[order], "lower": low, "upper": high})
    figure, axes = new_figure()
    axes.fill_between(sieves[order], low, high, color=MUTED, alpha=0.15, linewidth=0)
    for limit in (low, high):
        axes.plot(sieves[order], limit, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot([], [], color=MUTED, linewidth=6, alpha=0.3, label="limits")
    # Good answers nearly coincide: each later line is thinner, so that those below still show.
    widths = np.linspace(5.0, 1.0, max(len(shown), 2))
    for index, solution in enumerate(shown):
        passing = solution.rows[: sieves.size][order]
        table[solution.name] = passing
        claimed = solution.claimed
        axes.plot(
            sieves[order],
            passing,
            color=INK if claimed else COLOURS[index % len(COLOURS)],
            linewidth=1.2 if claimed else widths[index],
            linestyle=(0, (4, 2)) if claimed else "-",
            label=solution.name + ("" if solution.violation == 0 else ", infeasible"),
        )
    axes.set_xscale("log")
    axes.set_xticks(sieves[order], [f"{sieve:g}" for sieve in sieves[order]])
    axes.minorticks_off()
    axes.set_ylim(0, 102)
    axes.set_xlabel("sieve (mm)")
    axes.set_ylabel("passing (%)")
    axes.grid(axis="both")
    axes.legend(loc="upper left")
    caption = (
        "Grading of the best mix of the arms, of the references and of claimed mixes; "
        "the band is what the limits allow."
    )
    return exhibit("Grading curve", caption, figure, table)


def _colours() -> list[str]:
    return list(COLOURS) * 4
