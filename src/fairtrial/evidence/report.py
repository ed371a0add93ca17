"""The ingest report: what was listed, what was left out and why, in one shape for every kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import DataError

_COUNTS = ("listed", "used", "excluded")


def check_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``report`` with ``warnings`` filled in, once it is what a page can show.

    Args:
        report: ``counts`` (listed, used, excluded), ``reasons`` (reason of exclusion -> number of
            items), ``synthetic``, ``notes`` and, where there are any, ``warnings`` (plain
            sentences; these stand beside the verdict). Further keys are the kind's own.

    Raises:
        DataError: a part is missing or of another shape, or the counts do not reconcile.
    """
    full: dict[str, Any] = {"warnings": [], **report}
    counts: Any = full.get("counts")
    reasons: Any = full.get("reasons")
    _require(
        isinstance(counts, Mapping)
        and sorted(counts) == sorted(_COUNTS)
        and all(_is_count(n) for n in counts.values()),
        "counts",
        f"whole numbers {', '.join(_COUNTS)}",
        counts,
    )
    _require(
        isinstance(reasons, Mapping)
        and all(isinstance(reason, str) and _is_count(n) for reason, n in reasons.items()),
        "reasons",
        "a mapping of each reason to its number of items",
        reasons,
    )
    _require(
        isinstance(full.get("synthetic"), bool), "synthetic", "true or false", full.get("synthetic")
    )
    for part in ("notes", "warnings"):
        texts = full.get(part)
        _require(
            isinstance(texts, list) and all(isinstance(text, str) for text in texts),
            part,
            "a list of sentences",
            texts,
        )
    left_out = counts["listed"] - counts["used"]
    _require(
        counts["excluded"] == left_out == sum(reasons.values()),
        "counts",
        "listed = used + excluded, and excluded the sum over reasons",
        f"{dict(counts)} with reasons {dict(reasons)}",
    )
    return full


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _require(sound: bool, part: str, rule: str, seen: Any) -> None:
    if not sound:
        raise DataError(
            f"ingest_report, {part}", rule, f"{seen!r:.200}", "Mend the node that ingests the data."
        )
