"""The page of a study: one HTML file with everything in it, for a reader who was not there."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import DASH, count_text, number_text
from fairtrial.evidence.costs import summarise_costs
from fairtrial.evidence.report import check_report
from fairtrial.evidence.sections import OPENING
from fairtrial.evidence.templating import data_url, environment

# A larger table is left in the workspace: the page should stay fit for an e-mail.
_MAX_DATA_BYTES = 200_000
_MAX_TABLE_ROWS = 200

# The first two exhibits are about the primary metric and stand right below the verdict.
_LEADING = 2


def render_page(
    verdict: Mapping[str, Any],
    scores: pd.DataFrame,
    ledger: pd.DataFrame,
    ingest_report: Mapping[str, Any],
    lineage: Mapping[str, Mapping[str, str]],
    exhibits: Sequence[Files],
) -> str:
    """The page as one HTML document that loads nothing from elsewhere.

    Args:
        verdict: plain data, as `fairtrial.statistics.verdict.judge` returns it.
        scores: the study's scores, for the budgets of its trials.
        ledger: what its trials cost.
        ingest_report: counts, reasons of exclusion and notes, as
            `fairtrial.evidence.report.check_report` asks for.
        lineage: dataset -> version, sha256, fingerprint.
        exhibits: as `fairtrial.evidence.exhibits.exhibit` packs them; the scores and the ranks
            first.

    Raises:
        DataError: the ingest report is of another shape.
    """
    shown = [unpack_exhibit(files) for files in exhibits]
    arms, best = verdict["arms"], verdict["best"]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            v=verdict,
            opening=_sections(shown[_LEADING:]).get(OPENING, []),
            figures=shown[:_LEADING],
            sections={
                name: part for name, part in _sections(shown[_LEADING:]).items() if name != OPENING
            },
            ranked=any(row["mean_rank"] is not None for row in arms),
            front=[best["arm"], *best["level"]] if best else [],
            confidence=f"{100 * (1 - verdict['alpha']):g} %",
            coverage=_coverage(verdict["pairs"]),
            lead_coverage=_coverage([lead for row in verdict["others"] for lead in row["leads"]]),
            metrics=_metric_table(verdict),
            costs=summarise_costs(scores, ledger),
            data=_data(ingest_report),
            lineage=without_pages(lineage),
        )
        + "\n"
    )


def _sections(shown: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Heading -> its exhibits, both in the order in which they come."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        sections.setdefault(one["section"], []).append(one)
    return sections


def _coverage(compared: Sequence[Mapping[str, Any]]) -> str:
    """What the intervals of differences really cover; "" where there are none."""
    found = [row["difference"]["confidence"] for row in compared if row["difference"]]
    reached = sorted({f"{100 * confidence:.3g} %" for confidence in found})
    return " to ".join(reached) if len(reached) <= 2 else "about the level asked for"


def without_pages(lineage: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Lineage without pages and what stands on them: their stored versions may be earlier ones."""
    kept = {}
    for dataset, entry in lineage.items():
        name = dataset.rpartition(".")[2]
        if name != "page" and not name.startswith("figure__") and not name.endswith("_page"):
            kept[dataset] = entry
    return kept


def unpack_exhibit(files: Files) -> dict[str, Any]:
    """What a template shows of an exhibit: its head, picture, table and clips."""
    head = json.loads(files["figure.json"])
    data = files.get("data.csv")
    empty: dict[str, Any] = {"image": None, "data": None, "rows": [], "columns": [], "clips": []}
    out = {**empty, **head}
    out["file"] = "".join(c if c.isalnum() else "_" for c in head["title"].lower()) + ".csv"
    if "figure.svg" in files:
        out["image"] = data_url("image/svg+xml", files["figure.svg"])
    for number, clip in enumerate(out["clips"]):
        sound, image = (files.get(f"clip_{number}.{ending}") for ending in ("mp3", "svg"))
        clip["sound"] = data_url("audio/mpeg", sound) if sound else None
        clip["image"] = data_url("image/svg+xml", image) if image else None
    if data is not None and len(data) <= _MAX_DATA_BYTES:
        out["data"] = data_url("text/csv", data)
    shown = files.get("table.csv", data)
    if shown is not None and head["table"]:
        table = pd.read_csv(io.BytesIO(shown), keep_default_na=False, na_values=[""])
        out["columns"] = list(table.columns)
        out["numeric"] = [pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]
        rows = table.head(_MAX_TABLE_ROWS).itertuples(index=False)
        whole = [_is_whole(table[name]) for name in table.columns]
        out["rows"] = [
            [_cell(value, as_whole) for value, as_whole in zip(row, whole, strict=True)]
            for row in rows
        ]
        if len(table) > _MAX_TABLE_ROWS:
            out["caption"] += f" The first {_MAX_TABLE_ROWS} of {len(table)} rows."
    return out


def _is_whole(column: pd.Series) -> bool:
    """Whether numbers are counts that only missing cells made floats."""
    known = column.dropna()
    return pd.api.types.is_float_dtype(column) and bool((known % 1 == 0).all())


def _cell(value: Any, as_whole: bool) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return DASH
    if as_whole:
        return f"{value:,.0f}"
    if isinstance(value, float):
        return number_text(value)
    return str(value)


def _metric_table(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """Rows: metric, split, subset and protocol; columns: arms, then what stands beside them.

    What is not of all test items under the verdict's protocol stands apart, as ``more``.
    """
    arms = list(dict.fromkeys(row["arm"] for row in verdict["metrics"]))
    cells: dict[str, dict[str, str]] = {}
    main = set()
    for row in verdict["metrics"]:
        name = str(row["metric"]).replace("_", " ")
        parts = [
            "" if row["split"] == "test" else f"{row['split']} split",
            "" if row["subset"] == "all" else str(row["subset"]).replace("_", " "),
            "" if row["protocol"] == verdict["protocol"] else f"protocol {row['protocol']}",
        ]
        name += "".join(f", {part}" for part in parts if part)
        if not any(parts):
            main.add(name)
        spread = "" if row["sd"] is None else f" ± {number_text(row['sd'], 2)}"
        counted = "" if row["n"] == row["trials"] else f" ({row['n']} of {row['trials']})"
        cells.setdefault(name, {})[row["arm"]] = number_text(row["mean"]) + spread + counted
    primary = str(verdict["primary_metric"]).replace("_", " ")
    order = sorted(cells, key=lambda name: (not name.startswith(primary), name))
    rows = [{"name": n, "cells": [cells[n].get(arm, DASH) for arm in arms]} for n in order]
    partial = any(row["n"] != row["trials"] for row in verdict["metrics"])
    return {
        "arms": arms,
        "rows": [row for row in rows if row["name"] in main],
        "more": [row for row in rows if row["name"] not in main],
        "partial": partial,
    }


def _data(report: Mapping[str, Any]) -> dict[str, Any]:
    report = check_report(report)
    counts = report["counts"]
    sentence = f"{count_text(counts['listed'], 'item')} listed, {counts['used']} used"
    sentence += f", {counts['excluded']} excluded." if counts["excluded"] else "; none excluded."
    reasons = sorted(report["reasons"].items(), key=lambda item: (-item[1], item[0]))
    return {"sentence": sentence, "reasons": reasons, "notes": report["notes"]}
