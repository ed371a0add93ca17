"""What excludes what, and the least that helps, against programs by hand."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from scipy.optimize import linprog

from fairtrial.core.errors import DataError
from fairtrial.problems.reading.conflicts import Rows, find_conflict
from tests.problems.files import BLEND, EXAMPLES, compiled

AGGREGATES = (EXAMPLES / "aggregates.csv").read_text()


def rows_of(matrix: list[list[float]], low: list[float], high: list[float]) -> Rows:
    """Rows over variables between 0 and 1."""
    coefficients = np.array(matrix)
    count, columns = coefficients.shape
    return Rows(
        names=[f"r{index}" for index in range(count)],
        matrix=coefficients,
        constants=np.zeros(count),
        low=np.array(low),
        high=np.array(high),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        integer=np.zeros(columns, dtype=np.bool_),
        price=np.ones(count),
    )


def is_empty(rows: Rows, chosen: list[int]) -> bool:
    """Whether no point keeps the chosen rows, by another solver's interface."""
    above = [i for i in chosen if np.isfinite(rows.high[i])]
    below = [i for i in chosen if np.isfinite(rows.low[i])]
    found = linprog(
        np.zeros(rows.lower.size),
        A_ub=np.vstack([rows.matrix[above], -rows.matrix[below]]) if above or below else None,
        b_ub=np.concatenate([rows.high[above], -rows.low[below]]) if above or below else None,
        bounds=list(zip(rows.lower, rows.upper, strict=True)),
    )
    return bool(found.status == 2)


def test_rows_that_agree_are_no_conflict() -> None:
    """Nothing is told where a point keeps everything."""
    assert find_conflict(rows_of([[1, 1], [1, -1]], [0.5, 0], [1, 0.2]), 1e-6) is None


def test_two_rows_and_a_bystander() -> None:
    """x + y >= 1.5 and x + y <= 1 exclude each other, a third row is none of it, nor the box."""
    conflict = find_conflict(
        rows_of([[1, 1], [1, 1], [1, -1]], [1.5, -np.inf, -0.5], [np.inf, 1, 0.5]), 1e-6
    )
    assert conflict is not None
    assert {conflict.worst, *conflict.others} == {0, 1}
    assert not conflict.bounds
    assert np.abs(conflict.moves).sum() == pytest.approx(0.5)


def test_the_box_is_named_where_it_counts() -> None:
    """x + y >= 3 alone is excluded by 0 <= x, y <= 1, by 1."""
    conflict = find_conflict(rows_of([[1, 1]], [3], [np.inf]), 1e-6)
    assert conflict is not None
    assert conflict.others == ()
    assert conflict.bounds
    assert conflict.moves == pytest.approx([-1])


@pytest.mark.parametrize("seed", range(6))
def test_a_conflict_is_irreducible_and_its_moves_suffice(seed: int) -> None:
    """By brute force: what is named is empty, without any one of it it is not; moved, all hold."""
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(7, 3))
    middle = matrix @ generator.uniform(size=3)
    off = generator.normal(scale=0.8, size=7)
    rows = rows_of(matrix.tolist(), list(middle + off - 0.1), list(middle + off + 0.1))
    conflict = find_conflict(rows, 1e-6)
    assert conflict is not None
    low, high = rows.low + np.minimum(conflict.moves, 0), rows.high + np.maximum(conflict.moves, 0)
    moved = rows_of(matrix.tolist(), list(low - 1e-7), list(high + 1e-7))
    assert not is_empty(moved, list(range(7)))
    # The others stand as they do once every other conflict is settled.
    low[conflict.worst], high[conflict.worst] = rows.low[conflict.worst], rows.high[conflict.worst]
    left = rows_of(matrix.tolist(), list(low - 1e-8), list(high + 1e-8))
    named = [conflict.worst, *conflict.others]
    assert is_empty(left, named)
    for fewer in itertools.combinations(named, len(named) - 1):
        assert not is_empty(left, list(fewer))


@pytest.mark.parametrize(
    ("old", "new", "terms", "message"),
    [
        ("23,47", "70,80", "", "passing 4 mm at 70, which passing 2 mm and the bounds exclude. It"),
        ("23,47", "70,80", "", "is missed by 14.92 at least: move it, or one of the others"),
        ("", "", "  most_sources: 1\n", "sources used at 1, which "),
        ("", "", "  minimum_dose: 0.6\n", "the terms of sources"),
    ],
)
def test_a_mix_that_cannot_be_is_told_with_its_reason(
    old: str, new: str, terms: str, message: str
) -> None:
    """Sieves by their names; what a number of sources or their doses exclude is told too."""
    with pytest.raises(DataError) as caught:
        compiled(BLEND + terms, {"blend.csv": AGGREGATES.replace(old, new) if old else AGGREGATES})
    assert message in str(caught.value)


def test_moves_that_only_help_together_are_told_together() -> None:
    """Sand is asked for at 4 mm and at 0.125 mm where no component has so much."""
    asked = AGGREGATES.replace("23,47", "70,80").replace("0,1,5\n", "0,20,25\n")
    with pytest.raises(DataError, match=r"The least that helps: .* mm from 70 to") as caught:
        compiled(BLEND, {"blend.csv": asked})
    told = re.findall(r"passing ([\d.]+) mm from [\d.]+ to ([\d.]+)", str(caught.value))
    ends = {size: end.rstrip(".") for size, end in told}
    helped = (
        asked.replace("62,80\n", f"62,{ends['16']}\n")
        .replace("70,80\n", f"{ends['4']},80\n")
        .replace("20,25\n", f"{ends['0.125']},25\n")
    )
    compiled(BLEND, {"blend.csv": helped})


def test_the_least_relaxation_of_a_mix_is_enough_and_no_more() -> None:
    """4 mm at 55.08 in place of 70 lets a mix pass, 55.2 does not."""
    with pytest.raises(DataError, match=r"14\.92"):
        compiled(BLEND, {"blend.csv": AGGREGATES.replace("23,47", "70,80")})
    compiled(BLEND, {"blend.csv": AGGREGATES.replace("23,47", "55.07,80")})
    with pytest.raises(DataError):
        compiled(BLEND, {"blend.csv": AGGREGATES.replace("23,47", "55.2,80")})
