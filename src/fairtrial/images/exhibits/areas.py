"""ROC and precision-recall curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.class_figures import Curve, area_curves
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.scoring.metrics import measure
from fairtrial.images.scoring.pooled import POOLED, Pooled

# Where the curves of several classes are averaged.
_GRID = np.linspace(0, 1, 201)


def areas_exhibit(
    pools: Mapping[str, Pooled], labels: Sequence[str], positive: int | None
) -> Files:
    """Curves of every arm: of the positive class, else the mean over all classes.

    Args:
        pools: predictions by arm.
        labels: names of the classes.
        positive: the positive class of two, if one is declared.
    """
    chosen = range(len(labels)) if positive is None else [positive]
    roc, recalls, legend, rows = {}, {}, {}, []
    for arm, found in pools.items():
        known = [k for k in chosen if 0 < (found.y == k).sum() < len(found.y)]
        if not known:
            continue
        roc[arm] = _mean([_roc(found, k) for k in known], np.interp)
        recalls[arm] = _mean([_precision(found, k) for k in known], _step)
        values = measure(found.y, found.probabilities, positive)
        areas = [number_text(values[n], 3) if n in values else "-" for n in ("roc_area", "pr_area")]
        legend[arm] = f"{arm}: areas {areas[0]} and {areas[1]}"
        for kind, (x, y) in (("roc", roc[arm]), ("precision_recall", recalls[arm])):
            rows += [{"arm": arm, "curve": kind, "x": a, "y": b} for a, b in zip(x, y, strict=True)]
    of = (
        "the mean over all classes, each against all others"
        if positive is None
        else f"of class {labels[positive]}"
    )
    caption = (
        f"{POOLED}. Curves are {of}. "
        "The dotted line is chance. Legend: area under the ROC curve, then average precision."
    )
    return exhibit(
        "ROC and precision-recall curves",
        caption,
        area_curves(roc, recalls, legend) if legend else None,
        pd.DataFrame(rows, columns=["arm", "curve", "x", "y"]),
        table=not legend,
    )


def _roc(found: Pooled, index: int) -> Curve:
    x, y, _ = roc_curve(found.y == index, found.probabilities[:, index])
    return x, y


def _precision(found: Pooled, index: int) -> Curve:
    """Recall, ascending, and the precision there."""
    precision, recall, _ = precision_recall_curve(found.y == index, found.probabilities[:, index])
    return recall[::-1], precision[::-1]


def _step(at: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Value at the first of ascending ``x`` that is no smaller."""
    return np.asarray(y[np.searchsorted(x, at).clip(max=len(x) - 1)])


def _mean(curves: Sequence[Curve], value: Callable[..., np.ndarray]) -> Curve:
    if len(curves) == 1:
        return curves[0]
    return _GRID, np.mean([value(_GRID, *curve) for curve in curves], axis=0)
