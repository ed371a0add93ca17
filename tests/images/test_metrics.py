"""Metrics equal scikit-learn's, and the paper's own table."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as reference

from fairtrial.core.errors import TrialError
from fairtrial.images.metrics import accuracy, confusion_matrix, macro_f1, measure


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), classes=st.integers(2, 6))
@pytest.mark.filterwarnings("ignore:y_pred contains classes")
@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.filterwarnings("ignore:Only one class is present")
def test_metrics_equal_scikit_learn(seed: int, n: int, classes: int) -> None:
    """Accuracy, balanced accuracy, loss and macro F1 agree to 1e-12, classes absent or not."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, classes, n)
    probabilities = rng.dirichlet(np.ones(classes), n)
    predicted = probabilities.argmax(1)
    found = measure(y, probabilities)
    labels = list(range(classes))
    expected = {
        "accuracy": reference.accuracy_score(y, predicted),
        "balanced_accuracy": reference.balanced_accuracy_score(y, predicted),
        "loss": reference.log_loss(y, probabilities, labels=labels),
        "macro_f1": reference.f1_score(y, predicted, average="macro"),
    }
    assert found == pytest.approx(expected, abs=1e-12)
    np.testing.assert_array_equal(
        confusion_matrix(y, predicted, classes),
        reference.confusion_matrix(y, predicted, labels=labels),
    )


def test_the_fish_papers_matrix() -> None:
    """Three errors of 405 in nine classes of 45 make .99259, and a macro F1 below .9927."""
    matrix = np.diag([45] * 9)
    for true, predicted in ((1, 0), (1, 5), (5, 1)):
        matrix[true, true] -= 1
        matrix[true, predicted] += 1
    assert accuracy(matrix) == pytest.approx(402 / 405)
    assert round(accuracy(matrix), 5) == 0.99259
    assert macro_f1(matrix) < 0.9927


def test_what_is_not_finite_is_never_scored() -> None:
    """A NaN probability or an empty set is an error, not an argmax."""
    with pytest.raises(TrialError, match="finite probabilities"):
        measure(np.array([0]), np.array([[np.nan, 1.0]]))
    with pytest.raises(TrialError, match="found 0 items"):
        measure(np.empty(0, int), np.empty((0, 2)))
