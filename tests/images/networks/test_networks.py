"""One battery over every registered network."""

from __future__ import annotations

import importlib
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Arrays
from fairtrial.images.exhibits.layers import layers_exhibit
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.layers import layer_table
from fairtrial.images.networks.network import Network
from fairtrial.images.parameters import Arm, Train, recipe_of
from fairtrial.images.prediction.export import export_program
from fairtrial.images.scoring.heat import heat_maps
from fairtrial.images.trials.classifier import Classifier, build_base, build_head
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.trainee import ClassifierTrainee, Plan
from fairtrial.storage.fingerprints import _reached

NAMES = NETWORKS.names()
CLASSES = 5


def build(name: str, seed: int = 1) -> Classifier:
    network = NETWORKS.load(name)
    return Classifier(build_base(network, None, seed), build_head(network, CLASSES, 0.0, seed))


@pytest.fixture(scope="module", params=NAMES)
def built(request: pytest.FixtureRequest) -> tuple[Network, Classifier]:
    """Every network, built once for the battery, whose last test trains it."""
    return NETWORKS.load(request.param), build(request.param)


def pictures(side: int, channels: int = 3) -> torch.Tensor:
    return torch.rand(2, channels, side, side, generator=torch.Generator().manual_seed(0))


def test_forward_and_gradient(built: tuple[Network, Classifier]) -> None:
    """Pictures of the smallest side become finite logits; the gradient reaches every weight."""
    network, classifier = built
    classifier.train()
    inputs = pictures(network.smallest_side_px).requires_grad_()
    logits = classifier(inputs)
    assert logits.shape == (2, CLASSES)
    assert torch.isfinite(logits).all()
    nn.functional.cross_entropy(logits, torch.tensor([0, 3])).backward()
    assert inputs.grad is not None
    assert (inputs.grad.flatten(1).abs().sum(1) > 0).all()
    without = [key for key, weight in classifier.named_parameters() if weight.grad is None]
    assert without == []
    assert classifier.head.linear.in_features == network.features
    classifier.zero_grad(set_to_none=True)


def test_grey_equals_three_equal_channels(built: tuple[Network, Classifier]) -> None:
    """A grey picture is seen as the same picture in RGB."""
    network, classifier = built
    classifier.eval()
    grey = pictures(network.smallest_side_px, 1)
    with torch.no_grad():
        torch.testing.assert_close(classifier(grey), classifier(grey.expand(-1, 3, -1, -1)))


def test_state_round_trip(built: tuple[Network, Classifier]) -> None:
    """A state dict restores the same predictions in a network built from another seed."""
    network, classifier = built
    twin = build(network.name, seed=2)
    inputs = pictures(network.smallest_side_px)
    with torch.no_grad():
        assert not torch.equal(twin.eval()(inputs), classifier.eval()(inputs))
        twin.load_state_dict(classifier.state_dict(), strict=True)
        assert torch.equal(twin(inputs), classifier(inputs))


def test_stages_follow_each_other(built: tuple[Network, Classifier]) -> None:
    """A picture passes the stages in their order; together they hold every weight."""
    network, classifier = built
    passed: list[str] = []
    hooks = [
        classifier.base.network.get_submodule(stage).register_forward_hook(
            lambda *_, stage=stage: passed.append(stage)
        )
        for stage in network.stages
    ]
    with torch.no_grad():
        classifier.eval()(pictures(network.smallest_side_px))
    for hook in hooks:
        hook.remove()
    assert passed == list(network.stages)
    table = layer_table(network, network.smallest_side_px)
    assert list(table["stage"].unique()) == [*network.stages, "head"]
    weights = sum(weight.numel() for weight in classifier.base.parameters())
    assert table["parameters"].sum() == weights


