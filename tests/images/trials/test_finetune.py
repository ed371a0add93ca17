"""Fine-tuning from a stage on, layers of one's own in the head, and enlarged training sets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Models
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Ingest
from fairtrial.images.ready import check_arm
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.predict import predict_trials, restore_classifier
from fairtrial.images.trials.train import Trials, train_trials
from tests.images.studies import tiny, trials


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with random weights of MobileNetV2, its statistics moved from where they begin."""
    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        network = NETWORKS.load("mobilenet_v2").build()
        for _ in range(3):
            network(torch.rand(4, 3, 32, 32))
    torch.save(network.state_dict(), folder / "mobilenet_v2-x.pth")
    return folder


def run(wanted: Trials) -> Models:
    data = tiny()
    return train_trials(wanted, data.pack, None, data.manifest, data.splits, None)[0]


def moved(models: Models, weights_dir: Path) -> set[str]:
    """Names of the base's tensors that differ from the file's."""
    file = torch.load(weights_dir / "mobilenet_v2-x.pth", weights_only=True)
    found = models.states["fold_0"]
    prefix = "base.network."
    base = {key.removeprefix(prefix): found[key] for key in found if key.startswith(prefix)}
    return {key for key, value in base.items() if not np.array_equal(value, file[key].numpy())}


@pytest.mark.parametrize(
    ("stage", "learning"),
    [
        ("features.17", {"features.17", "features.18"}),
        ("features.18", {"features.18"}),
        ("head", set()),
    ],
)
def test_a_training_moves_nothing_before_its_stage(
    stage: str, learning: set[str], weights_dir: Path
) -> None:
    """After whole epochs with validation and dropout, frozen tensors are those of the file."""
    arm = Arm(network="mobilenet_v2", init="finetune", unfreeze_from=stage, dropout=0.2)
    models = run(trials(arm, weights_dir=str(weights_dir), epochs=2))
    names = {".".join(key.split(".")[:2]) for key in moved(models, weights_dir)}
    assert names == learning
    assert models.description["unfreeze_from"] == stage


def test_head_layers_are_trained_and_restored(weights_dir: Path) -> None:
    """A head with layers of its own predicts from its stored weights what it predicted before."""
    data = tiny()
    arm = Arm(network="mobilenet_v2", init="finetune", unfreeze_from="head", head_layers=(16, 8))
    models = run(trials(arm, weights_dir=str(weights_dir)))
    assert models.states["fold_0"]["head.linear.weight"].shape == (2, 8)
    outputs = predict_trials(data.pack, models, data.manifest, data.splits, "cpu")
    classifier = restore_classifier(models, "fold_0", None)
    row = list(data.pack.description["items"]).index(str(outputs["item_id"][0]))
    with torch.no_grad():
        logits = classifier(Pictures(data.pack, 32, torch.device("cpu")).clean(np.array([row])))
    found = torch.softmax(logits.double(), 1)[0].numpy()
    np.testing.assert_allclose(found, outputs["probabilities"][0], atol=1e-5)


def test_unknown_stages_are_found_before_any_work() -> None:
    """The message lists the stages there are."""
    arm = Arm(network="resnet18", init="finetune", unfreeze_from="layer5")
    with pytest.raises(
        ConfigError, match=r"a stage of resnet18, found 'layer5'. Stages: conv1,.*head"
    ):
        check_arm("fish.arms.one", "one", arm, Ingest(image_side_px=64), Augment())
    with pytest.raises(ValueError, match="unfreeze_from only with init: finetune"):
        Arm(network="resnet18", unfreeze_from="layer4")


def test_repeats_make_an_epoch_longer_by_whole_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each training picture stands in an epoch so often, at the updates of so many epochs."""
    data = tiny()
    rows = rows_by_role(items_of(data.pack, data.manifest), data.splits, "fold_0")["train"]
    met: list[int] = []
    varied = Pictures.varied

    def note(self: Pictures, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        met.extend(rows.tolist())
        return varied(self, rows, generator)

    monkeypatch.setattr(Pictures, "varied", note)
    arm = Arm(network="residual", image_side_px=16, augment="none")
    repeated = run(trials(arm.model_copy(update={"repeats": 3}), epochs=2, batch_size=len(rows)))
    assert sorted(met) == sorted([*rows] * 3 * 2)
    assert sorted(met[: 3 * len(rows)]) == sorted([*rows] * 3)
    longer = run(trials(arm, epochs=6, batch_size=len(rows)))
    updates = [models.description["blocks"]["fold_0"]["updates"] for models in (repeated, longer)]
    assert updates == [6, 6]
