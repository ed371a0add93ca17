"""The two figures every verdict has: what was compared, and what the comparison says."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import MINUS
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import box_plot, critical_difference, interval_plot


def scores_exhibit(verdict: dict[str, Any]) -> Files:
    """Boxes and points of the primary metric, arm by arm.

    Args:
        verdict: plain data, as `fairtrial.statistics.verdict.judge` returns it.
    """
    metric, unit = _metric(verdict), verdict["blocks"]["unit"]
    direction = "higher" if verdict["higher_is_better"] else "lower"
    blocked = verdict["design"] == "blocked"
    caption = (
        f"One point a {unit}; the box holds the middle half, its line is the median. "
        f"{direction.capitalize()} is better."
    )
    if verdict["blocks"]["seeds"] > 1:
        caption += " A point is the mean over the seeds of its fold."
    data = pd.DataFrame(
        [
            {"arm": arm, unit: block, verdict["primary_metric"]: value}
            for arm, points in verdict["values"].items()
            for block, value in points.items()
        ]
    )
    figure = box_plot(verdict["values"], f"{metric} ({direction} is better)", connect=blocked)
    return exhibit(f"Values of {metric}", caption, figure, data)


def ranks_exhibit(verdict: dict[str, Any]) -> Files:
    """The critical-difference diagram, or where there is none the differences of all pairs."""
    test = verdict["test"]
    if test and test["critical_difference"] is not None:
        ranks = {row["arm"]: row["mean_rank"] for row in verdict["arms"]}
        caption = (
            f"Mean rank over {verdict['blocks']['used']} {verdict['blocks']['unit']}s, 1 the best. "
            f"Arms under one bar are not told apart by Nemenyi's test at alpha = "
            f"{verdict['alpha']:g}."
        )
        figure = critical_difference(ranks, test["critical_difference"])
        data = pd.DataFrame({"arm": list(ranks), "mean_rank": list(ranks.values())})
        return exhibit("Ranks and critical difference", caption, figure, data)
    return _differences_exhibit(verdict)


def _differences_exhibit(verdict: dict[str, Any]) -> Files:
    rows = [
        (
            f"{pair['a']} {MINUS} {pair['b']}",
            *(pair["difference"][k] for k in ("low", "estimate", "high")),
        )
        for pair in verdict["pairs"]
        if pair["difference"] is not None
    ]
    title = "Differences between arms"
    data = pd.DataFrame(rows, columns=["pair", "low", "estimate", "high"])
    if not rows:
        caption = "No difference could be estimated: some arm finished nowhere."
        return exhibit(title, caption, data=data, table=True)
    reached = min(p["difference"]["confidence"] for p in verdict["pairs"] if p["difference"])
    kind = "median of paired differences" if verdict["design"] == "blocked" else "shift of the runs"
    caption = (
        f"Hodges-Lehmann estimate of the {kind} with its {100 * reached:.3g} % interval, not "
        f"adjusted for the number of pairs. {'Right' if verdict['higher_is_better'] else 'Left'} "
        "of zero the first arm is better."
    )
    figure = interval_plot(
        rows, f"difference in {_metric(verdict)}", margin=verdict["smallest_difference"]
    )
    return exhibit(title, caption, figure, data)


def _metric(verdict: dict[str, Any]) -> str:
    return str(verdict["primary_metric"]).replace("_", " ")