def test_heat_of_the_last_maps(built: tuple[Network, Classifier]) -> None:
    """Grad-CAM gives each picture a map of its size, with heat for some class, frozen or not."""
    network, classifier = built
    classifier.eval()
    shapes: list[torch.Size] = []
    layer = classifier.base.network.get_submodule(network.heat_layer)
    hook = layer.register_forward_hook(lambda _, __, maps: shapes.append(maps.shape))
    side = network.smallest_side_px + 32
    by_class = [heat_maps(classifier, network, pictures(side), [k, k]) for k in range(CLASSES)]
    hook.remove()
    assert min(shapes[0][2:]) > 1
    maps = torch.stack(by_class)
    assert maps.shape == (CLASSES, 2, side, side)
    assert torch.isfinite(maps).all()
    assert maps.min() >= 0
    assert (maps.amax(dim=(0, 2, 3)) == 1).all()
    classifier.requires_grad_(False)
    torch.testing.assert_close(heat_maps(classifier, network, pictures(side), [1, 1]), maps[1])
    classifier.requires_grad_(True).zero_grad(set_to_none=True)


def test_export(built: tuple[Network, Classifier]) -> None:
    """The exported program, loaded again, gives the source's probabilities."""
    network, classifier = built
    # The export compares the two itself.
    assert export_program(classifier, 3, network.smallest_side_px)


def test_frozen_stages_do_not_move(built: tuple[Network, Classifier]) -> None:
    """Trained from its last stage on, all before stays bit-identical, statistics included."""
    network, classifier = built
    table = layer_table(network, network.smallest_side_px)
    last = set(table.loc[table["stage"] == network.stages[-1], "layer"])
    classifier.requires_grad_(True).base.freeze_before(network.stages[-1])
    before = {key: value.clone() for key, value in classifier.state_dict().items()}
    rows = np.arange(4)
    side = network.smallest_side_px
    pixels = np.random.default_rng(0).integers(0, 256, (4, side, side, 3), np.uint8)
    recipe = recipe_of(Arm(network=network.name), Train(epochs=1, batch_size=2))
    trainee = ClassifierTrainee(
        classifier,
        Pictures(Arrays({"pixels": pixels}), side, torch.device("cpu")),
        rows,
        rows,
        rows,
        Plan(recipe, 1, False, "fp32"),
        batch_seed=0,
        variation_seed=0,
    )
    for index in range(2):
        trainee.step(index)
    moved = {key for key, value in classifier.state_dict().items() if not value.equal(before[key])}
    learning = {
        key
        for key in before
        if key.startswith("head.linear")
        or any(key.startswith(f"base.network.{layer}.") for layer in last)
    }
    assert moved == learning


@pytest.mark.parametrize(("name", "side"), [("alexnet", 62), ("inception_v3", 74), ("vgg16", 31)])
def test_smaller_sides_are_impossible(name: str, side: int) -> None:
    """One pixel less than declared leaves nothing after the last pooling."""
    network = NETWORKS.load(name)
    assert network.smallest_side_px == side + 1
    with pytest.raises(RuntimeError):
        layer_table(network, side)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "inception_v3", "mobilenet_v2"])
def test_features_are_those_of_the_whole_network(name: str, tmp_path: Path) -> None:
    """From a published file, the base gives what torchvision's own last layer gets.

    Published Inceptions are fed with ImageNet's normalisation and undo it inside.
    """
    network = NETWORKS.load(name)
    whole = network.build().eval()
    file = tmp_path / "weights.pth"
    torch.save(whole.state_dict(), file)
    if hasattr(whole, "transform_input"):
        whole.transform_input = True
    # In fp64: features of untrained Inceptions are so large that fp32 rounds off whole numbers.
    whole.double()
    linear = [module for key, module in whole.named_modules() if type(module) is nn.Linear][-1]
    seen: list[torch.Tensor] = []
    linear.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    inputs = pictures(network.smallest_side_px).double()
    mean = torch.tensor([0.485, 0.456, 0.406], dtype=torch.float64).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], dtype=torch.float64).view(3, 1, 1)
    with torch.no_grad():
        whole((inputs - mean) / std)
        found = build_base(network, file).double().eval()(inputs)
    torch.testing.assert_close(found, seen[0], atol=1e-5, rtol=1e-5)


