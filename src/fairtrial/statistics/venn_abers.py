"""Probabilities with an interval that a calibration set can answer for (Venn-Abers)."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression

from fairtrial.core.errors import StatisticsError


def venn_abers(
    scores: np.ndarray, hits: np.ndarray, new: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Inductive Venn-Abers predictor: for each new score the interval of its probability.

    The new item joins the calibration items once as a miss and once as a hit; isotonic regression
    calibrates each time. One of the two ends is a perfectly calibrated probability, whatever the
    model, if old and new items are exchangeable. Few calibration items make a wide interval.

    Args:
        scores: float (N,), scores of the calibration items, N >= 1; higher for likelier hits.
        hits: bool (N,), whether they were hits.
        new: float (M,), scores of the new items.

    Returns:
        Lower and upper ends, float64 (M,) each, in [0, 1].

    Raises:
        StatisticsError: there is no calibration item, or a score is not finite.

    Source: Vovk and Petej, "Venn-Abers predictors", UAI 2014, section 3; inductive form: Vovk,
    Petej and Fedorova, "Large-scale probabilistic predictors", NIPS 2015, section 2.
    """
    if len(scores) == 0 or not (np.isfinite(scores).all() and np.isfinite(new).all()):
        raise StatisticsError(
            "calibration",
            "finite scores of at least one item",
            f"{len(scores)} items",
            "Evaluate the model on validation items again.",
        )
    distinct, back = np.unique(new, return_inverse=True)
    ends = np.array([[_calibrated(scores, hits, s, hit) for hit in (0.0, 1.0)] for s in distinct])
    ends = ends.reshape(-1, 2)[back]
    return ends[:, 0], ends[:, 1]


def _calibrated(scores: np.ndarray, hits: np.ndarray, score: float, hit: float) -> float:
    """Isotonic probability of ``score`` when it joins the calibration set as ``hit``."""
    model = IsotonicRegression(y_min=0.0, y_max=1.0)
    fitted = model.fit_transform(np.append(scores, score), np.append(hits.astype(float), hit))
    return float(fitted[-1])
