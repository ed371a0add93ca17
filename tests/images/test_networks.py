"""One battery over every registered network."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
import torch
from torch import nn

from fairtrial.core.errors import ConfigError
from fairtrial.images.classifier import Classifier, build_base, build_head
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.residual import BasicBlock, ResidualBase
from fairtrial.storage.fingerprints import _reached

NAMES = NETWORKS.names()


def build(name: str, seed: int = 1) -> Classifier:
    network = NETWORKS.load(name)
    return Classifier(build_base(network, None, seed), build_head(network, 5, 0.0, seed))


@pytest.fixture(scope="module", params=NAMES)
def built(request: pytest.FixtureRequest) -> tuple[str, Classifier]:
    """Name and classifier of every network, built once for the battery."""
    return request.param, build(request.param)


def pictures(name: str, channels: int = 3) -> torch.Tensor:
    side = NETWORKS.load(name).smallest_side_px
    return torch.rand(2, channels, side, side, generator=torch.Generator().manual_seed(0))


def test_forward_and_gradient(built: tuple[str, Classifier]) -> None:
    """Each picture becomes finite logits; the gradient reaches it and every weight."""
    name, classifier = built
    classifier.train()
    inputs = pictures(name).requires_grad_()
    logits = classifier(inputs)
    assert logits.shape == (2, 5)
    assert torch.isfinite(logits).all()
    nn.functional.cross_entropy(logits, torch.tensor([0, 3])).backward()
    assert inputs.grad is not None
    assert (inputs.grad.flatten(1).abs().sum(1) > 0).all()
    without = [key for key, weight in classifier.named_parameters() if weight.grad is None]
    assert without == []
    assert classifier.head.linear.in_features == NETWORKS.load(name).features


def test_grey_equals_three_equal_channels(built: tuple[str, Classifier]) -> None:
    """A grey picture is seen as the same picture in RGB."""
    name, classifier = built
    classifier.eval()
    grey = pictures(name, 1)
    with torch.no_grad():
        torch.testing.assert_close(classifier(grey), classifier(grey.expand(-1, 3, -1, -1)))


def test_state_round_trip(built: tuple[str, Classifier]) -> None:
    """A state dict restores the same predictions in a network built from another seed."""
    name, classifier = built
    twin = build(name, seed=2)
    with torch.no_grad():
        assert not torch.equal(twin.eval()(pictures(name)), classifier.eval()(pictures(name)))
        twin.load_state_dict(classifier.state_dict(), strict=True)
        assert torch.equal(twin(pictures(name)), classifier(pictures(name)))


@pytest.mark.parametrize("name", NAMES)
def test_smallest_side_is_possible(name: str) -> None:
    """A network takes the smallest side that it declares."""
    network = NETWORKS.load(name)
    base = build_base(network, None).eval()
    side = network.smallest_side_px
    with torch.no_grad():
        assert base(torch.rand(1, 3, side, side)).shape == (1, network.features)


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


def test_residual_is_its_layer_table() -> None:
    """The residual network has the table's stages, skips that start alone, and 2.8 M weights."""
    base = ResidualBase().eval()
    assert round(sum(weight.numel() for weight in base.parameters()) / 1e6, 1) == 2.8
    shapes, maps = [], base.stem(torch.rand(1, 3, 96, 96))
    for block in base.stages:
        assert isinstance(block, BasicBlock)
        assert (block.norm2.weight == 0).all()
        maps = block(maps)
        shapes.append(tuple(maps.shape[1:3]))
    expected = [(32, 48), (32, 48), (64, 24), (64, 24), (128, 12), (128, 12), (256, 6), (256, 6)]
    assert shapes == expected


def test_unknown_network_is_an_error() -> None:
    """The message lists the networks there are."""
    with pytest.raises(ConfigError, match=r"found 'resnet19'. Known: alexnet, .*vgg16"):
        NETWORKS.check("resnet19", "xray.arms.a.network")


@pytest.mark.parametrize("name", NETWORKS._builtin)
def test_an_edited_network_makes_its_trainings_stale(name: str) -> None:
    """The file of every network of ours belongs to the fingerprint of a training."""
    module = importlib.import_module(NETWORKS._builtin[name].partition(":")[0])
    assert Path(str(module.__file__)) in _reached("fairtrial.pipelines.train.images")
