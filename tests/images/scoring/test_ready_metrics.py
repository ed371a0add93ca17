"""What must hold of metrics, positive class and body before a study starts."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Ingest
from fairtrial.images.ready import check_evaluate


def study(metric: str) -> Study:
    return Study.model_validate(
        {
            "name": "xray",
            "kind": "images",
            "arms": ["a", "b"],
            "blocks": {"folds": 3},
            "design": "blocked",
            "primary_metric": metric,
        }
    )


@pytest.mark.parametrize(
    ("metric", "evaluate", "ingest", "message"),
    [
        ("f2", {}, {}, "primary_metric: expected one of accuracy, .*found 'f2'"),
        ("sensitivity", {}, {}, "sensitivity and specificity need xray.evaluate.positive"),
        (
            "accuracy",
            {"positive": "flu"},
            {"classes": {"a": "covid", "b": "normal"}},
            "evaluate.positive: expected one of exactly two classes, found 'flu' among covid",
        ),
        (
            "accuracy",
            {"positive": "covid"},
            {"classes": {"a": "covid", "b": "normal", "c": "flu"}},
            "evaluate.positive: expected one of exactly two classes",
        ),
        ("accuracy", {"body": "warmer"}, {"channels": 1}, "xray.evaluate.body: expected brighter"),
    ],
)
def test_what_cannot_be_measured_is_told_before_work_starts(
    metric: str, evaluate: dict[str, Any], ingest: dict[str, Any], message: str
) -> None:
    """Unknown metrics, positive classes that are none, warmth of grey pictures."""
    with pytest.raises(ConfigError, match=message):
        check_evaluate(study(metric), Evaluate(**evaluate), Ingest(**ingest))


def test_what_can_be_measured_passes() -> None:
    """Sensitivity with a positive class of two, known or not yet known; warmth of colours."""
    for ingest in (Ingest(), Ingest(classes={"a": "covid", "b": "normal"})):
        evaluate = Evaluate(positive="covid", body="warmer")
        check_evaluate(study("sensitivity"), evaluate, ingest)
