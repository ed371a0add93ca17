"""What the trials of an image study will cost."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.study import Study
from fairtrial.images import forecast
from fairtrial.images.forecast import forecast_trials
from fairtrial.images.parameters import Arm, Ingest, Train

STUDY = Study(
    name="fish",
    kind="images",
    arms=("whole", "head"),
    blocks={"folds": 5},
    design="blocked",
    primary_metric="accuracy",
    samples="fish_shapes",
)


def groups(epochs: int, repeats: int = 1) -> dict[str, Any]:
    return {
        "ingest": Ingest(image_side_px=32, sample_pictures=100),
        "train": Train(epochs=epochs, batch_size=16),
        "arms": {
            "whole": Arm(network="residual", repeats=repeats),
            "head": Arm(network="residual", init="frozen", augment="bank"),
        },
    }


def test_whole_networks_are_forecast_to_cost_more_than_heads() -> None:
    """Time grows with the epochs, disk with the weights that are learned."""
    few, many = (forecast_trials(STUDY, groups(epochs), None) for epochs in (1, 1000))
    assert many["whole"].seconds > few["whole"].seconds > 0
    assert few["whole"].seconds > few["head"].seconds
    assert few["whole"].bytes == many["whole"].bytes > 100 * few["head"].bytes


def test_repeats_are_forecast_as_further_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 pictures in batches of 16: five updates an epoch, as often as pictures are repeated."""
    monkeypatch.setattr(forecast, "_time", lambda *_: 1.0)
    once, thrice = (forecast_trials(STUDY, groups(2, n), None)["whole"] for n in (1, 3))
    assert (once.seconds, thrice.seconds) == (10.0, 30.0)
