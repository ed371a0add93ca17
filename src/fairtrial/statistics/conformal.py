"""Thresholds that hold on new items as they did on a calibration set, whatever the model."""

from __future__ import annotations

import math

import numpy as np


def conformal_quantile(scores: np.ndarray, alpha: float) -> float | None:
    """The value that the score of a new exchangeable item exceeds with probability at most alpha.

    Args:
        scores: float (N,), scores of the calibration items.
        alpha: in (0, 1).

    Returns:
        The ceil((N + 1)(1 - alpha))-th smallest score; none if N is too small for that rank.

    Source: Angelopoulos and Bates, "A gentle introduction to conformal prediction", section 1.
    """
    # Rounding keeps 20 * 0.95 from being 19.000000000000004 and its ceiling 20.
    rank = math.ceil(round((len(scores) + 1) * (1 - alpha), 9))
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else None


def abstention_threshold(confidence: np.ndarray, wrong: np.ndarray, alpha: float) -> float | None:
    """The least confidence to answer with, so that at most alpha of new items are answered wrongly.

    The loss of an item is 1 where it is answered (its confidence is at least the threshold) and
    wrong, else 0: it falls as the threshold rises, so its expectation can be controlled.

    Args:
        confidence: float (N,), of the calibration items, in [0, 1].
        wrong: bool (N,), whether the answer would be wrong.
        alpha: largest share of all new items, answered or not, that may be answered wrongly.

    Returns:
        The threshold, 0 where every answer may be given; none where N < 1 / alpha - 1, which is
        too few to promise anything.

    Source: Angelopoulos, Bates, Fisch, Lei, Schuster, "Conformal risk control", ICLR 2024, eq. 4.
    """
    n = len(confidence)
    allowed = math.floor(round(alpha * (n + 1) - 1, 9))  # n/(n+1) risk + 1/(n+1) <= alpha
    if allowed < 0:
        return None
    errors = np.sort(confidence[wrong])[::-1]
    if len(errors) <= allowed:
        return 0.0
    # Just above the first error too many, counted from the most confident.
    return float(np.nextafter(errors[allowed], np.inf))
