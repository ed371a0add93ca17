"""What the trials of each arm cost, and whether all arms were given the same."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.text import DASH, list_text


def summarise_costs(scores: pd.DataFrame, ledger: pd.DataFrame) -> dict[str, Any]:
    """Rows of the table of costs, the check of equal budgets, and the ledger's notes.

    Args:
        scores: for the budget of each trial where the ledger has none.
        ledger: columns arm, role, block, status, budget, budget_unit, seconds, device, note.
    """
    numbers = ledger.assign(
        seconds=pd.to_numeric(ledger["seconds"], errors="coerce"),
        budget=pd.to_numeric(ledger["budget"], errors="coerce"),
    )
    if numbers["budget"].isna().all():
        numbers = _with_budgets(numbers, scores)
    rows = [_row(str(arm), group) for arm, group in numbers.groupby("arm", sort=False)]
    notes = numbers["note"].fillna("").astype(str)
    said = {note: list(dict.fromkeys(numbers.loc[notes == note, "arm"])) for note in notes if note}
    everyone = numbers["arm"].nunique()
    return {
        "rows": rows,
        "known": bool(numbers[["seconds", "budget"]].notna().any(axis=None)),
        "check": _equal_budgets(numbers[numbers["role"] == "arm"]),
        "notes": [
            f"{note[:1].upper()}{note[1:]}."
            if len(arms) == everyone
            else f"{list_text([str(arm) for arm in arms])}: {note}."
            for note, arms in said.items()
        ],
    }


def _with_budgets(ledger: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    known = scores.drop_duplicates(["arm", "block"])[["arm", "block", "budget", "budget_unit"]]
    merged = ledger.drop(columns=["budget", "budget_unit"]).merge(
        known, on=["arm", "block"], how="left"
    )
    return merged.assign(budget=pd.to_numeric(merged["budget"], errors="coerce"))


def _row(arm: str, group: pd.DataFrame) -> dict[str, Any]:
    seconds = group["seconds"].dropna()
    budget = group["budget"].dropna()
    unit = next((str(word) for word in group["budget_unit"].dropna() if word), "")
    devices = sorted({str(name) for name in group["device"].dropna()} - {""})
    return {
        "arm": arm,
        "role": str(group["role"].iloc[0]),
        "trials": len(group),
        "finished": int((group["status"] == "ok").sum()),
        "budget": f"{budget.mean():,.0f} {unit}" if len(budget) else DASH,
        "each": time_text(float(seconds.mean())) if len(seconds) else DASH,
        "all": time_text(float(seconds.sum())) if len(seconds) else DASH,
        "device": ", ".join(devices) or DASH,
    }


def _equal_budgets(arms: pd.DataFrame) -> str:
    finished = arms[(arms["status"] == "ok") & arms["budget"].notna()]
    if finished.empty:
        return "No budget was recorded: whether the arms were given the same is not known."
    if finished["budget_unit"].nunique() == 1 and (
        finished.groupby("block")["budget"].nunique().max() == 1
    ):
        return "Every arm was given the same budget in every block."
    return "The arms were not given the same budget."


def time_text(seconds: float) -> str:
    """``0.8 s``, ``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
