"""What binds, what it costs to relax it, and how far prices may move before the answer changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import list_text, number_text
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.style import COLOURS, INK, MUTED, new_figure
from fairtrial.problems.exhibits.sections import ANSWER
from fairtrial.problems.problem import Problem
from fairtrial.problems.wording import headed, with_unit

_MOST_BARS = 16


def binding_exhibit(problem: Problem, certificate: Mapping[str, Any]) -> Files:
    """Every constraint: its value at the optimum, its margin and the price of its limit."""
    rows = certificate["rows"]
    title = "What binds, and what relaxing it is worth"
    if not rows:
        none = pd.DataFrame([{"limit": "none beside the box"}])
        return exhibit(
            title, "The problem has no constraints.", data=none, table=True, section=ANSWER
        )
    data = pd.DataFrame(rows).drop(columns=["limit"])
    value = (certificate["optimum"] or certificate["answer"])["objective"]
    unit = problem.objective_unit
    table = pd.DataFrame(
        [
            {
                "limit": headed(row["name"], row["unit"]),
                "allowed": _allowed(row),
                "value": number_text(row["value"], 6),
                "margin": number_text(row["margin"], 4),
                "binds": "yes" if _binds(row) else "",
                headed("price of a unit", unit): number_text(row["price"], 5)
                if row["price"]
                else "",
                "limit + 1 %": _one_percent(row, value),
                "price holds from": _end(row, "holds_from"),
                "to": _end(row, "holds_to"),
            }
            for row in rows
        ]
    )
    if not any(_ranged(row) for row in rows):
        table = table.drop(columns=["price holds from", "to"])
    return exhibit(title, _told(rows, unit), None, data, table, section=ANSWER)


def _told(rows: list[Mapping[str, Any]], unit: str) -> str:
    if rows[0]["price"] is None:
        return _unpriced(rows)
    limits = [row for row in rows if row["low"] != row["high"]]
    priced = sorted((row for row in limits if row["price"]), key=lambda row: -abs(row["price"]))
    text = (
        "The price of a limit is the change of the optimum for each unit by which it is raised; "
        "the next column is the change for one percent of the limit, in percent of the optimum. "
    )
    if not limits:
        return text + "There are equalities only, which always bind."
    if not priced:
        return text + "No inequality binds: relaxing any by a little would gain nothing."
    if any(_ranged(row) for row in rows):
        text += "Where its price holds, what stops it stands in brackets. "
    told = [
        f"{row['name']} ({with_unit(number_text(row['price'], 4), unit)} a {row['unit'] or 'unit'})"
        for row in priced
    ]
    text += f"What binds: {list_text(told)}."
    others = " Relaxing the others by a little would gain nothing."
    return text + (others if len(limits) > len(priced) else "")


def _unpriced(rows: list[Mapping[str, Any]]) -> str:
    """Without prices the page says where the answer lies, and no more."""
    text = (
        "No price of a limit is known: prices need a proved optimum whose variables can all move "
        "by little. What relaxing a limit is worth is found by solving again with it moved. "
    )
    at = [row["name"] for row in rows if _binds(row) and row["low"] != row["high"]]
    return text + (f"The answer lies on {list_text(at)}." if at else "It lies on no inequality.")


def _binds(row: Mapping[str, Any]) -> bool:
    """By its price; where none is known, because the answer lies on it."""
    return bool(row["binds"] if row["price"] is None else row["price"])


def _ranged(row: Mapping[str, Any]) -> bool:
    return row["holds_from"] is not None or row["holds_to"] is not None


def _allowed(row: Mapping[str, Any]) -> str:
    low, high = row["low"], row["high"]
    if low == high:
        return f"= {low:.9g}"
    if low is None:
        return f"at most {high:.9g}"
    return f"at least {low:.9g}" if high is None else f"{low:.9g} to {high:.9g}"


def _one_percent(row: Mapping[str, Any], optimum: float) -> str:
    if not row["price"] or row["limit"] is None or not optimum:
        return ""
    change = row["price"] * row["limit"] / optimum
    return f"{number_text(change, 3)} %"


def _end(row: Mapping[str, Any], side: str) -> str:
    if not row["price"] or row[side] is None:
        return ""
    partner = row["below" if side == "holds_from" else "above"]
    return f"{number_text(row[side], 5)} ({partner})"


def costs_exhibit(problem: Problem, certificate: Mapping[str, Any]) -> Files:
    """Costs of the components, and between which the same mix stays the cheapest."""
    rows = certificate["costs"]
    figure, axes = new_figure(height_in=1.0 + 0.3 * len(rows))
    costs = [row["cost"] for row in rows]
    ends = [e for row in rows for e in (row["cost_from"], row["cost_to"]) if e is not None]
    # Nobody is paid for taking a component away: what reaches below 0 is cut off there.
    low, high = min([0.0, *costs]), max([*costs, *ends]) * 1.08
    for place, row in enumerate(rows):
        used = row["share"] > 0
        start = low if row["cost_from"] is None else max(row["cost_from"], low)
        end = high if row["cost_to"] is None else row["cost_to"]
        shade = COLOURS[0] if used else MUTED
        axes.plot([start, end], [place, place], color=shade, linewidth=6, alpha=0.35)
        if row["cost_to"] is None:
            axes.plot(high, place, ">", color=shade, markersize=5, clip_on=False)
        axes.plot(row["cost"], place, "o", color=shade, markersize=6)
    names = [f"{row['name']}{'  in the mix' if row['share'] > 0 else ''}" for row in rows]
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(low, high)
    axes.set_xlabel(headed("cost", problem.objective_unit))
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    table = pd.DataFrame(
        [
            {
                "component": row["name"],
                "share (%)": number_text(100 * row["share"], 5),
                "cost": row["cost"],
                "same mix from": number_text(row["cost_from"], 5),
                "to": number_text(row["cost_to"], 5),
                "below it changes": row["below"],
                "above it changes": row["above"],
                "too dear by": number_text(row["reduced_cost"], 4) if not row["share"] else "",
            }
            for row in rows
        ]
    )
    near = [row for row in rows if row["share"] and row["cost_to"] is not None]
    caption = (
        "A point is a component's cost, its bar the costs at which the same mix stays the cheapest "
        "while the others stay as they are."
    )
    if near:
        first = min(near, key=_room)
        caption += (
            f" The mix flips first if {first['name']} rises above "
            f"{number_text(first['cost_to'], 5)}: {first['above']} then comes in."
        )
    return exhibit(
        "Which price flips the mix", caption, figure, pd.DataFrame(rows), table, section=ANSWER
    )


def _room(row: Mapping[str, Any]) -> float:
    """By how much a cost may rise, relative to itself; what is free has all the room there is."""
    rise = float(row["cost_to"] - row["cost"])
    return rise / abs(row["cost"]) if row["cost"] else np.inf


def sensitivity_exhibit(problem: Problem, certificate: Mapping[str, Any]) -> Files:
    """What one percent of each number of the problem changes the optimum by."""
    rows = certificate["constants"]
    title = "What the optimum owes to each number"
    if not rows:
        definition = problem.definition
        caption = (
            "Nothing can be said of it: no optimum with prices was proved."
            if definition.constants or definition.blend is not None
            else "The file names no constants."
        )
        none = pd.DataFrame([{"number": "none"}])
        return exhibit(title, caption, data=none, table=True, section=ANSWER)
    drawn = [row for row in rows if row["percent"] is not None][:_MOST_BARS]
    figure, axes = new_figure(height_in=1.1 + 0.28 * max(len(drawn), 1))
    sizes = np.array([row["percent"] for row in drawn], dtype=float)
    axes.barh(range(len(drawn)), sizes, color=[COLOURS[0] if s >= 0 else COLOURS[1] for s in sizes])
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(range(len(drawn)), [row["number"] for row in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.set_xlabel("change of the optimum (%) for one percent more")
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    caption = (
        "How the optimum moves with each number of the problem, with everything else at its best "
        "again (envelope theorem, first order)."
    )
    if len(drawn) < len(rows):
        caption += " Numbers that are 0 have no percent; they stand in the CSV."
    return exhibit(title, caption, figure, pd.DataFrame(rows), section=ANSWER)
