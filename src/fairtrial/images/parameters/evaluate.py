"""How predictions become scores and a verdict."""

from __future__ import annotations

from typing import Literal

from fairtrial.core.parameters import Count, Flag
from fairtrial.statistics.parameters import VerdictParameters


class Evaluate(VerdictParameters):
    """How predictions become scores and a verdict.

    Args:
        positive: the class of two whose sensitivity and specificity are given, and whose areas
            under the ROC and the precision-recall curve; without it areas are means over classes.
        resamples: resamplings of the groups behind each interval of the pooled predictions.
        body: whether the body is the brighter or the darker part of a picture; heat maps then say
            how much of their heat lies on it.
        export_onnx: whether the best model is exported as ONNX too (extra ``onnx``).
    """

    positive: str | None = None
    resamples: Count = 1000
    body: Literal["brighter", "darker"] | None = None
    export_onnx: Flag = False
