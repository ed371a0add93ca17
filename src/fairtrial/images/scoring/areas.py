"""Areas under the ROC and the precision-recall curve, of the items or of resamplings of them."""

from __future__ import annotations

import numpy as np


def roc_area(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Chance that a positive item scores above a negative one, ties counted half.

    Args:
        positive: bool (N,).
        score: float64 (N,), larger where the item looks more positive.
        weights: how often each item counts, float64 (R, N).

    Returns:
        float64 (R,); NaN where there is no positive or no negative item.

    Source: Fawcett (2006), Pattern Recognition Letters 27, 861-874.
    """
    hits, misses = _by_score(positive, score, weights)
    below = np.cumsum(misses, axis=1) - misses
    won = (hits * (below + misses / 2)).sum(1)
    return _share(won, hits.sum(1) * misses.sum(1))


def average_precision(positive: np.ndarray, score: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Area under the precision-recall steps: precision at each score, weighted by recall gained.

    Arguments as `roc_area`.

    Returns:
        float64 (R,); NaN where there is no positive item.

    Source: scikit-learn, "Precision, recall and F-measures", average precision.
    """
    hits, misses = (part[:, ::-1] for part in _by_score(positive, score, weights))
    found = np.cumsum(hits, axis=1)
    taken = found + np.cumsum(misses, axis=1)
    precision = np.divide(found, taken, out=np.zeros_like(found), where=taken > 0)
    return _share((precision * hits).sum(1), hits.sum(1))


def _by_score(
    positive: np.ndarray, score: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weight of positive and of negative items at each distinct score, ascending: (R, scores)."""
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=-np.inf))
    ordered = weights[:, order]
    total = np.add.reduceat(ordered, starts, axis=1)
    hits = np.add.reduceat(ordered * positive[order], starts, axis=1)
    return hits, total - hits


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    out: np.ndarray = np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
    return out
