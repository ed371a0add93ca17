"""The ledger of evaluations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import ConfigError
from fairtrial.optimizers.budget import BudgetSpent, Ledger
from fairtrial.optimizers.task import FloatArray, Task


def table_task() -> Task:
    """Points carry their own objective and violation."""

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        return points[:, 0], points[:, 1]

    return Task(evaluate=evaluate, lower=np.full(2, -9.0), upper=np.full(2, 9.0))


CANDIDATES = st.lists(
    st.tuples(st.integers(-3, 3).map(float), st.integers(0, 2).map(float)), min_size=1, max_size=30
)


@given(CANDIDATES, st.integers(1, 7))
def test_records_are_those_of_looking_at_one_point_after_the_other(
    candidates: list[tuple[float, float]], size: int
) -> None:
    """Improvements inside a batch are found at their exact evaluation, by Deb's rules."""
    expected, best = [], (np.inf, np.inf)
    for count, (objective, violation) in enumerate(candidates, 1):
        if (violation, objective) < best:
            best = (violation, objective)
            expected.append((count, objective, violation))
    ledger = Ledger(table_task(), len(candidates), 1)
    for start in range(0, len(candidates), size):
        ledger.evaluate(np.array([candidates[start : start + size]]))
    run = ledger.close()[0]
    found = zip(run.evaluation, run.objective, run.violation, strict=True)
    assert list(found) == expected
    assert run.evaluations == len(candidates)
    assert run.feasible == any(violation == 0 for _, violation in candidates)


def test_a_batch_is_cut_at_the_budget() -> None:
    """Only the first points are evaluated; the rest come back infinitely bad and unrecorded."""
    ledger = Ledger(table_task(), 2, 1)
    _, objective, violation = ledger.evaluate(np.array([[[3.0, 0.0], [2.0, 0.0], [1.0, 0.0]]]))
    assert objective.tolist() == [[3.0, 2.0, np.inf]]
    assert violation.tolist() == [[[0.0], [0.0], [np.inf]]]
    assert ledger.remaining == 0
    with pytest.raises(BudgetSpent):
        ledger.evaluate(np.zeros((1, 1, 2)))
    assert ledger.close()[0].evaluations == 2


def test_charges_stop_at_the_budget_too() -> None:
    """Work that stands in for evaluations uses the budget up, never more."""
    ledger = Ledger(table_task(), 5, 1)
    ledger.spend(3)
    assert ledger.remaining == 2
    with pytest.raises(BudgetSpent):
        ledger.spend(3)
    assert ledger.remaining == 0


@pytest.mark.parametrize(
    ("lower", "upper"), [([0.0], [0.0]), ([1.0], [0.0]), ([0.0], [np.inf]), ([0.0], [1.0, 2.0])]
)
def test_a_box_without_room_is_refused(lower: list[float], upper: list[float]) -> None:
    """Equal, crossed or endless bounds stop before any evaluation."""
    with pytest.raises(ConfigError, match="expected"):
        Task(evaluate=table_task().evaluate, lower=np.array(lower), upper=np.array(upper))
