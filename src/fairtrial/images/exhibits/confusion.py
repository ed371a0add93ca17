"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays, Files
from fairtrial.evidence.exhibits import exhibit
from fairtrial.evidence.figures import matrix
from fairtrial.images.scoring.scores import confusion_by_arm


def confusion_exhibit(outputs: Sequence[Arrays]) -> Files:
    """One confusion matrix an arm, of the test items of all its trials."""
    labels = list(outputs[0].description["labels"])
    sums = confusion_by_arm(outputs)
    rows = [
        {"arm": arm, "true": labels[i], "predicted": labels[j], "items": int(counts[i, j])}
        for arm, counts in sums.items()
        for i in range(len(labels))
        for j in range(len(labels))
    ]
    figure = matrix(np.stack(list(sums.values())), labels, list(sums))
    caption = "Test items by true (row) and predicted (column) class, summed over all blocks."
    return exhibit("Confusion", caption, figure, pd.DataFrame(rows))
