"""How far probabilities are from what happened, and how sure a classifier may be believed."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Bins of the expected calibration error, as its source has them.
ERROR_BINS = 15


def item_errors(y: np.ndarray, probabilities: np.ndarray) -> dict[str, np.ndarray]:
    """Errors of each item, whose means are the metrics of their names.

    Args:
        y: int (N,).
        probabilities: float64 (N, K).

    Returns:
        float64 (N,) each. ``loss``: cross-entropy in nats, zeros counted as the smallest step.
        ``brier``: squared distance to the one-hot truth, of two classes that of one (as
        scikit-learn scales it). ``mse`` and ``mae``: mean over the classes of the squared and of
        the absolute distance. The fish paper takes them of class codes, which have no distances.
    """
    classes = probabilities.shape[1]
    rows = np.arange(len(y))
    chosen = np.clip(probabilities[rows, y], np.finfo(np.float64).eps, 1)
    gap = probabilities - np.eye(classes)[y]
    square = (gap**2).sum(1)
    return {
        "loss": -np.log(chosen),
        "brier": square / 2 if classes == 2 else square,
        "mse": square / classes,
        "mae": np.abs(gap).mean(1),
    }


def calibration_error(
    y: np.ndarray, probabilities: np.ndarray, weights: np.ndarray, bins: int = ERROR_BINS
) -> np.ndarray:
    """Mean gap between confidence and accuracy over equal bins of confidence, float64 (R,).

    Args:
        y: int (N,).
        probabilities: float64 (N, K).
        weights: how often each item counts, float64 (R, N).
        bins: of the confidence, the largest probability, (0, 1/bins], ..., (1 - 1/bins, 1].

    Source: Guo et al. (2017), "On calibration of modern neural networks", eq. 3.
    """
    confidence = probabilities.max(1)
    excess = (probabilities.argmax(1) == y) - confidence
    place = _bins(confidence, bins)
    gaps = [np.abs(weights[:, place == k] @ excess[place == k]) for k in np.unique(place)]
    return np.asarray(np.sum(gaps, axis=0) / weights.sum(1))


def reliability(y: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> pd.DataFrame:
    """What a reliability diagram shows: one row a bin of confidence that holds items.

    Returns:
        Columns low, high (the bin's ends), items, right (items), confidence (mean), accuracy.
    """
    confidence = probabilities.max(1)
    place = _bins(confidence, bins)
    table = pd.DataFrame({"confidence": confidence, "right": probabilities.argmax(1) == y})
    grouped = table.groupby(place)
    out = pd.DataFrame(
        {
            "items": grouped.size(),
            "right": grouped["right"].sum(),
            "confidence": grouped["confidence"].mean(),
            "accuracy": grouped["right"].mean(),
        }
    )
    out.insert(0, "high", (out.index + 1) / bins)
    out.insert(0, "low", out.index / bins)
    return out.reset_index(drop=True)


def _bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Bin of each confidence, int (N,) in [0, bins), each open below and closed above."""
    return np.asarray(np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1))
