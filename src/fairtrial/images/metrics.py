"""Metrics of a classification, all from the confusion matrix but the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fairtrial.core.errors import TrialError


@dataclass(frozen=True)
class Metric:
    """A metric's direction. Args: higher_is_better."""

    higher_is_better: bool


METRICS = {
    "accuracy": Metric(True),
    "balanced_accuracy": Metric(True),
    "loss": Metric(False),
    "macro_f1": Metric(True),
}


def confusion_matrix(y: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts by true (row) and predicted (column) class.

    Args:
        y: true classes, int (N,) in [0, classes).
        predicted: predicted classes, as ``y``.
        classes: number of classes K.

    Returns:
        int64 (K, K).
    """
    return np.bincount(y * classes + predicted, minlength=classes**2).reshape(classes, classes)


def accuracy(matrix: np.ndarray) -> float:
    """Share of items on the diagonal (K, K). Source: fish paper, eq. 4."""
    return float(np.trace(matrix) / matrix.sum())


def balanced_accuracy(matrix: np.ndarray) -> float:
    """Mean recall of the classes that occur. Source: fish paper, eq. 6."""
    occurs = matrix.sum(1) > 0
    return float(np.mean(np.diag(matrix)[occurs] / matrix.sum(1)[occurs]))


def macro_f1(matrix: np.ndarray) -> float:
    """Mean F1 of the classes that occur or are predicted; 0 for one never met rightly.

    Source: fish paper, eq. 7, written as 2 TP / (2 TP + FP + FN).
    """
    both = matrix.sum(0) + matrix.sum(1)
    met = both > 0
    return float(np.mean(2 * np.diag(matrix)[met] / both[met]))


def log_loss(y: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean cross-entropy in nats.

    Args:
        y: int (N,).
        probabilities: float64 (N, K); zeros count as the smallest positive normal step.
    """
    eps = np.finfo(np.float64).eps
    chosen = probabilities[np.arange(len(y)), y]
    return float(-np.mean(np.log(np.clip(chosen, eps, 1))))


def measure(y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """Every metric of `METRICS`.

    Args:
        y: int64 (N,), N >= 1.
        probabilities: float64 (N, K).

    Raises:
        TrialError: there is no item, or a probability is not finite.
    """
    if len(y) == 0 or not np.isfinite(probabilities).all():
        raise TrialError(
            "predictions",
            "finite probabilities of at least one item",
            f"{len(y)} items, {int((~np.isfinite(probabilities)).sum())} values not finite",
            "Run the evaluate stage of this arm again.",
        )
    matrix = confusion_matrix(y, probabilities.argmax(1), probabilities.shape[1])
    return {
        "accuracy": accuracy(matrix),
        "balanced_accuracy": balanced_accuracy(matrix),
        "loss": log_loss(y, probabilities),
        "macro_f1": macro_f1(matrix),
    }
