"""How predictions become scores and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field, field_validator

from fairtrial.core.parameters import Count, Flag
from fairtrial.images.parameters.questions import DATA_SHEET, MODEL_CARD, Question
from fairtrial.statistics.parameters import VerdictParameters

Body = Literal["brighter", "darker", "warmer"]


class Evaluate(VerdictParameters):
    """How predictions become scores and a verdict.

    Args:
        positive: the class of two whose sensitivity and specificity are given, and whose areas
            under the ROC and the precision-recall curve; without it areas are means over classes.
        resamples: resamplings of the groups behind each interval of the pooled predictions.
        body: whether the body is the brighter, the darker or the warmer part (more red than blue)
            of a picture; heat maps then say how much of their heat lies on it.
        export_onnx: whether the best model is exported as ONNX too (extra ``onnx``).
        card: answers to questions of the model card (``fairtrial.images.parameters.questions``)
            that nothing stored can answer, such as ``intended_uses``.
        data_sheet: the same for the sheet of the data, such as ``licence``.
    """

    positive: str | None = None
    resamples: Count = 1000
    body: Body | None = None
    export_onnx: Flag = False
    card: dict[str, str] = Field(default_factory=dict)
    data_sheet: dict[str, str] = Field(default_factory=dict)

    @field_validator("card")
    @classmethod
    def _card_questions(cls, answers: dict[str, str]) -> dict[str, str]:
        return _check_questions(answers, MODEL_CARD)

    @field_validator("data_sheet")
    @classmethod
    def _sheet_questions(cls, answers: dict[str, str]) -> dict[str, str]:
        return _check_questions(answers, DATA_SHEET)


def _check_questions(answers: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    known = [question.key for question in questions]
    unknown = [key for key in answers if key not in known]
    if unknown:
        raise ValueError(f"answers to {', '.join(known)}; not to {', '.join(unknown)}")
    return dict(answers)
