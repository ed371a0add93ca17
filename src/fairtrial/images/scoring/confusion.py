"""Metrics that follow from the confusion matrix alone, for one matrix or a stack of them.

A stack holds one matrix a resampling of the items, so that intervals cost one pass over it. Each
function equals scikit-learn's of its name, ``zero_division=0`` where that is asked for.
"""

from __future__ import annotations

import numpy as np


def confusion_matrix(
    y: np.ndarray, predicted: np.ndarray, classes: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Counts by true (row) and predicted (column) class.

    Args:
        y: true classes, int (N,) in [0, classes).
        predicted: predicted classes, as ``y``.
        classes: number of classes K.
        weights: how often each item counts, float64 (R, N) for R resamplings; none for once.

    Returns:
        int64 (K, K), or float64 (R, K, K) with ``weights``.
    """
    cells = y * classes + predicted
    if weights is None:
        return np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    counts = np.zeros((len(weights), classes**2))
    for cell in np.unique(cells):
        counts[:, cell] = weights[:, cells == cell].sum(1)
    return counts.reshape(-1, classes, classes)


def accuracy(matrix: np.ndarray) -> np.ndarray:
    """Share of items on the diagonal, (..., K, K) -> (...). Source: fish paper, eq. 4."""
    return np.asarray(_hits(matrix).sum(-1) / matrix.sum((-2, -1)))


def balanced_accuracy(matrix: np.ndarray) -> np.ndarray:
    """Mean recall of the classes that occur, (..., K, K) -> (...). Source: fish paper, eq. 6."""
    return _mean_where(recall(matrix), matrix.sum(-1) > 0)


def precision(matrix: np.ndarray) -> np.ndarray:
    """Share of a class among what was taken for it, (..., K, K) -> (..., K); 0 if nothing was."""
    return _ratio(_hits(matrix), matrix.sum(-2))


def recall(matrix: np.ndarray) -> np.ndarray:
    """Share found of a class, (..., K, K) -> (..., K); 0 if it does not occur. Its sensitivity."""
    return _ratio(_hits(matrix), matrix.sum(-1))


def f1(matrix: np.ndarray) -> np.ndarray:
    """2 TP / (2 TP + FP + FN) of a class, (..., K, K) -> (..., K). Source: fish paper, eq. 7."""
    return _ratio(2 * _hits(matrix), matrix.sum(-1) + matrix.sum(-2))


def specificity(matrix: np.ndarray) -> np.ndarray:
    """Share of the other classes not taken for a class, (..., K, K) -> (..., K).

    NaN where no other class occurs.
    """
    total = matrix.sum((-2, -1))[..., None]
    others = total - matrix.sum(-1)
    wrong = matrix.sum(-2) - _hits(matrix)
    return np.where(others > 0, 1 - _ratio(wrong, others), np.nan)


def macro(values: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Mean of a class's metric over the classes that occur or are predicted.

    Args:
        values: float64 (..., K), e.g. `f1` of the matrix.
        matrix: (..., K, K).
    """
    return _mean_where(values, matrix.sum(-1) + matrix.sum(-2) > 0)


def macro_precision(matrix: np.ndarray) -> np.ndarray:
    """`macro` of `precision`, (..., K, K) -> (...)."""
    return macro(precision(matrix), matrix)


def macro_recall(matrix: np.ndarray) -> np.ndarray:
    """`macro` of `recall`, (..., K, K) -> (...)."""
    return macro(recall(matrix), matrix)


def macro_f1(matrix: np.ndarray) -> np.ndarray:
    """`macro` of `f1`, (..., K, K) -> (...)."""
    return macro(f1(matrix), matrix)


def matthews(matrix: np.ndarray) -> np.ndarray:
    """Matthews' correlation of K classes, (..., K, K) -> (...); 0 where one side never varies.

    Source: Gorodkin (2004), Comput. Biol. Chem. 28, 367-374.
    """
    true, predicted = matrix.sum(-1), matrix.sum(-2)
    total = matrix.sum((-2, -1))
    agreement = _hits(matrix).sum(-1) * total - (true * predicted).sum(-1)
    spread = (total**2 - (true**2).sum(-1)) * (total**2 - (predicted**2).sum(-1))
    return _ratio(agreement, np.sqrt(spread))


def _hits(matrix: np.ndarray) -> np.ndarray:
    return np.diagonal(matrix, axis1=-2, axis2=-1)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    out: np.ndarray = np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
    return out


def _mean_where(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(kept, values, 0.0).sum(-1) / kept.sum(-1))
