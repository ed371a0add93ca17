"""Studies as the blocks of another."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.gather import gather_studies
from tests.statistics.support import scores_of

ARMS = ["de", "saga"]


def test_each_study_becomes_a_block_with_the_mean_over_its_complete_blocks() -> None:
    """A block that one arm did not finish counts for neither arm."""
    tables = {
        "tank": scores_of({"de": [1.0, 3.0, 100.0], "saga": [2.0, 4.0, None]}),
        "lab": scores_of({"saga": [8.0, 9.0], "de": [5.0, 7.0]}),
    }
    scores = gather_studies(tables, "all", ARMS, "error")
    assert scores["arm"].tolist() == ["de", "de", "saga", "saga"]
    assert scores["block"].tolist() == ["lab", "tank", "lab", "tank"]
    assert scores["value"].tolist() == [6.0, 2.0, 8.5, 3.0]
    assert scores["n_items"].tolist() == [2, 2, 2, 2]


def test_a_study_in_which_an_arm_finished_nowhere_is_a_failed_block() -> None:
    """The block stays in the table, as failed, so that the verdict counts it."""
    tables = {"tank": scores_of({"de": [1.0, 2.0], "saga": [None, None]})}
    scores = gather_studies(tables, "all", ARMS, "error")
    assert scores["status"].tolist() == ["failed", "failed"]
    assert np.isnan(scores["value"]).all()


def test_an_arm_that_a_study_lacks_is_named() -> None:
    """Ranks across studies need the same arms in each."""
    with pytest.raises(StatisticsError, match=r"scores of tank.*saga"):
        gather_studies({"tank": scores_of({"de": [1.0]})}, "all", ARMS, "error")


def test_directions_that_differ_between_studies_are_refused() -> None:
    """A metric that is better high here and low there has no common rank."""
    tables = {
        "a": scores_of({"de": [1.0], "saga": [2.0]}),
        "b": scores_of({"de": [1.0], "saga": [2.0]}, higher_is_better=True),
    }
    with pytest.raises(StatisticsError, match="direction"):
        gather_studies(tables, "all", ARMS, "error")