def test_densenet_loads_its_published_names(tmp_path: Path) -> None:
    """The published file calls norm.1 what the network calls norm1, and lacks batch counts."""
    network = NETWORKS.load("densenet121")
    whole = network.build()
    state = {}
    for key, value in whole.state_dict().items():
        for part in ("norm1", "norm2", "conv1", "conv2"):
            if "denselayer" in key:
                key = key.replace(f".{part}.", f".{part[:-1]}.{part[-1]}.")
        if not key.endswith("num_batches_tracked"):
            state[key] = value
    assert "features.denseblock1.denselayer1.norm.1.weight" in state
    torch.save(state, tmp_path / "densenet121-x.pth")
    base = build_base(network, tmp_path / "densenet121-x.pth")
    weight = base.network.features.denseblock4.denselayer16.conv2.weight
    assert torch.equal(weight, state["features.denseblock4.denselayer16.conv.2.weight"])


def test_equal_seeds_give_equal_weights_and_touch_nothing_else() -> None:
    """Initial weights are their seed's alone; torch's global generator stays as it was."""
    before = torch.get_rng_state()
    one, two = build("resnet18").state_dict(), build("resnet18").state_dict()
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert torch.equal(before, torch.get_rng_state())


def test_heads_of_equal_width_start_equal() -> None:
    """ResNet-18, ResNet-34 and SqueezeNet share the last layer's initial weights."""
    heads = [build_head(NETWORKS.load(n), 3, 0.0, 7) for n in ("resnet18", "resnet34")]
    assert torch.equal(heads[0].linear.weight, heads[1].linear.weight)


def test_extra_head_layers() -> None:
    """Hidden layers stand between the features and the last layer, each with ReLU and dropout."""
    head = build_head(NETWORKS.load("resnet18"), 3, 0.5, 7, (64, 16))
    kinds = [type(layer).__name__ for layer in head.hidden]
    assert kinds == ["Dropout", "Linear", "ReLU"] * 2
    assert head.linear.in_features == 16
    assert head(torch.rand(4, 512)).shape == (4, 3)
    plain = build_head(NETWORKS.load("resnet18"), 3, 0.5, 7)
    assert list(plain.state_dict()) == ["mean", "std", "linear.weight", "linear.bias"]


def test_residual_is_its_layer_table() -> None:
    """The residual network has the stages of its table, skips that start alone, 2.8 M weights."""
    network = NETWORKS.load("residual")
    table = layer_table(network, 96)
    blocks = table[table["kind"] == "BasicBlock"]
    assert list(blocks["output"]) == [
        *["32 x 48 x 48"] * 2,
        *["64 x 24 x 24"] * 2,
        *["128 x 12 x 12"] * 2,
        *["256 x 6 x 6"] * 2,
    ]
    assert table["parameters"].sum() == 2_795_040
    assert tuple(table.iloc[-1]) == ("head", "features", "", "256", 0)
    assert all((block.norm2.weight == 0).all() for block in network.build().stages)


def test_the_page_lists_the_layers_of_unpublished_networks() -> None:
    """One table a network and side, however many arms share it."""
    arms = {"one": "residual", "two": "residual", "three": "residual"}
    files = layers_exhibit(arms, {"one": 48, "two": 48, "three": 96})
    table = pd.read_csv(io.BytesIO(files["data.csv"]))
    assert table.groupby("input").size().to_dict() == {"48 px": 11, "96 px": 11}
    assert json.loads(files["figure.json"])["table"]


def test_unknown_network_is_an_error() -> None:
    """The message lists the networks there are."""
    with pytest.raises(ConfigError, match=r"found 'resnet19'. Known: alexnet, .*vgg16"):
        NETWORKS.check("resnet19", "xray.arms.a.network")


@pytest.mark.parametrize("name", NETWORKS._builtin)
def test_an_edited_network_makes_its_trainings_stale(name: str) -> None:
    """The file of every network of ours belongs to the fingerprint of a training."""
    module = importlib.import_module(NETWORKS._builtin[name].partition(":")[0])
    assert Path(str(module.__file__)) in _reached("fairtrial.pipelines.train.images")
