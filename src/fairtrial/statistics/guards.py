"""What a table of scores must be before a test may run on it.

Stock tests answer where they should not: Friedman gives p = 0.37 for one block and NaN for
identical columns, Nemenyi p-values beside a NaN cell, a transposed table a matrix of the wrong
size. Each of these is one clear error here.
"""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pandas as pd

from fairtrial.core.errors import StatisticsError

MIN_BLOCKS = 5
MIN_ARMS = 2

_LOOKS_LIKE_BLOCK = re.compile(r"(run|fold|seed|block|row|trial|repeat)?[_ -]?\d+(_seed_\d+)?")


class UntestableError(StatisticsError):
    """The scores are sound, but too few or too alike for a test: a verdict says so and goes on."""


def check_cells(table: pd.DataFrame) -> None:
    """Raise StatisticsError naming the first cell of ``table`` that is NaN or infinite."""
    bad = ~np.isfinite(table.to_numpy(float))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise StatisticsError(
            f"scores, block {table.index[row]}, arm {table.columns[column]}",
            "a finite number",
            table.iloc[row, column],
            "Leave the block out, or record the trial as diverged or failed.",
        )


def check_orientation(table: pd.DataFrame) -> None:
    """Raise StatisticsError when blocks seem to stand in the columns and arms in the rows.

    The rule: there are more columns than rows, and every column is named like a block (``run_3``,
    ``fold 2``, ``7``). Numbers alone cannot tell: ten optimisers on five problems are a fair table.
    """
    names = [str(name) for name in table.columns]
    if len(names) > len(table) and all(_LOOKS_LIKE_BLOCK.fullmatch(name) for name in names):
        raise StatisticsError(
            "scores",
            "arms in the columns and blocks in the rows",
            f"{len(names)} columns named like blocks ({names[0]}, {names[1]}, ...) over "
            f"{len(table)} rows",
            "The table looks transposed: swap its rows and columns.",
        )


def check_enough(table: pd.DataFrame, unit: str = "block") -> None:
    """Raise UntestableError with fewer than 2 arms or 5 blocks.

    Args:
        table: blocks x arms; of independent runs NaN stands below the shorter columns.
        unit: what a row is called in the message.
    """
    if table.shape[1] < MIN_ARMS:
        raise UntestableError(
            "scores", f"at least {MIN_ARMS} arms", table.shape[1], "Compare two arms or more."
        )
    fewest = int(table.count().min())
    if fewest < MIN_BLOCKS:
        raise UntestableError(
            "scores",
            f"at least {MIN_BLOCKS} {unit}s in which every arm finished",
            fewest,
            f"Add {unit}s, or read the values as a description only.",
        )


def check_spread(table: pd.DataFrame, blocked: bool) -> None:
    """Raise UntestableError when there is nothing to rank: all arms tie in every block.

    Args:
        table: blocks x arms.
        blocked: whether ties count within rows, or over the whole table (independent runs).
    """
    values = table.to_numpy(float)
    tied = (
        bool((values == values[:, :1]).all())
        if blocked
        else np.unique(values[~np.isnan(values)]).size == 1
    )
    if tied:
        raise UntestableError(
            "scores",
            "arms that differ in at least one block",
            "the same value for every arm" + (" in each block" if blocked else ""),
            "Check that the arms are different recipes and that the metric can tell them apart.",
        )


def identical_columns(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of arms with the same value in every row, which measured values hardly ever have.

    Arms that do not vary at all tell nothing: both may reach what none can pass.
    """
    varying = table.loc[:, table.nunique() > 1].columns
    return [
        (str(a), str(b)) for a, b in combinations(varying, 2) if bool((table[a] == table[b]).all())
    ]


def mean_correlation(table: pd.DataFrame) -> float | None:
    """Mean Spearman correlation of the arms over rows; None where no pair of columns varies.

    Rows that are blocks (one fold's pictures, one run's initial weights) lift and lower all arms
    together. Near 0 they behave like independent runs.

    Args:
        table: blocks x arms without NaN.
    """
    varying = table.loc[:, table.nunique() > 1]
    if varying.shape[1] < 2 or len(table) < 3:
        return None
    matrix = np.corrcoef(varying.rank().to_numpy(float), rowvar=False)
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())
