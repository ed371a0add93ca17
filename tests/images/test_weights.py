"""Weights and readiness: missing or wrong files stop before any work."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import torch

from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.core.study import Study
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Ingest, Train
from fairtrial.images.ready import check_ready
from fairtrial.images.weights import find_weights, load_weights, weights_used

SQUEEZENET = NETWORKS.load("squeezenet")


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


def check(one: Arm, study_: Study | None = None, **groups: Any) -> None:
    defaults = {
        "ingest": Ingest(image_side_px=64),
        "augment": Augment(),
        "train": Train(),
        "arms": {"one": one, "two": Arm(network="residual")},
    }
    check_ready(study_ or study(), {**defaults, **groups})


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
        ({"blocks": {"runs": 3}}, "two folds or more"),
        ({"samples": "cats"}, "chest_phantoms or fish_shapes, found 'cats'"),
        ({"primary_metric": "f2"}, "accuracy, balanced_accuracy, loss, macro_f1, found 'f2'"),
    ):
        with pytest.raises(ConfigError, match=message):
            check(arm, study(**changes))


def test_weights_are_found_by_their_networks_name(tmp_path: Path) -> None:
    """One file named after the network serves; none, several or another's do not."""
    arm = Arm(network="squeezenet", init="finetune")

    def find() -> Path:
        return find_weights(arm, SQUEEZENET, str(tmp_path), "fish.arms.one")

    with pytest.raises(ConfigError, match=r"one file of weights named squeezenet1_0\*.pth .* none"):
        find()
    (tmp_path / "squeezenet1_01.pth").touch()
    (tmp_path / "squeezenet1_0_notes.txt").touch()
    with pytest.raises(ConfigError, match="found none. .* There: squeezenet1_01.pth"):
        find()
    file = tmp_path / "squeezenet1_0_imagenet.pth"
    file.touch()
    assert find() == file
    (tmp_path / "squeezenet1_0-other.pth").touch()
    with pytest.raises(ConfigError, match="found squeezenet1_0-other.pth, squeezenet1_0_imagenet"):
        find()
    named = Arm(network="squeezenet", init="finetune", weights=file.name)
    assert find_weights(named, SQUEEZENET, str(tmp_path), "w") == file
    outside = Arm(network="squeezenet", init="finetune", weights="../x.pth")
    with pytest.raises(ConfigError, match="the name of a file in"):
        find_weights(outside, SQUEEZENET, str(tmp_path), "w")


def test_published_weights_that_cannot_be_fetched_stop_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the internet and without a folder of weights there is no fallback."""
    arm = Arm(network="squeezenet", init="finetune")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    with pytest.raises(ConfigError, match=r"no route to host.*set train.weights_dir"):
        find_weights(arm, SQUEEZENET, None, "fish.arms.one")
    cached = tmp_path / "hub" / "checkpoints" / "squeezenet1_0-b66bff10.pth"
    cached.touch()
    assert find_weights(arm, SQUEEZENET, None, "fish.arms.one") == cached


def test_wrong_weights_are_refused(tmp_path: Path) -> None:
    """Other names, damage, code and NaN are errors; nothing is loaded in part."""
    good = SQUEEZENET.build().state_dict()
    file = tmp_path / "squeezenet1_0.pth"
    torch.save({**good, "more": torch.zeros(1)}, file)
    with pytest.raises(DataError, match="the names and shapes of SqueezeNet"):
        load_weights(SQUEEZENET.build(), file)
    torch.save({**good, "features.0.bias": torch.full((96,), torch.nan)}, file)
    with pytest.raises(DataError, match="finite weights"):
        load_weights(SQUEEZENET.build(), file)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(StorageError, match="a state dict of tensors"):
        load_weights(SQUEEZENET.build(), file)
    torch.save(Evil(tmp_path / "owned"), file)
    with pytest.raises(StorageError, match="a state dict of tensors"):
        load_weights(SQUEEZENET.build(), file)
    assert not (tmp_path / "owned").exists()


class Evil:
    """A pickle that writes a file when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


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
