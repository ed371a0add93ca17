"""Numbers in sentences and on pages."""

from __future__ import annotations

import pytest

from fairtrial.core.text import DASH, MINUS, count_text, list_text, number_text, p_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.2, "0.2000"),
        (18.004, "18.00"),
        (7199.9, "7200"),
        (84877.297, "84,877"),
        (-0.5, f"{MINUS}0.5000"),
        (1.2e-7, f"1.200e{MINUS}07"),
        (2.5e11, "2.500e+11"),
        (None, DASH),
    ],
)
def test_numbers_keep_four_digits_and_read_well(value: float | None, text: str) -> None:
    """Four significant digits, thousands apart, a real minus, powers only where they must be."""
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(1.0, "p = 1"), (0.0321, "p = 0.032"), (6.07e-19, "p = 6.1e-19"), (0.0, "p < 1e-12")],
)
def test_no_p_value_is_zero(p: float, text: str) -> None:
    """Where the arithmetic underflows the text says less than, not zero."""
    assert p_text(p) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0496, "p = 0.0496"),
        (0.04996, "p = 0.04996"),
        (0.0504, "p = 0.0504"),
        (0.05, "p = 0.05"),
        (0.0321, "p = 0.032"),
        (0.0004, "p = 4.0e-04"),
        (0.0, "p < 1e-12"),
    ],
)
def test_a_p_value_never_crosses_alpha_by_rounding(p: float, text: str) -> None:
    """As many digits as it takes beside 0.05, two elsewhere."""
    assert p_text(p, 0.05) == text


def test_counts_and_lists_are_grammatical() -> None:
    """One fold, two folds; a; a and b; a, b and c."""
    assert (count_text(1, "fold"), count_text(2, "fold")) == ("1 fold", "2 folds")
    assert [list_text(list("abc")[:n]) for n in (0, 1, 2, 3)] == ["", "a", "a and b", "a, b and c"]
