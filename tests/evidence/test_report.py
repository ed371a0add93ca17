"""The shape of the ingest report."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.errors import DataError
from fairtrial.evidence.report import check_report
from tests.evidence.support import REPORT


def test_a_sound_report_passes_and_keeps_what_is_its_own() -> None:
    """Warnings may be left out, and a kind may add keys."""
    assert check_report(REPORT)["warnings"] == []
    assert check_report({**REPORT, "warnings": ["w"], "repairs": {}})["warnings"] == ["w"]
    assert check_report({**REPORT, "repairs": {"x": 1}})["repairs"] == {"x": 1}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reasons": [{"path": "a.jpg", "reason": "broken JPEG"}]}, "reasons: expected a mapping"),
        ({"reasons": ["broken JPEG"]}, "reasons: expected a mapping"),
        ({"reasons": {"broken JPEG": "3"}}, "reasons: expected a mapping"),
        ({"reasons": None}, "reasons: expected a mapping"),
        ({"counts": {"listed": 13, "used": 10}}, "counts: expected whole numbers"),
        ({"counts": {"listed": 13, "used": 10, "excluded": -3}}, "counts: expected whole numbers"),
        ({"counts": {"listed": 13, "used": 9, "excluded": 3}}, "listed = used [+] excluded"),
        ({"reasons": {"broken JPEG": 1}}, "the sum over reasons"),
        ({"synthetic": "no"}, "synthetic: expected true or false"),
        ({"notes": "one"}, "notes: expected a list"),
        ({"warnings": [{"path": "a"}]}, "warnings: expected a list"),
    ],
)
def test_any_other_shape_is_one_clear_error(change: dict[str, Any], said: str) -> None:
    """The message names the part, the rule and what stood there."""
    with pytest.raises(DataError, match=said):
        check_report({**REPORT, **change})
