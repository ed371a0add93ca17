"""McNemar's test, Cochran's Q and Holm's adjustment against hand-worked values and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import contingency_tables
from statsmodels.stats.multitest import multipletests

from fairtrial.core.errors import StatisticsError
from fairtrial.core.seeds import stream
from fairtrial.statistics.agreement import (
    cochran_q,
    compare_right,
    compare_right_pairs,
    discordant,
    holm,
    mcnemar,
)


def test_mcnemar_by_hand() -> None:
    """1 against 5: 2 (1 + 6) / 64; equal counts and no difference at all give 1."""
    assert mcnemar(1, 5) == pytest.approx(14 / 64, abs=1e-15)
    assert mcnemar(3, 3) == mcnemar(0, 0) == 1.0
    # Of ten discordant items all to one side: 2 / 2**10.
    assert mcnemar(0, 10) == pytest.approx(2 / 1024, abs=1e-15)


def test_cochrans_q_by_hand() -> None:
    """Totals 4, 2, 0 of four items: Q = 3 x 2 x 8 / 8 = 6 and p = exp(-3)."""
    right = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]])
    q, p = cochran_q(right)
    assert q == pytest.approx(6.0, abs=1e-12)
    assert p == pytest.approx(np.exp(-3), abs=1e-12)
    # Items on which all agree change nothing.
    more = np.vstack([right, np.ones((5, 3), int), np.zeros((3, 3), int)])
    assert cochran_q(more) == pytest.approx((q, p), abs=1e-12)
    assert cochran_q(np.ones((4, 3), int)) == (0.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_agreement_equals_statsmodels(seed: int) -> None:
    """Q, exact McNemar and Holm agree with statsmodels to 1e-12."""
    right = (stream(seed, "right").random((60, 4)) < [0.9, 0.8, 0.7, 0.75]).astype(int)
    wanted = contingency_tables.cochrans_q(right)
    assert cochran_q(right) == pytest.approx((wanted.statistic, wanted.pvalue), abs=1e-12)
    table = pd.DataFrame(right.astype(bool), columns=list("abcd"))
    pairs = compare_right_pairs(table)
    adjusted = multipletests(pairs["p"], method="holm")[1]
    np.testing.assert_allclose(pairs["p_holm"], adjusted, atol=1e-12)
    for row in pairs.itertuples():
        counts = pd.crosstab(table[row.a], table[row.b])
        assert row.p == pytest.approx(contingency_tables.mcnemar(counts).pvalue, abs=1e-12)
        assert (row.only_a, row.only_b) == discordant(table[row.a], table[row.b])


def test_two_classifiers_are_compared_exactly_and_more_by_q() -> None:
    """The name says which test was made; one classifier or no item is an error."""
    right = pd.DataFrame(stream(9).random((30, 3)) < 0.7, columns=list("abc"))
    assert compare_right(right).name == "Cochran's Q"
    two = compare_right(right[["a", "b"]])
    assert two.name == "McNemar (exact)"
    assert two.p == compare_right_pairs(right[["a", "b"]])["p"].iloc[0]
    for few in (right[["a"]], right.iloc[:0]):
        with pytest.raises(StatisticsError, match="two classifiers or more"):
            compare_right(few)


def test_holm_keeps_the_order() -> None:
    """.01, .04, .03 of three: .03, .06, .06; none exceeds 1."""
    np.testing.assert_allclose(holm(np.array([0.01, 0.04, 0.03])), [0.03, 0.06, 0.06])
    assert holm(np.array([0.9, 0.8])).max() == 1
