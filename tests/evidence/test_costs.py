"""Costs of trials and the check of equal budgets."""

from __future__ import annotations

import pandas as pd
import pytest

from fairtrial.evidence.costs import summarise_costs, time_text
from tests.evidence.support import make_ledger

NO_SCORES = pd.DataFrame(columns=["arm", "block", "budget", "budget_unit"])


def test_times_and_budgets_are_summed_by_arm() -> None:
    """Five trials of 2 s: 2 s each, 10 s in all, 100 updates."""
    row = summarise_costs(NO_SCORES, make_ledger())["rows"][0]
    assert (row["each"], row["all"], row["budget"]) == ("2 s", "10 s", "100 updates")


def test_equal_budgets_are_checked_block_by_block() -> None:
    """Equal ones are confirmed; one arm with more in one block is not equal."""
    ledger = make_ledger()
    assert "the same budget in every block" in summarise_costs(NO_SCORES, ledger)["check"]
    ledger.loc[3, "budget"] = 101
    assert "were not given the same" in summarise_costs(NO_SCORES, ledger)["check"]


def test_a_failed_trial_that_spent_less_does_not_make_budgets_unequal() -> None:
    """Budgets are compared over finished trials; the failure itself is counted."""
    ledger = make_ledger()
    ledger.loc[3, ["budget", "status"]] = [10, "diverged"]
    summary = summarise_costs(NO_SCORES, ledger)
    assert "the same budget" in summary["check"]
    assert summary["rows"][0]["finished"] == 4


def test_budgets_come_from_the_scores_where_the_ledger_has_none() -> None:
    """A ledger without budgets takes those of the scores, once a trial."""
    scores = pd.DataFrame(
        [
            {"arm": arm, "block": f"fold_{i}", "budget": 7, "budget_unit": "evaluations"}
            for arm in ("first", "second", "third")
            for i in range(5)
            for _ in range(2)
        ]
    )
    summary = summarise_costs(scores, make_ledger(budget=None))
    assert [row["trials"] for row in summary["rows"]] == [5, 5, 5]
    assert summary["rows"][2]["budget"] == "7 evaluations"


def test_notes_name_the_arms_they_are_about() -> None:
    """A note of one arm names it, a note of all stands alone."""
    ledger = make_ledger(note="measured elsewhere")
    assert summarise_costs(NO_SCORES, ledger)["notes"] == ["Measured elsewhere."]
    ledger["note"] = ["diverged at update 3"] + [""] * 14
    assert summarise_costs(NO_SCORES, ledger)["notes"] == ["first: diverged at update 3."]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.8, "0.8 s"), (42.4, "42 s"), (59.9, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_times_read_naturally(seconds: float, text: str) -> None:
    """Seconds, minutes and hours, never 60 s."""
    assert time_text(seconds) == text
