"""Tables of anyone's results, well made and not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from fairtrial.core.errors import DataError
from fairtrial.statistics.parameters import ScoresIngest
from fairtrial.statistics.results import read_results

WIDE = "dataset,forest,boost,note\niris,0.95,0.96,x\nwine,0.90,0.97,y\n"
LONG = "model,fold,f1\nForest,fold_0,0.95\nBoost,fold_0,0.96\nOther,fold_0,0.1\n"
LONG_COLUMNS = {
    "layout": "long",
    "arm_column": "model",
    "block_column": "fold",
    "value_column": "f1",
    "columns": {"forest": "Forest", "boost": "Boost"},
}


def read(text: str, **parameters: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
    settings = ScoresIngest(table="t.csv", higher_is_better=True, **parameters)
    return read_results(text.encode(), "t.csv", ["forest", "boost"], settings)


def test_a_wide_table_gives_one_row_a_measurement() -> None:
    """Two arms over two named blocks are four results, in the study's order of arms."""
    manifest, report = read(WIDE, block_column="dataset")
    assert manifest["arm"].tolist() == ["forest", "forest", "boost", "boost"]
    assert manifest["block"].tolist() == ["iris", "wine", "iris", "wine"]
    assert manifest["value"].tolist() == [0.95, 0.90, 0.96, 0.97]
    assert manifest["row"].tolist() == [2, 3, 2, 3]
    assert manifest["item_id"].is_unique
    assert report["counts"] == {"listed": 4, "used": 4, "excluded": 0}
    assert report["reasons"] == {}


def test_rows_without_names_become_runs() -> None:
    """Without block_column the rows are run_000, run_001; columns go by index as well."""
    manifest, _ = read(WIDE, columns={"forest": 1, "boost": "boost"})
    assert manifest["block"].tolist() == ["run_000", "run_001"] * 2


def test_a_table_without_header_and_with_lines_to_skip() -> None:
    """A semicolon table without names is read by index, from the line after the skipped one."""
    text = "9;9;9\n1;2;3\n4;5;6\n"
    manifest, _ = read(
        text, separator=";", header=False, skip_rows=1, columns={"forest": 2, "boost": 0}
    )
    assert manifest["value"].tolist() == [3, 6, 1, 4]


def test_a_long_table_excludes_and_counts_arms_that_are_not_compared() -> None:
    """Rows of a third model are listed as excluded, and the counts reconcile."""
    manifest, report = read(LONG, **LONG_COLUMNS)
    counts = report["counts"]
    assert counts == {"listed": 3, "used": 2, "excluded": 1}
    assert report["reasons"] == {"arm not compared": 1}
    assert manifest.loc[manifest["excluded"] != "", "arm"].tolist() == ["Other"]


@pytest.mark.parametrize(
    ("text", "parameters", "said"),
    [
        ("", {}, "at least one row"),
        ("dataset,forest,boost\n", {}, "at least one row"),
        ("dataset,forest\niris,1\n", {}, "column 'boost'"),
        ("forest,boost,boost\n1,2,3\n", {}, "several"),
        ("forest,boost\n1,good\n", {}, "line 2, arm boost.*'good'"),
        ('forest,boost\n1,"2,5"\n', {}, "line 2, arm boost.*decimal point"),
        ("forest,boost\n1,2\n3,\n", {}, "line 3, arm boost.*empty cell"),
        ("forest,boost\n1,nan\n", {}, "line 2, arm boost.*finite"),
        ("forest,boost\n1,-inf\n", {}, "line 2, arm boost.*finite"),
        ("forest,boost\n1,1_000\n", {}, "line 2, arm boost"),
        ("forest,boost\n1,2\n1,2,3\n", {}, "line 3: expected 2 cells"),
        ('forest,boost\n1,"2\n', {}, "CSV row"),
        (WIDE + "iris,1,2,z\n", {"block_column": "dataset"}, "arm forest once in block iris"),
        ("dataset,forest,boost\n,1,2\n", {"block_column": "dataset"}, "line 2.*block's name"),
        ("model,d1,d2\nforest,1,2\nboost,3,4\n", {}, "transposed"),
        (WIDE, {"columns": {"boost": 9}}, "a column 9"),
        (LONG, {**LONG_COLUMNS, "columns": {}}, "results of arm forest"),
        (LONG, {**LONG_COLUMNS, "value_column": "f2"}, "column 'f2'"),
    ],
)
def test_each_bad_table_is_one_clear_error(
    text: str, parameters: dict[str, Any], said: str
) -> None:
    """The message names the line, the arm or the column, and what stood there."""
    with pytest.raises(DataError, match=said):
        read(text, **parameters)


def test_text_that_is_no_utf8_is_refused() -> None:
    """A table in another encoding is not guessed at."""
    with pytest.raises(DataError, match="UTF-8"):
        read_results(
            "forêt".encode("latin-1"),
            "t.csv",
            ["a"],
            ScoresIngest(table="t.csv", higher_is_better=True),
        )


def test_a_byte_order_mark_and_blank_lines_are_no_data() -> None:
    """What spreadsheet programs add does not change a column's name or the number of rows."""
    manifest, _ = read("\ufeffforest,boost\n1,2\n\n,\n3,4\n")
    assert manifest["value"].tolist() == [1, 3, 2, 4]
