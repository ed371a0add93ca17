"""The tidy tables every study ends in: scores, one row a trial and metric, and the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import StatisticsError
from fairtrial.core.hashing import sha256_table
from fairtrial.core.study import fold_and_seed

COLUMNS = (
    "study",
    "arm",
    "role",
    "block",
    "fold",
    "seed",
    "split",
    "subset",
    "protocol",
    "metric",
    "value",
    "higher_is_better",
    "status",
    "n_items",
    "budget",
    "budget_unit",
    "manifest_sha256",
    "splits_sha256",
)
LEDGER_COLUMNS = (
    "study",
    "arm",
    "role",
    "block",
    "status",
    "budget",
    "budget_unit",
    "seconds",
    "device",
    "threads",
    "note",
)
ROLES = ("arm", "reference", "probe", "floor")
STATUSES = ("ok", "diverged", "failed")
BUDGET_UNITS = ("updates", "evaluations", "")

_DEFAULTS: dict[str, Any] = {
    "role": "arm",
    "split": "test",
    "subset": "all",
    "protocol": "standard",
    "status": "ok",
    "budget_unit": "",
    "splits_sha256": "",
    "device": "",
    "note": "",
}
# May be unknown: a block that is no fold or run has neither fold nor seed, a table of someone's
# results has no item counts or budgets.
_NULLABLE = ("fold", "seed", "value", "n_items", "budget", "seconds", "threads")
_INTEGERS = ("fold", "seed", "n_items", "budget", "threads")
_KEY = ["study", "arm", "block", "split", "subset", "protocol", "metric"]
_FOLD_OR_RUN = re.compile(r"fold_\d+(_seed_\d+)?|run_\d+")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key under which ``fold_10`` follows ``fold_2``."""
    parts = re.split(r"(\d+)", text)
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def hashes_of(manifest: pd.DataFrame, splits: pd.DataFrame) -> dict[str, str]:
    """What every row of the scores says of its items and of their division."""
    return {
        "manifest_sha256": sha256_table(manifest, "item_id"),
        "splits_sha256": sha256_table(splits, ["block", "item_id"]),
    }


