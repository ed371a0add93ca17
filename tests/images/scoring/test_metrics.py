"""Metrics equal scikit-learn's, and the paper's own table."""

from __future__ import annotations

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from sklearn import metrics as reference

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.images.scoring.calibration import calibration_error, reliability
from fairtrial.images.scoring.confusion import accuracy, confusion_matrix, macro_f1, macro_recall
from fairtrial.images.scoring.metrics import (
    CLASS_METRICS,
    METRICS,
    OF_POSITIVE,
    measure,
    measure_class,
    measure_class_resampled,
    measure_resampled,
    positive_index,
)

CASES = {"seed": st.integers(0, 10_000), "n": st.integers(1, 60), "classes": st.integers(2, 6)}


def draw(seed: int, n: int, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities rounded so that some tie, and how often each item counts."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), n).round(int(rng.integers(1, 8)))
    probabilities /= np.maximum(probabilities.sum(1, keepdims=True), 1e-3)
    weights = rng.integers(0, 4, n).astype(float)
    weights[0] = 1
    return rng.integers(0, classes, n), probabilities, weights


def expected(y: np.ndarray, p: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Every metric by scikit-learn, of the items with a weight."""
    y, p, w = y[w > 0], p[w > 0], w[w > 0]
    classes = p.shape[1]
    predicted, one_hot = p.argmax(1), np.eye(classes)[y]
    zero = {"zero_division": 0, "average": "macro", "sample_weight": w}
    values = {
        "accuracy": reference.accuracy_score(y, predicted, sample_weight=w),
        "balanced_accuracy": reference.balanced_accuracy_score(y, predicted, sample_weight=w),
        "macro_precision": reference.precision_score(y, predicted, **zero),
        "macro_recall": reference.recall_score(y, predicted, **zero),
        "macro_f1": reference.f1_score(y, predicted, **zero),
        "mcc": reference.matthews_corrcoef(y, predicted, sample_weight=w),
        "loss": reference.log_loss(y, p, labels=range(classes), sample_weight=w),
        "brier": reference.brier_score_loss(y, p, labels=list(range(classes)), sample_weight=w),
        "mse": reference.mean_squared_error(one_hot, p, sample_weight=w),
        "rmse": reference.mean_squared_error(one_hot, p, sample_weight=w) ** 0.5,
        "mae": reference.mean_absolute_error(one_hot, p, sample_weight=w),
    }
    if 0 < len(set(y)) == classes:
        values["roc_area"] = np.mean(
            [reference.roc_auc_score(y == k, p[:, k], sample_weight=w) for k in range(classes)]
        )
        values["pr_area"] = reference.average_precision_score(one_hot, p, sample_weight=w)
    return values


@settings(max_examples=40)
@given(**CASES)
def test_metrics_equal_scikit_learn(seed: int, n: int, classes: int) -> None:
    """Every metric agrees to 1e-12, with and without weights, classes absent or not."""
    y, p, weights = draw(seed, n, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        once, weighted = expected(y, p, np.ones(n)), expected(y, p, weights)
    found = measure(y, p)
    found_error = found.pop("calibration_error")
    assert 0 <= found_error <= 1
    assert set(found) <= set(METRICS)
    if "roc_area" not in once:
        found.pop("pr_area", None)
    assert found == pytest.approx(once, abs=1e-12)
    resampled = measure_resampled(y, p, np.stack([np.ones(n), weights]))
    for name, value in weighted.items():
        assert resampled[name][1] == pytest.approx(value, abs=1e-12), name
        assert resampled[name][0] == pytest.approx(once.get(name, np.nan), abs=1e-12, nan_ok=True)
    np.testing.assert_array_equal(
        confusion_matrix(y, p.argmax(1), classes),
        reference.confusion_matrix(y, p.argmax(1), labels=range(classes)),
    )


@settings(max_examples=40)
@given(**CASES)
def test_metrics_of_a_class_equal_scikit_learn(seed: int, n: int, classes: int) -> None:
    """One class against the others: each metric agrees to 1e-12, or is undefined in both."""
    y, p, weights = draw(seed, n, classes)
    true, predicted = y == 0, p.argmax(1) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = {
            "precision": reference.precision_score(true, predicted, zero_division=0),
            "f1": reference.f1_score(true, predicted, zero_division=0),
        }
        if true.any():
            wanted["recall"] = reference.recall_score(true, predicted)
            wanted["pr_area"] = reference.average_precision_score(true, p[:, 0])
        if not true.all():
            wanted["specificity"] = reference.recall_score(~true, ~predicted)
        if true.any() and not true.all():
            wanted["roc_area"] = reference.roc_auc_score(true, p[:, 0])
    found = measure_class(y, p, 0)
    assert found == pytest.approx(wanted, abs=1e-12)
    assert set(found) <= set(CLASS_METRICS)
    if classes == 2:
        whole, part = measure(y, p, positive=0), measure_class(y, p, 0)
        assert whole.get("sensitivity") == part.get("recall")
        assert whole.get("specificity") == part.get("specificity")
        assert whole.get("roc_area") == part.get("roc_area")
    # An item that counts twice is an item that stands there twice.
    twice = np.repeat(np.arange(n), weights.astype(int))
    resampled = measure_class_resampled(y, p, weights[None], 0)
    expected_twice = measure_class(y[twice], p[twice], 0)
    for name in CLASS_METRICS:
        value = expected_twice.get(name, np.nan)
        assert resampled[name][0] == pytest.approx(value, abs=1e-12, nan_ok=True)


def test_the_fish_papers_matrix() -> None:
    """Three errors of 405 in nine classes of 45 make .99259, and a macro F1 below .9927."""
    matrix = np.diag([45] * 9)
    for true, predicted in ((1, 0), (1, 5), (5, 1)):
        matrix[true, true] -= 1
        matrix[true, predicted] += 1
    assert accuracy(matrix) == pytest.approx(402 / 405)
    assert round(float(accuracy(matrix)), 5) == 0.99259
    # With classes of one size macro recall is accuracy: the paper's .9927 cannot be.
    assert macro_recall(matrix) == pytest.approx(402 / 405, abs=1e-15)
    assert macro_f1(matrix) < 0.9927


def test_what_is_not_finite_is_never_scored() -> None:
    """A NaN probability or an empty set is an error, not an argmax."""
    with pytest.raises(TrialError, match="finite probabilities"):
        measure(np.array([0]), np.array([[np.nan, 1.0]]))
    with pytest.raises(TrialError, match="found 0 items"):
        measure(np.empty(0, int), np.empty((0, 2)))


def test_sensitivity_needs_a_positive_class_of_two() -> None:
    """Without one they are left out; a name that is no class, or one of three, is an error."""
    y, p, _ = draw(0, 30, 2)
    assert not set(OF_POSITIVE) & set(measure(y, p))
    assert set(measure(y, p, positive=1)) == set(METRICS)
    assert positive_index(["covid", "normal"], "covid") == 0
    assert positive_index(["covid", "normal"], None) is None
    for labels in (["a", "b", "c"], ["b", "c"]):
        with pytest.raises(ConfigError, match="evaluate.positive: expected one of exactly two"):
            positive_index(labels, "a")


def test_calibration_error_by_hand() -> None:
    """Four items in two bins: |1/2 - .6| and |1 - .95|, each weighing a half."""
    p = np.array([[0.6, 0.4], [0.4, 0.6], [0.95, 0.05], [0.05, 0.95]])
    y = np.array([0, 0, 0, 1])
    assert calibration_error(y, p, np.ones((1, 4)), bins=10)[0] == pytest.approx(0.075, abs=1e-15)
    # Counting the wrong item twice: (2 of 3 wrong at .6, and the rest) over five items.
    found = calibration_error(y, p, np.array([[1.0, 2, 1, 1]]), bins=10)[0]
    assert found == pytest.approx((3 * abs(1 / 3 - 0.6) + 2 * 0.05) / 5, abs=1e-15)


@settings(max_examples=20)
@given(seed=CASES["seed"])
def test_reliability_holds_every_item_once(seed: int) -> None:
    """Bins add up to all items, to the accuracy, and to the calibration error of as many bins."""
    y, p, _ = draw(seed, 50, 3)
    p /= p.sum(1, keepdims=True)
    table = reliability(y, p, bins=15)
    assert table["items"].sum() == 50
    assert table["right"].sum() == (p.argmax(1) == y).sum()
    assert ((table["low"] - 1e-9 <= table["confidence"]) & (table["confidence"] <= 1)).all()
    gap = (table["items"] / 50 * (table["accuracy"] - table["confidence"]).abs()).sum()
    assert gap == pytest.approx(calibration_error(y, p, np.ones((1, 50)))[0], abs=1e-12)
