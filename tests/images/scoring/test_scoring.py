"""Predictions and scores."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from fairtrial.core.errors import TrialError
from fairtrial.core.records import Arrays, Models
from fairtrial.images.parameters import Arm
from fairtrial.images.scoring.metrics import METRICS, OF_POSITIVE
from fairtrial.images.scoring.scores import confusion_by_arm, find_items, ledger_rows, score_rows
from fairtrial.images.trials.predict import predict_trials, restore_classifier
from fairtrial.images.trials.train import train_trials
from fairtrial.statistics.scores import make_ledger, make_scores
from tests.images.studies import BLOCKS, tiny, trials

LABELS = ("covid", "normal")
HASHES = {"manifest_sha256": "m", "splits_sha256": "s"}


@pytest.fixture(scope="module")
def trained() -> tuple[Models, pd.DataFrame, Arrays]:
    """Models, history and outputs of two blocks."""
    data, wanted = tiny(), trials(Arm(network="residual", image_side_px=16), BLOCKS[:2])
    models, history = train_trials(wanted, data.pack, None, data.manifest, data.splits, None)
    outputs = predict_trials(data.pack, models, data.manifest, data.splits, "cpu")
    return models, history, outputs


def test_every_item_of_a_split_is_scored_once(
    trained: tuple[Models, pd.DataFrame, Arrays],
) -> None:
    """Each trial has a row a metric and split, with the number of items of that split."""
    _, history, outputs = trained
    splits = tiny().splits
    scores = make_scores(score_rows([outputs], splits, HASHES, positive="covid"))
    whole = scores[scores["subset"] == "all"]
    assert len(whole) == 2 * 2 * len(METRICS)
    for (block, split), part in whole.groupby(["block", "split"]):
        n = ((splits["block"] == block) & (splits["role"] == split)).sum()
        assert (part["n_items"] == n).all()
        accuracy = part.loc[part["metric"] == "accuracy", "value"].iloc[0]
        assert round(accuracy * n, 9) == round(accuracy * n)
    sums = confusion_by_arm([outputs])
    tested = splits["block"].isin(BLOCKS[:2]) & (splits["role"] == "test")
    assert sums["one"].sum() == tested.sum()
    ledger = make_ledger(ledger_rows([outputs], [("one", history)]))
    assert ledger["budget"].tolist() == history.groupby("block")["update"].max().tolist()
    assert ledger["seconds"].sum() == pytest.approx(history["seconds"].sum())


def test_classes_and_sources_are_subsets_of_the_test(
    trained: tuple[Models, pd.DataFrame, Arrays],
) -> None:
    """Rows of a class and of a source stand beside those of all items, for test items alone."""
    outputs, splits = trained[2], tiny().splits
    items = sorted(set(splits["item_id"]))
    sources = {item: "" if place == 0 else f"h{place % 2}" for place, item in enumerate(items)}
    scores = make_scores(score_rows([outputs], splits, HASHES, sources=sources))
    part = scores[scores["subset"] != "all"]
    assert set(part["split"]) == {"test"}
    assert set(part["subset"]) == {"class=covid", "class=normal", "source=h0", "source=h1"}
    assert not set(OF_POSITIVE) & set(scores.loc[scores["subset"] == "all", "metric"])
    for _, block in scores[scores["split"] == "test"].groupby("block"):
        values = block.set_index(["subset", "metric"])
        recalls = [values.loc[(f"class={label}", "recall"), "value"] for label in LABELS]
        assert np.mean(recalls) == values.loc[("all", "balanced_accuracy"), "value"]
        sums = 0.0
        for source in ("source=h0", "source=h1"):
            row = values.loc[(source, "accuracy")]
            sums += row["value"] * row["n_items"]
        assert sums == pytest.approx(round(sums), abs=1e-9)
    alone = make_scores(score_rows([outputs], splits, HASHES, sources=dict.fromkeys(items, "h")))
    assert not alone["subset"].str.startswith("source").any()


def test_a_missing_or_doubled_prediction_is_an_error(
    trained: tuple[Models, pd.DataFrame, Arrays],
) -> None:
    """Exactly N items are scored, neither one less nor one twice."""
    outputs, splits = trained[2], tiny().splits
    for rows in (np.arange(len(outputs["y"]) - 1), [0, *range(len(outputs["y"]))]):
        torn = Arrays({k: v[rows] for k, v in outputs.arrays.items()}, outputs.description)
        with pytest.raises(TrialError, match="tiny one fold_.*: expected predictions of exactly"):
            score_rows([torn], splits, HASHES)


def test_single_and_batch_predictions_agree(trained: tuple[Models, pd.DataFrame, Arrays]) -> None:
    """A picture alone is predicted as among others, but for rounding."""
    models, _, outputs = trained
    data = tiny()
    classifier = restore_classifier(models, "fold_0", None)
    test = data.splits[(data.splits["block"] == "fold_0") & (data.splits["role"] == "test")]
    items = sorted(test["item_id"])
    first = find_items(outputs, "fold_0", "test", items)[0]
    row = data.pack.description["items"].index(outputs["item_id"][first])
    picture = torch.from_numpy(data.pack["pixels"][row : row + 1]).permute(0, 3, 1, 2) / 255
    picture = torch.nn.functional.interpolate(picture, size=16, mode="bilinear", antialias=True)
    with torch.no_grad():
        alone = torch.softmax(classifier(picture).double(), 1).numpy()[0]
    np.testing.assert_allclose(alone, outputs["probabilities"][first], atol=1e-5)