def make_scores(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Build the scores table.

    Args:
        rows: mappings with keys of `COLUMNS`, in the study's order of arms. May be left out:
            role "arm", split "test", subset "all", protocol "standard", status "ok",
            splits_sha256 "", fold and seed (read from the block's name), n_items, budget,
            budget_unit (unknown). ``value`` is None (or absent) exactly where status is not ok.

    Returns:
        Columns `COLUMNS`; ordered by arm (as first met), block, metric, split, subset, protocol.

    Raises:
        StatisticsError: a column is unknown or missing, a value breaks a rule, a row stands twice.
    """
    scores = _build(rows, COLUMNS, "scores")
    return check_scores(_order(scores, ["arm", "block", "metric", "split", "subset", "protocol"]))


def make_ledger(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Build the ledger, which says what every trial cost.

    Args:
        rows: mappings with keys of `LEDGER_COLUMNS`; ``seconds`` is wall-clock time. May be left
            out: role "arm", status "ok", budget, budget_unit, seconds, device, threads, note.

    Returns:
        Columns `LEDGER_COLUMNS`; ordered by arm (as first met) and block.

    Raises:
        StatisticsError: as `make_scores`.
    """
    ledger = _order(_build(rows, LEDGER_COLUMNS, "ledger"), ["arm", "block"])
    _check_words(ledger, "ledger")
    _check_once(ledger, ["study", "arm", "block"], "ledger")
    return ledger


def check_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Return ``scores`` with its column types restored, e.g. after reading it from CSV.

    Raises:
        StatisticsError: naming the column and row that break a rule of `make_scores`.
    """
    unknown, missing = set(scores.columns) - set(COLUMNS), set(COLUMNS) - set(scores.columns)
    if unknown or missing:
        raise StatisticsError(
            "scores",
            f"the columns {', '.join(COLUMNS)}",
            f"unknown {sorted(unknown)}, missing {sorted(missing)}",
            "Build the table with make_scores.",
        )
    if scores.empty:
        raise StatisticsError("scores", "at least one row", "none", "Run the trials first.")
    scores = _typed(scores[list(COLUMNS)], "scores")
    _check_words(scores, "scores")
    _check_values(scores)
    _check_once(scores, _KEY, "scores")
    for metric, group in scores.groupby("metric", sort=False):
        if group["higher_is_better"].nunique() > 1:
            raise StatisticsError(
                f"scores, metric {metric}",
                "one direction (higher_is_better)",
                "both",
                "Give the metrics two names, or mend the direction.",
            )
    for arm, group in scores.groupby("arm", sort=False):
        if group["role"].nunique() > 1:
            raise StatisticsError(
                f"scores, arm {arm}",
                "one role",
                sorted(group["role"].unique()),
                "Give the recipes two names.",
            )
    return scores


def _build(rows: Iterable[Mapping[str, Any]], columns: tuple[str, ...], table: str) -> pd.DataFrame:
    filled = []
    for number, row in enumerate(rows):
        unknown = sorted(set(row) - set(columns))
        if unknown:
            raise StatisticsError(
                f"{table}, row {number}",
                f"keys among {', '.join(columns)}",
                f"unknown {unknown}",
                "Leave them out.",
            )
        full = {**{k: v for k, v in _DEFAULTS.items() if k in columns}, **row}
        if "fold" in columns and _FOLD_OR_RUN.fullmatch(str(full.get("block", ""))):
            fold, seed = fold_and_seed(str(full["block"]))
            full = {"fold": fold, "seed": seed, **full}
        absent = [c for c in columns if c not in full and c not in _NULLABLE]
        if absent:
            raise StatisticsError(
                f"{table}, row {number}", f"a value for {absent[0]}", "none", "Give one."
            )
        filled.append({column: full.get(column) for column in columns})
    if not filled:
        raise StatisticsError(table, "at least one row", "none", "Run the trials first.")
    return _typed(pd.DataFrame(filled, columns=list(columns)), table)


def _typed(table: pd.DataFrame, name: str) -> pd.DataFrame:
    out = table.copy()
    for column in table.columns:
        try:
            if column in _INTEGERS:
                out[column] = _whole_numbers(table[column])
            elif column in ("value", "seconds"):
                out[column] = table[column].astype("float64")
            elif column == "higher_is_better":
                out[column] = table[column].astype("boolean").astype(bool)
            else:
                # CSV has one word for "" and for missing.
                out[column] = table[column].astype("object").fillna("").astype(str)
        except (TypeError, ValueError) as error:
            raise StatisticsError(
                f"{name}, column {column}",
                "whole numbers" if column in _INTEGERS else "numbers or true and false",
                f"{error}",
                "Mend the cell.",
            ) from None
    return out.reset_index(drop=True)


def _whole_numbers(cells: pd.Series) -> pd.Series:
    numbers = cells.astype("Float64")
    fractions = numbers[numbers.notna() & (numbers % 1 != 0)]
    if len(fractions):
        raise ValueError(f"{fractions.iloc[0]}")
    return numbers.astype("Int64")


def _order(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    place = {arm: index for index, arm in enumerate(dict.fromkeys(table["arm"]))}
    keys = {"arm": lambda arm: place[arm], "block": natural_key}
    order = sorted(
        range(len(table)),
        key=lambda row: tuple(keys.get(c, str)(table[c].iloc[row]) for c in by),
    )
    return table.iloc[order].reset_index(drop=True)


def _check_words(table: pd.DataFrame, name: str) -> None:
    allowed = {"role": ROLES, "status": STATUSES, "budget_unit": BUDGET_UNITS}
    for column, words in allowed.items():
        bad = ~table[column].isin(words)
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise StatisticsError(
                f"{name}, row {row}, column {column}",
                f"one of {', '.join(w or 'nothing' for w in words)}",
                repr(table[column].iloc[row]),
                "Use one of these words.",
            )
    for column in {"study", "arm", "block", "metric", "split", "manifest_sha256"} & set(table):
        if (table[column] == "").any():
            row = int(np.flatnonzero(table[column] == "")[0])
            raise StatisticsError(
                f"{name}, row {row}, column {column}", "a value", "nothing", "Give one."
            )


def _check_values(scores: pd.DataFrame) -> None:
    ok = (scores["status"] == "ok").to_numpy()
    value = scores["value"].to_numpy(float)
    wrong = np.where(ok, ~np.isfinite(value), ~np.isnan(value))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise StatisticsError(
            f"scores, row {row} (arm {scores['arm'].iloc[row]}, block {scores['block'].iloc[row]},"
            f" metric {scores['metric'].iloc[row]})",
            "a finite value where status is ok, and none elsewhere",
            f"{value[row]} with status {scores['status'].iloc[row]}",
            "Record a trial without a finite score as diverged or failed.",
        )


def _check_once(table: pd.DataFrame, key: list[str], name: str) -> None:
    twice = table.duplicated(key)
    if twice.any():
        row = table.loc[twice].iloc[0]
        raise StatisticsError(
            f"{name}, " + ", ".join(f"{column} {row[column]}" for column in key),
            "one row",
            "two or more",
            "Remove the repeated measurement.",
        )
