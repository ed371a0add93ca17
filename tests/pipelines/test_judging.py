"""What is known of the data and of what was spent reaches the verdict."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from fairtrial.core.errors import DataError
from fairtrial.pipelines.evaluate.judging import judge_study
from fairtrial.pipelines.evaluate.scores import gather_scores
from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.scores import make_ledger, make_scores

REPORT = {
    "counts": {"listed": 3, "used": 2, "excluded": 1},
    "reasons": {"broken JPEG": 1},
    "synthetic": False,
    "notes": [],
    "warnings": ["The source gives the label away."],
}


def trials(**columns: Any) -> list[dict[str, Any]]:
    return [
        {"study": "s", "arm": arm, "block": f"run_{i:03d}", **columns}
        for arm in ("a", "b", "c")
        for i in range(6)
    ]


def scores() -> pd.DataFrame:
    fixed = {"metric": "error", "higher_is_better": False, "manifest_sha256": "ab" * 32}
    rows = trials(budget=100, budget_unit="updates", **fixed)
    return make_scores({**row, "value": 2.0 * n + n % 6} for n, row in enumerate(rows))


def judged(report: dict[str, Any]) -> dict[str, Any]:
    spent = {"a": 20, "b": 222, "c": 222}
    rows = trials(budget_unit="updates")
    ledger = make_ledger({**row, "budget": spent[row["arm"]]} for row in rows)
    return judge_study(
        scores(), ledger, report, VerdictParameters(), design="blocked", primary_metric="error"
    )


def test_warnings_of_the_ingest_and_unequal_spending_reach_the_verdict() -> None:
    """Granted 100 each, 20 and 222 were spent; the source of the data is named first."""
    warnings = judged(REPORT)["warnings"]
    assert warnings[0] == "The source gives the label away."
    assert any("a 20, b 222, c 222" in text for text in warnings)


def test_a_report_that_no_page_could_show_is_refused_before_the_verdict() -> None:
    """Reasons as a list of mappings are an error that names them."""
    with pytest.raises(DataError, match="ingest_report, reasons"):
        judged({**REPORT, "reasons": [{"path": "a.jpg", "reason": "broken JPEG"}]})


def test_warnings_of_gathered_studies_keep_their_names() -> None:
    """A study that ranks others carries what is wrong with their data."""
    _, _, report = gather_scores(
        scores(),
        scores(),
        REPORT,
        {"synthetic": False},
        study="across",
        arms=["a", "b", "c"],
        metric="error",
        others=["one", "two"],
    )
    assert report["warnings"] == ["one: The source gives the label away."]
    assert report["reasons"] == {}
