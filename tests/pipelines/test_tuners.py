"""A study of tuners from pictures to its page, through its own nodes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.pipeline import Pipeline

from fairtrial.core.parameters import check_parameters
from fairtrial.core.records import Arrays
from fairtrial.core.study import Study
from fairtrial.images.parameters.tune import PARAMETERS
from fairtrial.images.samples.sets import draw_samples
from fairtrial.images.tuning.ready import check_ready
from fairtrial.pipelines.augment.pipeline import create_pipeline as augment
from fairtrial.pipelines.evaluate.pipeline import create_pipeline as evaluate
from fairtrial.pipelines.ingest.pipeline import create_pipeline as ingest
from fairtrial.pipelines.optimize.pipeline import create_pipeline as optimize
from tests.images.support import MemoryFolder, whole

ARMS = {"gravity": {"optimizer": "gsa", "population": 2}, "luck": {"optimizer": "random_search"}}
VALUES: dict[str, Any] = {
    "ingest": {"root": "raw", "group": ["group"], "image_side_px": 32, "channels": 1},
    "split": {"valid_share": 0.25},
    "augment": {},
    "train": {"epochs": 1, "batch_size": 16, "device": "cpu"},
    "optimize": {
        "recipe": {"network": "residual", "image_side_px": 16},
        "trials": 2,
        "search": {
            "arm.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
            "augment.rotation_deg": {"low": 0.0, "high": 20.0},
        },
    },
    "evaluate": {"resamples": 20},
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Every dataset of two tuners with two trials in each of three folds."""
    study = check_parameters(
        Study,
        {
            "name": "tuned",
            "kind": "images",
            "arms_are": "tuners",
            "arms": list(ARMS),
            "blocks": {"folds": 3},
            "chunk": 1,
            "design": "blocked",
            "primary_metric": "accuracy",
        },
        "studies.yml: tuned",
    )
    groups: dict[str, Any] = {
        group: check_parameters(PARAMETERS[group], value, group) for group, value in VALUES.items()
    }
    groups["arms"] = {
        name: check_parameters(PARAMETERS["arms"], arm, name) for name, arm in ARMS.items()
    }
    check_ready(study, groups)
    files = draw_samples("chest_phantoms", 48, 32, np.random.default_rng(0))
    data: dict[str, Any] = {"raw": MemoryFolder(files), "lineage": {}, "params:seed": 3}
    data |= {f"params:{group}": value for group, value in groups.items()}
    data |= {f"params:arms.{name}": arm for name, arm in groups["arms"].items()}
    stages = (ingest, augment, optimize, evaluate)
    pipeline = sum((stage(study, groups) for stage in stages), Pipeline([]))
    for node in pipeline.nodes:
        outputs = node.run({name: data[name] for name in node.inputs})
        data |= {
            name: whole(value) if isinstance(value, Arrays) else value
            for name, value in outputs.items()
        }
    return data


def test_every_tuner_is_scored_once_a_fold_on_test_pictures(made: dict[str, Any]) -> None:
    """Tuners are arms with their trials as budget; the untuned recipe is a reference."""
    scores = made["scores"].query("metric == 'accuracy' and split == 'test' and subset == 'all'")
    arms = scores[scores["role"] == "arm"]
    assert arms.groupby("arm").size().to_dict() == {"gravity": 3, "luck": 3}
    assert set(arms["budget"]) == {2}
    assert set(arms["budget_unit"]) == {"evaluations"}
    reference = scores[scores["role"] == "reference"]
    assert set(reference["arm"]) == {"untuned"}
    assert set(reference["budget"]) == {0}
    assert "trivial_features" in set(scores["arm"])
    ledger = made["ledger"].set_index(["arm", "block"])
    for tuner in ARMS:
        for fold in range(3):
            trials = made[f"trials__{tuner}__{fold}"]
            assert len(trials) == 2
            spent = ledger.loc[(tuner, f"fold_{fold}"), "seconds"]
            assert spent > trials["seconds"].sum()
    assert made["verdict"]["primary_metric"] == "accuracy"


def test_tuners_of_a_fold_train_on_the_same_noise(made: dict[str, Any]) -> None:
    """Each has its own points, and a model of its own best one."""
    tried = [made[f"trials__{tuner}__0"]["arm.learning_rate"].tolist() for tuner in ARMS]
    assert tried[0] != tried[1]
    assert made["model__gravity__0"].description["blocks"]["fold_0"]["chosen"]


def test_the_page_shows_the_searches(made: dict[str, Any]) -> None:
    """Progress, choices and all that was tried stand on the page; the best model is exported."""
    for title in (
        "Progress of the searches",
        "Chosen hyper-parameters",
        "What was tried",
        "Validation and test",
    ):
        assert title in made["page"]
    assert "learning rate" in made["page"]
    gap = pd.read_csv(io.BytesIO(made["figure__validation_gap"]["data.csv"]))
    assert gap["recipe of"].tolist() == [*ARMS, "untuned"]
    lost = gap["test"] - gap["validation"]
    assert gap["test - validation"].tolist() == pytest.approx(lost.tolist(), abs=2e-4)
    assert "model.pt" in made["model__best"]
