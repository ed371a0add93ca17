"""Every metric with its interval, over all test items and by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.seeds import stream
from fairtrial.core.text import DASH, number_text
from fairtrial.evidence.class_figures import dot_rows, interval_panels
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.scoring.confusion import confusion_matrix
from fairtrial.images.scoring.metrics import METRICS, measure_class, measure_resampled
from fairtrial.images.scoring.pooled import POOLED, Pooled
from fairtrial.statistics.effects import Estimate
from fairtrial.statistics.resampling import group_bootstrap, wilson

_DRAWN = ("accuracy", "macro_f1", "mcc", "roc_area", "pr_area", "calibration_error")


def metrics_exhibit(
    pools: Mapping[str, Pooled],
    groups: Mapping[str, Sequence[str]],
    positive: int | None,
    resamples: int,
    alpha: float,
    seed: tuple[int, str],
) -> Files:
    """Every metric of every arm, with its interval over resampled groups.

    Args:
        pools: predictions by arm.
        groups: arm -> group of each of its items.
        positive: the positive class of two, if one is declared.
        resamples: resamplings of the groups.
        alpha: intervals cover 1 - alpha.
        seed: the root seed and the study's name; arms with the same items share resamplings.
    """
    rows = []
    for arm, found in pools.items():

        def measured(weights: np.ndarray, found: Pooled = found) -> dict[str, np.ndarray]:
            return measure_resampled(found.y, found.probabilities, weights, positive)

        generator = stream(*seed, "intervals")
        estimates = group_bootstrap(measured, groups[arm], resamples, 1 - alpha, generator)
        proportions = _proportions(found, positive, 1 - alpha)
        rows += [
            {
                "arm": arm,
                "metric": name,
                "estimate": estimates[name].estimate,
                "low": estimates[name].low,
                "high": estimates[name].high,
                "wilson_low": proportions[name].low if name in proportions else None,
                "wilson_high": proportions[name].high if name in proportions else None,
                "items": len(found.ids),
                "groups": len(set(groups[arm])),
            }
            for name in METRICS
            if name in estimates
        ]
    table = pd.DataFrame(rows)
    drawn = [name for name in _DRAWN if name in set(table["metric"])]
    caption = (
        f"{POOLED}. {100 * (1 - alpha):g} % intervals over {resamples} resamplings of whole groups "
        "(percentiles); Wilson's interval of a proportion takes items as independent and is too "
        "narrow where groups hold several. Pooling folds mixes the scales of their models: areas "
        "can differ a little from the means over folds on which the verdict rests."
    )
    title = "Metrics with intervals"
    return exhibit(title, caption, interval_panels(table, drawn), table, _readable(table))


def _proportions(found: Pooled, positive: int | None, confidence: float) -> dict[str, Estimate]:
    out = {"accuracy": wilson(int(found.right.sum()), len(found.y), confidence)}
    if positive is not None:
        for name, part in (
            ("sensitivity", found.y == positive),
            ("specificity", found.y != positive),
        ):
            if part.any():
                out[name] = wilson(int(found.right[part].sum()), int(part.sum()), confidence)
    return out


def _readable(table: pd.DataFrame) -> pd.DataFrame:
    """One row a metric (and Wilson's interval of proportions), one column an arm."""
    rows: dict[str, dict[str, str]] = {}
    for row in table.to_dict("records"):
        name = row["metric"].replace("_", " ")
        ends = [("", "low", "high")]
        if pd.notna(row["wilson_low"]):
            ends.append((" (Wilson)", "wilson_low", "wilson_high"))
        for suffix, low, high in ends:
            text = interval_text(row["estimate"], row[low], row[high])
            rows.setdefault(name + suffix, {})[row["arm"]] = text
    arms = dict.fromkeys(table["arm"])
    made = {name: [cells.get(arm, DASH) for arm in arms] for name, cells in rows.items()}
    return (
        pd.DataFrame.from_dict(made, "index", columns=list(arms))
        .rename_axis("metric")
        .reset_index()
    )


def interval_text(estimate: float, low: float, high: float) -> str:
    """``0.953 (0.930 to 0.971)``."""
    return f"{number_text(estimate, 3)} ({number_text(low, 3)} to {number_text(high, 3)})"


def classes_exhibit(pools: Mapping[str, Pooled], labels: Sequence[str], alpha: float) -> Files:
    """Each class against all others, arm by arm.

    Args:
        pools: predictions by arm.
        labels: names of the classes.
        alpha: intervals cover 1 - alpha.
    """
    rows = []
    for index, label in enumerate(labels):
        for arm, found in pools.items():
            matrix = confusion_matrix(found.y, found.predicted, len(labels))
            items = int(matrix[index].sum())
            values = measure_class(found.y, found.probabilities, index)
            row = {"class": label, "arm": arm, "items": items, **values}
            if items:
                interval = wilson(int(matrix[index, index]), items, 1 - alpha)
                row |= {"recall_low": interval.low, "recall_high": interval.high}
            rows.append(row)
    table = pd.DataFrame(rows)
    made = table.drop(columns=["recall", "recall_low", "recall_high"], errors="ignore")
    recalls = [
        interval_text(row["recall"], row["recall_low"], row["recall_high"])
        if row["items"]
        else DASH
        for row in table.to_dict("records")
    ]
    made.insert(4, "recall (sensitivity)", recalls)
    caption = (
        f"{POOLED}; each class against all others. Recall of a class is its sensitivity, with "
        "Wilson's interval, which takes items as independent."
    )
    figure = dot_rows(table, "class", "f1", "F1 of the class")
    return exhibit("Classes", caption, figure, table, made)
