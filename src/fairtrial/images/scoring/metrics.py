"""Metrics of a classification, of the items or of weighted resamplings of them. Light: numpy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.images.scoring import confusion
from fairtrial.images.scoring.areas import average_precision, roc_area
from fairtrial.images.scoring.calibration import calibration_error, item_errors


@dataclass(frozen=True)
class Metric:
    """A metric's direction. Args: higher_is_better."""

    higher_is_better: bool


METRICS = {
    "accuracy": Metric(True),
    "balanced_accuracy": Metric(True),
    "macro_precision": Metric(True),
    "macro_recall": Metric(True),
    "macro_f1": Metric(True),
    "mcc": Metric(True),
    "roc_area": Metric(True),
    "pr_area": Metric(True),
    "sensitivity": Metric(True),
    "specificity": Metric(True),
    "loss": Metric(False),
    "brier": Metric(False),
    "mse": Metric(False),
    "rmse": Metric(False),
    "mae": Metric(False),
    "calibration_error": Metric(False),
}
# Only where one of two classes is the positive one.
OF_POSITIVE = ("sensitivity", "specificity")
# Of a class against all others; recall is its sensitivity.
CLASS_METRICS = ("precision", "recall", "f1", "specificity", "roc_area", "pr_area")
# Of the pictures of one source, which may all be of one class.
SOURCE_METRICS = ("accuracy", "balanced_accuracy", "macro_f1", "loss", "brier")

_MATRIX: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "accuracy": confusion.accuracy,
    "balanced_accuracy": confusion.balanced_accuracy,
    "macro_precision": confusion.macro_precision,
    "macro_recall": confusion.macro_recall,
    "macro_f1": confusion.macro_f1,
    "mcc": confusion.matthews,
}


def positive_index(labels: list[str], positive: str | None) -> int | None:
    """Index of the positive class; none where none is declared.

    Raises:
        ConfigError: it is declared, and is not one of exactly two classes.
    """
    if positive is None:
        return None
    if len(labels) != 2 or positive not in labels:
        raise ConfigError(
            "evaluate.positive",
            "one of exactly two classes",
            f"{positive!r} among {', '.join(labels)}",
            "Name one of two classes, or leave it out: every class is then scored on its own.",
        )
    return labels.index(positive)


def measure(
    y: np.ndarray, probabilities: np.ndarray, positive: int | None = None
) -> dict[str, float]:
    """Every metric of `METRICS` that these items define.

    Areas need every class (or the positive one) and another to occur; `OF_POSITIVE` a positive
    class that occurs, and another.

    Args:
        y: int64 (N,), N >= 1.
        probabilities: float64 (N, K).
        positive: the positive class of two, if one is declared.

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
    once = np.ones((1, len(y)))
    return _defined(measure_resampled(y, probabilities, once, positive))


def measure_resampled(
    y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, positive: int | None = None
) -> dict[str, np.ndarray]:
    """`measure` of R resamplings at once: metric -> float64 (R,), NaN where it is undefined.

    Args:
        y: int64 (N,), N >= 1.
        probabilities: float64 (N, K), finite.
        weights: how often each item counts, float64 (R, N).
        positive: the positive class of two, if one is declared.
    """
    classes = probabilities.shape[1]
    matrix = confusion.confusion_matrix(y, probabilities.argmax(1), classes, weights)
    values = {name: metric(matrix) for name, metric in _MATRIX.items()}
    chosen = range(classes) if positive is None else [positive]
    for name, area in (("roc_area", roc_area), ("pr_area", average_precision)):
        parts = [area(y == k, probabilities[:, k], weights) for k in chosen]
        values[name] = np.mean(parts, axis=0)
    if positive is not None:
        occurs = matrix[:, positive].sum(-1) > 0
        found = confusion.recall(matrix)[:, positive]
        values["sensitivity"] = np.where(occurs, found, np.nan)
        values["specificity"] = confusion.specificity(matrix)[:, positive]
    total = weights.sum(1)
    for name, errors in item_errors(y, probabilities).items():
        values[name] = weights @ errors / total
    values["rmse"] = np.sqrt(values["mse"])
    values["calibration_error"] = calibration_error(y, probabilities, weights)
    return values


def measure_class(y: np.ndarray, probabilities: np.ndarray, index: int) -> dict[str, float]:
    """`CLASS_METRICS` of one class against all others, those that these items define.

    Args:
        y: int64 (N,), N >= 1.
        probabilities: float64 (N, K), finite.
        index: the class.
    """
    once = np.ones((1, len(y)))
    return _defined(measure_class_resampled(y, probabilities, once, index))


def measure_class_resampled(
    y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, index: int
) -> dict[str, np.ndarray]:
    """`measure_class` of R resamplings: metric -> float64 (R,), NaN where it is undefined."""
    classes = probabilities.shape[1]
    matrix = confusion.confusion_matrix(y, probabilities.argmax(1), classes, weights)
    occurs = matrix[:, index].sum(-1) > 0
    return {
        "precision": confusion.precision(matrix)[:, index],
        "recall": np.where(occurs, confusion.recall(matrix)[:, index], np.nan),
        "f1": confusion.f1(matrix)[:, index],
        "specificity": confusion.specificity(matrix)[:, index],
        "roc_area": roc_area(y == index, probabilities[:, index], weights),
        "pr_area": average_precision(y == index, probabilities[:, index], weights),
    }


def _defined(values: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(value[0]) for name, value in values.items() if np.isfinite(value[0])}
