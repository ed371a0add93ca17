"""What a prediction costs, and the exhibits that need trained models."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from fairtrial.core.records import Files, Models
from fairtrial.images.exhibits.costs import costs_exhibit
from fairtrial.images.exhibits.heat import heat_exhibit
from fairtrial.images.parameters import Arm
from fairtrial.images.scoring.costs import count_flops, measure_cost
from fairtrial.images.scoring.scores import ledger_rows, score_rows
from fairtrial.images.trials.classifier import Base, Classifier, Head
from fairtrial.images.trials.predict import predict_trials
from fairtrial.images.trials.train import train_trials
from fairtrial.statistics.scores import make_ledger, make_scores
from tests.images.studies import BLOCKS, tiny, trials


def small() -> Classifier:
    """One 3x3 convolution to four maps, pooled, and a head of two classes."""
    maps = nn.Conv2d(3, 4, 3, padding=1)
    network = nn.Sequential(maps, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Classifier(Base(network, (0.5,) * 3, (0.5,) * 3), Head(4, 2, 0.0)).eval()


def test_costs_by_hand() -> None:
    """2 x 9 x 3 x 4 operations a pixel, 2 x 4 x 2 of the head; weights counted, four bytes each."""
    classifier, picture = small(), torch.rand(1, 3, 8, 8)
    assert count_flops(classifier, picture) == 2 * 27 * 4 * 64 + 2 * 4 * 2
    cost = measure_cost(classifier, picture)
    assert cost.parameters == 27 * 4 + 4 + 4 * 2 + 2
    # The head keeps mean and deviation of its four features beside its weights.
    assert cost.size_mb == pytest.approx(4 * (cost.parameters + 8) / 1e6)
    assert cost.latency_ms > 0


@pytest.fixture(scope="module")
def trained() -> Models:
    data, wanted = tiny(), trials(Arm(network="residual", image_side_px=16), BLOCKS[:1], "one")
    return train_trials(wanted, data.pack, None, data.manifest, data.splits, None)[0]


def data_of(files: Files) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files["data.csv"]))


def test_heat_is_measured_on_test_pictures(trained: Models) -> None:
    """Shown are test pictures of the model's own block; shares lie in [0, 1] or are not known."""
    data = tiny()
    found = [(trained, None)]
    place = (0, "tiny")
    made = heat_exhibit(found, data.pack, data.manifest, data.splits, "brighter", "cpu", place)
    table = data_of(made)
    splits = data.splits
    test = splits[(splits["block"] == BLOCKS[0]) & (splits["role"] == "test")]["item_id"]
    assert set(table["item_id"]) <= set(test)
    assert table["item_id"].is_unique
    assert table["body_share_of_heat"].dropna().between(0, 1).all()
    without = heat_exhibit(found, data.pack, data.manifest, data.splits, None, "cpu", place)
    assert data_of(without)["body_share_of_heat"].isna().all()
    assert "No body was declared" in json.loads(without["figure.json"])["caption"]
    nothing = [(Models({}, trained.description), None)]
    empty = heat_exhibit(nothing, data.pack, data.manifest, data.splits, None, "cpu", place)
    assert "no model to explain" in json.loads(empty["figure.json"])["caption"]


def test_costs_stand_beside_accuracy(trained: Models) -> None:
    """One row an arm that has a model: its mean test accuracy and mean training time."""
    data = tiny()
    outputs = predict_trials(data.pack, trained, data.manifest, data.splits, "cpu")
    hashes = {"manifest_sha256": "m", "splits_sha256": "s"}
    scores = make_scores(score_rows([outputs], data.splits, hashes))
    history = pd.DataFrame({"block": BLOCKS[0], "seconds": [0.5, 1.0]})
    ledger = make_ledger(ledger_rows([outputs], [("one", history)]))
    other = Models({}, {**trained.description, "arm": "diverged"})
    made = costs_exhibit([(trained, None), (other, None)], scores, ledger, data.pack, "cpu")
    row = data_of(made).iloc[0]
    assert len(data_of(made)) == 1
    test = outputs["split"] == "test"
    right = outputs["probabilities"][test].argmax(1) == outputs["y"][test]
    assert row["accuracy"] == pytest.approx(np.mean(right))
    assert row["training_seconds"] == 1.5
    assert row["parameters_millions"] == pytest.approx(2.8, abs=0.1)
