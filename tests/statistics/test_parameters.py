"""Parameters of verdicts and of tables of results."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.statistics.parameters import ScoresIngest, VerdictParameters

WIDE = {"table": "runs.csv", "higher_is_better": False}
LONG = {
    **WIDE,
    "layout": "long",
    "arm_column": "model",
    "block_column": "fold",
    "value_column": "f1",
}


@pytest.mark.parametrize("values", [{}, WIDE, LONG, {**WIDE, "header": False, "columns": {"a": 3}}])
def test_each_way_to_give_a_table_is_accepted(values: dict[str, Any]) -> None:
    """Nothing (for ranks of other studies), a wide table, a long one, and one without header."""
    assert check_parameters(ScoresIngest, values, "here").layout == values.get("layout", "wide")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"table": "runs.csv"}, "higher_is_better"),
        ({"higher_is_better": True}, "higher_is_better"),
        ({**WIDE, "layout": "tall"}, "layout"),
        ({**WIDE, "arm_column": "model"}, "arm_column"),
        ({**LONG, "block_column": None}, "block_column"),
        ({**LONG, "value_column": None}, "value_column"),
        ({**WIDE, "columns": {"a": 3, "b": 3}}, "a column of its own"),
        ({**WIDE, "header": False, "columns": {"a": "x"}}, "by index"),
        ({**WIDE, "separator": ";;"}, "separator"),
        ({**WIDE, "columns": {"A": 1}}, "columns"),
        ({**WIDE, "columns": {"a": -1}}, "columns"),
        ({**WIDE, "metric": "f1"}, "metric"),
    ],
)
def test_contradictions_are_refused(values: dict[str, Any], said: str) -> None:
    """Each bad combination names the parameter."""
    with pytest.raises(ConfigError, match=said):
        check_parameters(ScoresIngest, values, "study.ingest")


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, -0.1, float("nan"), "0.05"])
def test_alpha_is_a_level(alpha: object) -> None:
    """Only numbers in (0, 0.5) are levels."""
    with pytest.raises(ConfigError, match="alpha"):
        check_parameters(VerdictParameters, {"alpha": alpha}, "study.evaluate")


def test_where_the_table_lies_is_no_part_of_a_fingerprint() -> None:
    """Moving the file changes nothing; reading it otherwise does."""
    here, there = (ScoresIngest(**{**WIDE, "table": t}) for t in ("a/runs.csv", "b/runs.csv"))
    assert here.model_dump() == there.model_dump()
    assert here.model_dump() != ScoresIngest(**{**WIDE, "separator": ";"}).model_dump()
