"""What a reader of a verdict must be told beside it, found in the scores themselves."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.text import count_text, list_text, number_text
from fairtrial.statistics.beside import is_ahead
from fairtrial.statistics.guards import identical_columns
from fairtrial.statistics.selection import Selection

# Below so many rows a correlation near 0, or far from it, is as likely chance.
_ENOUGH_ROWS = 8
_NEAR_ZERO = 0.1
_LIKE_BLOCKS = 0.5


# An arm may be worse than the data compared with itself, but not by so much.
_FAR_FROM_FLOOR = 3


def find_cautions(verdict: dict[str, Any], chosen: Selection, spent: pd.DataFrame) -> list[str]:
    """Plain sentences, the gravest first.

    Args:
        verdict: the verdict so far.
        chosen: the values it is about.
        spent: budget of every trial: columns arm, role, block, status, budget, budget_unit.
    """
    return [
        *_near_the_best(verdict),
        *_own_reference(verdict),
        *_unequal_budgets(spent),
        *_unfinished(verdict),
        *_no_blocks(verdict),
        *_identical(chosen),
        *_several_hashes(verdict),
    ]


def _near_the_best(verdict: dict[str, Any]) -> list[str]:
    """A probe, made to see too little, should stay behind; a floor should stay apart."""
    if verdict["best"] is None:
        return []
    best = next(row for row in verdict["arms"] if row["arm"] == verdict["best"]["arm"])
    measured = [row for row in verdict["others"] if row["leads"] and row["mean"] is not None]
    margin = verdict["smallest_difference"]
    if margin is None:
        # Either side of an interval may be cut off at the end of the metric's range.
        sides = (best["high"], best["low"]) if best["low"] is not None else ()
        margin = max((abs(side - best["mean"]) for side in sides), default=0.0)
    floors = [row for row in measured if row["role"] == "floor"]
    probes = [row for row in measured if row["role"] == "probe"]
    return [
        *_beside_floors(verdict, best, floors, margin),
        *_beside_probes(verdict, best, probes, margin),
    ]


def _beside_floors(
    verdict: dict[str, Any], best: dict[str, Any], floors: list[dict[str, Any]], margin: float
) -> list[str]:
    """A floor may be chance, which arms beat, or real data against real data, which none should.

    Only an arm level with it, or far above the smallest that is possible, is news.
    """
    found = []
    for other in floors:
        front, name = _front(best), f"floor {_told(other)}"
        if abs(best["mean"] - other["mean"]) <= margin:
            found.append(f"The {front} is level with the {name}.")
        elif not verdict["higher_is_better"] and (
            0 < other["mean"] * _FAR_FROM_FLOOR < best["mean"]
        ):
            times = number_text(best["mean"] / other["mean"], 2)
            found.append(f"The {front} is far from the {name}: {times} times as large.")
    return found


def _beside_probes(
    verdict: dict[str, Any], best: dict[str, Any], probes: list[dict[str, Any]], margin: float
) -> list[str]:
    """Probes in front of the best arm or near it, then arms behind any other probe."""
    sign = 1 if verdict["higher_is_better"] else -1
    in_front, near, apart = [], [], []
    for other in probes:
        gap = sign * (best["mean"] - other["mean"])
        ahead = {lead["arm"]: is_ahead(lead, sign > 0) for lead in other["leads"]}
        if gap < 0:
            in_front.append(other)
        elif gap <= margin or not ahead[best["arm"]]:
            near.append(other)
        else:
            apart.append((other, [arm for arm, is_it in ahead.items() if not is_it]))
    found = [
        f"The probe{'s' if len(rows) > 1 else ''} {list_text([_told(row) for row in rows])} "
        f"{verb if len(rows) > 1 else one} the {_front(best)}: what sees so little should not, and "
        "the metric may not measure what the arms were made for."
        for rows, one, verb in (
            (in_front, "does better than", "do better than"),
            (near, "comes near", "come near"),
        )
        if rows
    ]
    return found + [
        f"Not shown to do better than the probe {_told(other)}: {list_text(arms)}."
        for other, arms in apart
        if arms
    ]


def _front(best: dict[str, Any]) -> str:
    return f"best arm {best['arm']} ({number_text(best['mean'])})"


def _told(other: dict[str, Any]) -> str:
    sees = f"; sees {other['sees']}" if other["sees"] else ""
    return f"{other['arm']} ({number_text(other['mean'])}{sees})"


def _own_reference(verdict: dict[str, Any]) -> list[str]:
    if verdict["protocol"] != "paper":
        return []
    return [
        "Protocol paper: every arm is scored against its own training data at its own number of "
        "items; its values compare unlike things."
    ]


def _unequal_budgets(spent: pd.DataFrame) -> list[str]:
    rows = spent[(spent["role"] == "arm") & (spent["status"] == "ok")]
    known = rows.dropna(subset=["budget"])
    if known.empty:
        return []
    units = sorted(known["budget_unit"].fillna("").astype(str).unique())
    if len(units) > 1:
        return [f"Budgets are counted in different units ({list_text(units)})."]
    if known.groupby("block")["budget"].nunique().max() > 1:
        means = known.groupby("arm", sort=False)["budget"].mean()
        parts = [f"{arm} {mean:,.6g}" for arm, mean in means.items()]
        return [f"Budgets differ between arms (mean {units[0]}: {', '.join(parts)})."]
    return []


def _unfinished(verdict: dict[str, Any]) -> list[str]:
    blocks = verdict["blocks"]
    if not blocks["unfinished"]:
        return []
    parts = [f"{row['arm']} {row['unfinished']}" for row in verdict["arms"] if row["unfinished"]]
    return [
        f"{blocks['unfinished']} of {count_text(blocks['trials'], 'trial')} did not finish "
        f"({', '.join(parts)}); a comparison of those that did may favour an arm that fails."
    ]


def _no_blocks(verdict: dict[str, Any]) -> list[str]:
    r, rows = verdict["row_correlation"], verdict["blocks"]["used"]
    if r is None or rows < _ENOUGH_ROWS:
        return []
    told = f"mean rank correlation between arms {number_text(r, 2)} over {rows} rows"
    if verdict["design"] == "blocked" and r < _NEAR_ZERO:
        return [
            f"The study is declared blocked, but its rows behave like independent runs "
            f"({told}): what a row shares does not move the arms together."
        ]
    if verdict["design"] == "independent" and r > _LIKE_BLOCKS:
        return [
            f"The study is declared independent, but its rows behave like blocks ({told}): "
            "a blocked design would use what they share."
        ]
    return []


def _identical(chosen: Selection) -> list[str]:
    return [
        f"{a} and {b} have the same value in every {chosen.unit}: are they different recipes?"
        for a, b in identical_columns(chosen.table)
    ]


def _several_hashes(verdict: dict[str, Any]) -> list[str]:
    return [
        f"The scores stem from {len(verdict[column])} different {name}: not all arms saw the "
        "same data."
        for column, name in (("manifest_sha256", "manifests"), ("splits_sha256", "splits"))
        if len(verdict[column]) > 1
    ]
