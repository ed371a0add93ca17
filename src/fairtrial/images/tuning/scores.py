"""Scores of tuners: what their chosen recipes reach on test pictures, and what they spent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd


def with_trials(rows: Sequence[dict[str, Any]], trials: int) -> list[dict[str, Any]]:
    """Rows of scores whose budget is trials: those of a tuner, none for the untuned recipe."""
    budgets = {"arm": trials, "reference": 0}
    return [
        {**row, "budget": budgets[row["role"]], "budget_unit": "evaluations"}
        if row["role"] in budgets
        else row
        for row in rows
    ]


def with_search_costs(
    rows: Sequence[dict[str, Any]], searches: Sequence[pd.DataFrame]
) -> list[dict[str, Any]]:
    """Rows of the ledger of trainings, with what the searches before them cost.

    Args:
        rows: of the chosen recipes' trainings and of the reference's.
        searches: the table of trials of every tuner and block.
    """
    spent = {
        (str(table["tuner"].iloc[0]), str(table["block"].iloc[0])): table for table in searches
    }
    out = []
    for row in rows:
        table = spent.get((row["arm"], row["block"]))
        if table is None:
            out.append({**row, "role": "reference", "budget": 0, "budget_unit": "evaluations"})
            continue
        bad = int((table["status"] != "ok").sum())
        lost = f"{bad} of {len(table)} trials came to no finite value" if bad else ""
        out.append(
            {
                **row,
                "budget": len(table),
                "budget_unit": "evaluations",
                "seconds": row["seconds"] + float(table["seconds"].sum()),
                "note": "; ".join(part for part in (row["note"], lost) if part),
            }
        )
    return out
