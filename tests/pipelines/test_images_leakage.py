"""Further protocols of an image study, through Kedro: at random, and each source left out."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline
from kedro.runner import SequentialRunner

from fairtrial.core.study import Study
from fairtrial.images.parameters import PARAMETERS, Arm
from fairtrial.images.ready import check_ready
from fairtrial.images.samples.sets import draw_samples
from fairtrial.pipelines.augment.images import create_images_pipeline as augment
from fairtrial.pipelines.evaluate.images import create_images_pipeline as evaluate
from fairtrial.pipelines.ingest.images import create_images_pipeline as ingest
from fairtrial.pipelines.train.images import create_images_pipeline as train
from tests.images.support import MemoryFolder
from tests.pipelines.test_images import Kept, KeptArrays

FOLDS = 3


@pytest.fixture(scope="module")
def run() -> DataCatalog:
    """A study of two arms, one of which is tried under both further protocols."""
    study = Study.model_validate(
        {
            "name": "shapes",
            "kind": "images",
            "arms": ["small", "other"],
            "blocks": {"folds": FOLDS},
            "chunk": 1,
            "design": "blocked",
            "primary_metric": "accuracy",
        }
    )
    values: dict[str, Any] = {
        "ingest": {"group": ["group"], "source": "source", "image_side_px": 24},
        "split": {"protocols": {"naive": ["small"], "by_source": ["small"]}},
        "augment": {"mode": "none"},
        "train": {"epochs": 1, "batch_size": 8, "device": "cpu"},
        "evaluate": {"resamples": 50},
    }
    groups: dict[str, Any] = {
        name: model.model_validate(values.get(name, {}))
        for name, model in PARAMETERS.items()
        if name != "arms"
    }
    groups["arms"] = {name: Arm(network="residual") for name in study.arms}
    check_ready(study, groups)
    files = draw_samples("chest_phantoms", 64, 24, np.random.default_rng(0))
    catalog = DataCatalog()
    catalog["raw"] = Kept(MemoryFolder(files))
    catalog["lineage"] = Kept({})
    catalog["params:seed"] = Kept(5)
    for name, value in groups.items():
        if name != "arms":
            catalog[f"params:{name}"] = Kept(value)
    for name, arm in groups["arms"].items():
        catalog[f"params:arms.{name}"] = Kept(arm)
    parts = [stage(study, groups) for stage in (ingest, augment, train, evaluate)]
    whole = sum(parts, Pipeline([]))
    page = next(node for node in whole.nodes if node.name.endswith("write_page"))
    assert {"figure__leakage", "figure__left_out", "figure__duplicates"} <= set(page.inputs)
    wanted = ["scores", "ledger", "verdict", "figure__leakage", "figure__left_out"]
    pipeline = whole.to_outputs(*wanted)
    for name in pipeline.all_outputs():
        arrays = name.startswith(("pack", "bank__", "outputs__"))
        catalog[name] = KeptArrays() if arrays else Kept()
    SequentialRunner().run(pipeline, catalog)
    return catalog


def table_of(catalog: DataCatalog, name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(catalog.load(name)["data.csv"]))


def test_protocols_are_scored_and_verdicts_keep_to_standard(run: DataCatalog) -> None:
    """Each protocol has rows of its own; the verdict counts the study's own blocks alone."""
    scores = run.load("scores")
    blocks = scores[scores["role"] == "arm"].groupby(["arm", "protocol"])["block"].nunique()
    assert blocks["small", "standard"] == blocks["small", "naive"] == FOLDS
    assert blocks["other", "standard"] == FOLDS
    assert set(scores.loc[scores["arm"] == "other", "protocol"]) == {"standard"}
    assert scores.loc[scores["block"] == "naive_fold_2", "fold"].eq(2).all()
    verdict = run.load("verdict")
    assert verdict["protocol"] == "standard"
    assert verdict["blocks"]["total"] == FOLDS
    assert not [text for text in verdict["warnings"] if "Budgets differ" in text]
    ledger = run.load("ledger")
    assert "naive_fold_0" in set(ledger["block"])


def test_every_item_is_paired_with_itself(run: DataCatalog) -> None:
    """The price compares all test pictures under both divisions, of the arm and of the probe."""
    table = table_of(run, "figure__leakage")
    assert list(table["arm"]) == ["small", "colour_histogram"]
    assert (table["test pictures"] == 64).all()
    assert np.allclose(table["at random"] - table["by group"], table["difference"], atol=2e-4)
    assert (table["low"] <= table["difference"]).all()
    assert (table["difference"] <= table["high"]).all()
    head = json.loads(run.load("figure__leakage")["figure.json"])
    assert head["title"] == "Price of leakage"
    assert "splitting at random" in head["caption"]
    assert "hold the trained models and the one random division fixed" in head["caption"]


def test_sources_left_out_are_told_of(run: DataCatalog) -> None:
    """Each source has a row: what was reached without it, or why it cannot be left out."""
    table = table_of(run, "figure__left_out")
    manifest = run.load("manifest")
    assert set(table["source"]) == set(manifest["source"])
    left_out = table[table["note"].isna()]
    blocks = run.load("splits")["block"]
    assert len(left_out) == blocks[blocks.str.startswith("source_")].nunique()
