"""Reliability diagrams: how far confidence can be believed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fairtrial.core.records import Files
from fairtrial.core.text import number_text
from fairtrial.evidence.class_figures import reliability_diagram
from fairtrial.evidence.exhibits import exhibit
from fairtrial.images.scoring.calibration import ERROR_BINS, calibration_error, reliability
from fairtrial.images.scoring.pooled import POOLED, Pooled
from fairtrial.statistics.resampling import wilson


def calibration_exhibit(pools: Mapping[str, Pooled], alpha: float) -> Files:
    """Accuracy in ten bins of confidence, arm by arm.

    Args:
        pools: predictions by arm.
        alpha: intervals cover 1 - alpha.
    """
    bins, titles = {}, {}
    for arm, found in pools.items():
        table = reliability(found.y, found.probabilities)
        counts = zip(table["right"], table["items"], strict=True)
        ends = [wilson(int(right), int(items), 1 - alpha) for right, items in counts]
        bins[arm] = table.assign(
            low_accuracy=[end.low for end in ends], high_accuracy=[end.high for end in ends]
        )
        once = np.ones((1, len(found.y)))
        error = float(calibration_error(found.y, found.probabilities, once)[0])
        titles[arm] = f"{arm}: error {number_text(error, 3)}"
    caption = (
        f"{POOLED}: share of right predictions against the largest probability, in ten bins, with "
        f"Wilson's {100 * (1 - alpha):g} % intervals; areas grow with the items. Below the dotted "
        f"line a classifier is too sure. The error is the expected calibration error over "
        f"{ERROR_BINS} bins."
    )
    data = pd.concat([table.assign(arm=arm) for arm, table in bins.items()], ignore_index=True)
    return exhibit("Calibration", caption, reliability_diagram(bins, titles), data)
