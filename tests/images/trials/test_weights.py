"""Weights and readiness: missing or wrong files stop before any work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch

from fairtrial.core.errors import ConfigError, StorageError
from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Evaluate, Ingest, Split, Train
from fairtrial.images.ready import check_arm, check_ready
from fairtrial.images.trials.weights import weights_used


def study(**changes: Any) -> Study:
    settings = {
        "name": "fish",
        "kind": "images",
        "arms": ("one", "two"),
        "blocks": {"folds": 3},
        "design": "blocked",
        "primary_metric": "macro_f1",
    }
    return Study.model_validate({**settings, **changes})


def check(one: Arm, study_: Study | None = None, fetch: bool = True, **groups: Any) -> None:
    defaults = {
        "ingest": Ingest(image_side_px=64),
        "augment": Augment(),
        "train": Train(),
        "split": Split(),
        "evaluate": Evaluate(),
        "arms": {"one": one, "two": Arm(network="residual")},
    }
    check_ready(study_ or study(), {**defaults, **groups}, fetch)


def test_a_sound_study_passes() -> None:
    """Nothing is asked of arms from scratch but a known network and a fitting side."""
    check(Arm(network="resnet18"))


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        (Arm(network="resnet19"), r"fish.arms.one.network: expected a known name"),
        (Arm(network="resnet18", image_side_px=16), r"32 \(least of resnet18\) to 64"),
        (Arm(network="resnet18", image_side_px=96), r"to 64 \(ingest.image_side_px\), found 96"),
        (Arm(network="resnet18", init="frozen"), "expected bank or none, as the features"),
        (Arm(network="residual", init="finetune"), "a network with published weights"),
        (
            Arm(network="resnet18", init="finetune", unfreeze_from="layer5"),
            r"a stage of resnet18, found .layer5.\. Stages: conv1, .*head",
        ),
    ],
)
def test_faults_of_an_arm_are_found_before_any_work(arm: Arm, message: str) -> None:
    """Each fault names the arm, the rule and the remedy."""
    with pytest.raises(ConfigError, match=message):
        check(arm)


def test_faults_of_a_study_are_found_before_any_work() -> None:
    """Blocks that are no folds, unknown samples and unknown metrics are errors."""
    arm = Arm(network="residual")
    for changes, message in (
        ({"blocks": {"runs": 3}}, "fish.blocks: expected folds"),
        ({"samples": "cats"}, "chest_phantoms or fish_shapes, found 'cats'"),
        ({"primary_metric": "f2"}, "one of accuracy, .*macro_f1, .*found 'f2'"),
    ):
        with pytest.raises(ConfigError, match=message):
            check(arm, study(**changes))


def test_planning_asks_without_downloading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published weights that a run would fetch are no fault of a plan; a missing file is."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    arm = Arm(network="resnet18", init="finetune")
    check(arm, fetch=False)
    with pytest.raises(ConfigError, match="no route to host"):
        check(arm)
    with pytest.raises(ConfigError, match="one file of weights named resnet18"):
        check(arm, fetch=False, train=Train(weights_dir=str(tmp_path)))


@pytest.mark.parametrize("name", ["copies", "trivial_features"])
def test_names_of_stored_data_are_no_names_of_arms(name: str) -> None:
    """An arm may not take the place of the bank of copies or of the probe."""
    with pytest.raises(ConfigError, match="another name than copies, best, trivial_features"):
        check_arm("here", name, Arm(network="residual"), Ingest(image_side_px=64), Augment())


def test_weights_that_changed_since_are_refused(tmp_path: Path) -> None:
    """A model is only put together with the very weights that it was trained with."""
    file = tmp_path / "squeezenet1_0.pth"
    file.write_bytes(b"one")
    digest = hashlib.sha256(b"one").hexdigest()
    description = {
        "study": "fish",
        "network": "squeezenet",
        "init": "frozen",
        "weights": {"file": file.name, "sha256": digest},
    }
    assert weights_used(description, str(tmp_path)) == file
    file.write_bytes(b"two")
    with pytest.raises(StorageError, match="others"):
        weights_used(description, str(tmp_path))
