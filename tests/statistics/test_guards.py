"""Tables that stock tests answer where they should not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.comparisons import compare_blocked, compare_independent
from fairtrial.statistics.guards import UntestableError, identical_columns, mean_correlation


def random_table(rows: int, arms: int, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(7.0, 1.0, (rows, arms))
    return pd.DataFrame(values, columns=[f"arm_{chr(97 + i)}" for i in range(arms)])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_cell_that_is_no_number_is_named(bad: float) -> None:
    """NaN and infinities stop both designs where they can occur, with block and arm."""
    table = random_table(6, 3)
    table.iloc[4, 1] = bad
    with pytest.raises(StatisticsError, match="block 4, arm arm_b"):
        compare_blocked(table, 0.05)
    if not np.isnan(bad):
        with pytest.raises(StatisticsError, match="block 4, arm arm_b"):
            compare_independent(table)


@pytest.mark.parametrize(("rows", "arms"), [(1, 3), (4, 3), (4, 2), (9, 1)])
def test_too_few_blocks_or_arms_are_untestable(rows: int, arms: int) -> None:
    """Four blocks or one arm carry no test, in either design."""
    for compare in (lambda t: compare_blocked(t, 0.05), compare_independent):
        with pytest.raises(UntestableError, match="at least"):
            compare(random_table(rows, arms))


def test_wholly_tied_blocks_are_untestable() -> None:
    """The same value for all arms in each block leaves nothing to rank, though blocks differ."""
    table = random_table(6, 3)
    for arm in table.columns:
        table[arm] = table["arm_a"]
    with pytest.raises(UntestableError, match="same value"):
        compare_blocked(table, 0.05)
    with pytest.raises(UntestableError, match="same value"):
        compare_independent(table * 0 + 3.0)


def test_one_block_that_is_not_tied_is_enough_to_test() -> None:
    """The guard refuses only when every block is tied."""
    table = pd.DataFrame(np.full((6, 3), 2.0), columns=["a", "b", "c"])
    table.iloc[2, 0] = 1.0
    assert 0 < compare_blocked(table, 0.05).p <= 1


@pytest.mark.parametrize("prefix", ["run_", "fold_", ""])
def test_a_transposed_table_is_refused(prefix: str) -> None:
    """Ten columns named like blocks over three rows are not ten arms."""
    table = random_table(3, 10)
    table.columns = pd.Index([f"{prefix}{i}" for i in range(10)])
    with pytest.raises(StatisticsError, match="transposed"):
        compare_blocked(table, 0.05)


def test_many_arms_over_few_blocks_are_no_transposed_table() -> None:
    """Eight arms with names of their own over five blocks are tested."""
    assert len(compare_blocked(random_table(5, 8), 0.05).pairs) == 28


def test_identical_columns_are_found() -> None:
    """Only the pair that agrees in every row is named."""
    table = random_table(6, 3)
    table["arm_c"] = table["arm_a"]
    assert identical_columns(table) == [("arm_a", "arm_c")]


def test_arms_that_do_not_vary_are_not_called_identical() -> None:
    """Two searches that always end in the optimum are two recipes all the same."""
    table = random_table(6, 3)
    table["arm_b"] = table["arm_c"] = 0.0
    assert identical_columns(table) == []


def test_correlation_tells_blocks_from_independent_rows() -> None:
    """A shared origin a row gives a correlation near 1; without one it is near 0."""
    rows = random_table(200, 3)
    shifts = np.random.default_rng(1).normal(0, 20, (200, 1))
    blocks = mean_correlation(rows + shifts)
    alone = mean_correlation(rows)
    assert blocks is not None
    assert blocks > 0.9
    assert alone is not None
    assert abs(alone) < 0.15
    assert mean_correlation(rows * 0) is None
