"""The scores table and the ledger."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.scores import (
    COLUMNS,
    LEDGER_COLUMNS,
    check_scores,
    make_ledger,
    make_scores,
)
from tests.statistics.support import row


def test_defaults_are_filled_and_fold_and_seed_are_read_from_the_block() -> None:
    """A row without role, split, fold ... gets the contract's words, and fold 2, seed 1."""
    scores = make_scores([row("a", "fold_2_seed_1", 0.5)])
    assert tuple(scores.columns) == COLUMNS
    first = scores.iloc[0]
    assert (first["role"], first["split"], first["subset"]) == ("arm", "test", "all")
    assert (first["protocol"], first["status"]) == ("standard", "ok")
    assert (first["fold"], first["seed"]) == (2, 1)


def test_a_block_that_is_no_fold_has_neither_fold_nor_seed() -> None:
    """A problem's or study's name as block invents no fold 0."""
    scores = make_scores([row("a", "storage_tank", 0.5)])
    assert scores["fold"].isna().all()
    assert scores["seed"].isna().all()


def test_rows_are_ordered_by_arm_as_first_met_then_block_as_counted() -> None:
    """fold_10 follows fold_2, and arms keep the study's order, whatever order rows came in."""
    rows = [row(arm, f"fold_{k}", 0.5) for k in (10, 2, 0) for arm in ("zeta", "alpha")]
    scores = make_scores(rows)
    assert list(scores["arm"]) == ["zeta"] * 3 + ["alpha"] * 3
    assert list(scores["block"][:3]) == ["fold_0", "fold_2", "fold_10"]


def test_a_table_read_back_from_csv_is_the_table_that_was_written() -> None:
    """Empty text, missing numbers and truth values survive CSV."""
    rows = [row("a", "x", 0.1 + 0.2), row("b", "x", None, status="failed")]
    scores = make_scores(rows)
    text = scores.to_csv(index=False)
    read = pd.read_csv(io.StringIO(text))
    pd.testing.assert_frame_equal(check_scores(read), scores)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": float("nan")}, "value|finite"),
        ({"value": float("inf")}, "finite"),
        ({"value": None}, "finite"),
        ({"status": "failed"}, "none elsewhere"),
        ({"status": "lost"}, "column status"),
        ({"role": "judge"}, "column role"),
        ({"budget_unit": "hours"}, "column budget_unit"),
        ({"arm": ""}, "column arm"),
        ({"valeu": 1.0}, "valeu"),
        ({"value": "good"}, "column value"),
        ({"n_items": 1.5}, "column n_items"),
    ],
)
def test_a_bad_cell_is_one_clear_error(change: dict[str, object], named: str) -> None:
    """Each broken rule raises StatisticsError naming what is wrong."""
    with pytest.raises(StatisticsError, match=named):
        make_scores([{**row("a", "fold_0", 0.5), **change}])


def test_a_missing_key_is_named() -> None:
    """A row without a manifest hash says so instead of holding an empty one."""
    incomplete = row("a", "fold_0", 0.5)
    del incomplete["manifest_sha256"]
    with pytest.raises(StatisticsError, match="manifest_sha256"):
        make_scores([incomplete])


def test_a_repeated_measurement_is_refused() -> None:
    """Two rows of one arm, block and metric are an error, not two blocks."""
    with pytest.raises(StatisticsError, match="arm a, block fold_0"):
        make_scores([row("a", "fold_0", 0.5), row("a", "fold_0", 0.6)])


def test_one_metric_has_one_direction_and_one_arm_one_role() -> None:
    """Mixed directions or roles are refused: a verdict could not tell which holds."""
    with pytest.raises(StatisticsError, match="direction"):
        make_scores([row("a", "x", 0.5), row("b", "x", 0.5, higher_is_better=True)])
    with pytest.raises(StatisticsError, match="one role"):
        make_scores([row("a", "x", 0.5), row("a", "y", 0.5, role="probe")])


def test_unknown_and_missing_columns_of_a_table_are_refused() -> None:
    """A table with a column too many or too few never reaches a test."""
    scores = make_scores([row("a", "x", 0.5)])
    with pytest.raises(StatisticsError, match="unknown \\['extra'\\]"):
        check_scores(scores.assign(extra=1))
    with pytest.raises(StatisticsError, match="missing \\['split'\\]"):
        check_scores(scores.drop(columns="split"))
    with pytest.raises(StatisticsError, match="at least one row"):
        check_scores(scores.iloc[:0])


def test_the_ledger_keeps_one_row_a_trial() -> None:
    """The ledger has its columns, and a trial twice is refused."""
    trial = {"study": "s", "arm": "a", "block": "fold_0", "seconds": 1.5}
    ledger = make_ledger([trial])
    assert tuple(ledger.columns) == LEDGER_COLUMNS
    assert ledger["seconds"].iloc[0] == 1.5
    with pytest.raises(StatisticsError, match="one row"):
        make_ledger([trial, trial])
