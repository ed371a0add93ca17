"""The paper's topology, for one run and for several side by side."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import torch
from torch import nn

from fairtrial.melodies.gan.networks import (
    Discriminator,
    Generator,
    draw_weights,
    join_runs,
    split_runs,
)


def drawn(seed: int, width: float = 0.05) -> tuple[Generator, Discriminator]:
    """Networks of one run with initial weights."""
    networks = Generator(width), Discriminator(width, dropout=0.3)
    for network in networks:
        draw_weights(network, torch.Generator().manual_seed(seed))
    return networks


def outputs_of(network: nn.Module, *inputs: object) -> dict[str, tuple[int, ...]]:
    """Size of the output of each layer, without the axis of bars."""
    sizes: dict[str, tuple[int, ...]] = {}
    for name, layer in network.named_children():
        layer.register_forward_hook(
            lambda _, __, output, name=name: sizes.update({name: tuple(output.shape[1:])})
        )
    network(*inputs)
    return sizes


def test_the_topology_has_the_papers_numbers_of_parameters() -> None:
    """6,039,488 in the generator and 231,169 in the discriminator."""
    counts = [
        sum(parameter.numel() for parameter in network().parameters())
        for network in (Generator, Discriminator)
    ]
    assert counts == [6_039_488, 231_169]


def test_every_layer_of_the_generator_has_the_papers_size() -> None:
    """100 -> 49,152 -> (128, 12, 16) -> (64, 24, 32) -> (1, 48, 64)."""
    assert outputs_of(Generator(), torch.randn(2, 1, 100)) == {
        "dense": (49_152,),
        "dense_norm": (49_152,),
        "up1": (128, 12, 16),
        "norm1": (128, 12, 16),
        "up2": (64, 24, 32),
        "norm2": (64, 24, 32),
        "up3": (1, 48, 64),
    }


def test_every_layer_of_the_discriminator_has_the_papers_size() -> None:
    """(1, 48, 64) -> (64, 24, 32) -> (128, 12, 16) -> 1."""
    bars = torch.rand(2, 1, 48, 64)
    assert outputs_of(Discriminator(), bars, [torch.Generator()]) == {
        "down1": (64, 24, 32),
        "down2": (128, 12, 16),
        "judge": (1,),
    }


def layers_of(network: nn.Module, *kinds: type[nn.Module]) -> Iterable[nn.Module]:
    return (layer for layer in network.modules() if isinstance(layer, kinds))


def test_layers_have_the_papers_settings() -> None:
    """5 x 5 kernels, strides 1, 2, 2 and 2, 2; no biases but in the discriminator."""
    generator, discriminator = Generator(), Discriminator()
    convolutions = list(layers_of(generator, nn.ConvTranspose2d))
    assert [layer.stride for layer in convolutions] == [(1, 1), (2, 2), (2, 2)]
    assert {layer.kernel_size for layer in convolutions} == {(5, 5)}
    assert generator.dense.bias is None
    assert {layer.bias for layer in convolutions} == {None}
    convolutions = list(layers_of(discriminator, nn.Conv2d))
    assert [layer.stride for layer in convolutions] == [(2, 2), (2, 2)]
    assert {layer.kernel_size for layer in convolutions} == {(5, 5)}
    assert all(layer.bias is not None for layer in [*convolutions, discriminator.judge])
    assert discriminator.dropout == 0.3


def test_batch_normalisation_has_the_papers_settings() -> None:
    """Epsilon 1e-3, momentum 0.01 (0.99 as Keras counts)."""
    norms = list(layers_of(Generator(), nn.BatchNorm1d, nn.BatchNorm2d))
    assert len(norms) == 3
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-3, 0.01)}


def test_generated_cells_lie_within_minus_one_and_one() -> None:
    """The last activation is a hyperbolic tangent."""
    bars = Generator(0.05)(1000 * torch.randn(3, 1, 100))
    assert bars.shape == (3, 1, 48, 64)
    assert bars.abs().max() <= 1


def test_initial_weights_are_glorot_uniform() -> None:
    """Weights fill +-sqrt(6 / (fan in + fan out)); the same generator draws the same ones."""
    module = Discriminator()
    draw_weights(module, torch.Generator().manual_seed(0))
    limit = (6 / (25 * 64 + 25 * 128)) ** 0.5
    weight = module.down2.weight
    assert weight.abs().max() <= limit
    assert weight.abs().max() > 0.99 * limit
    assert weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert module.down2.bias is not None
    assert module.down2.bias.abs().max() == 0
    other = Discriminator()
    draw_weights(other, torch.Generator().manual_seed(0))
    assert torch.equal(other.down2.weight, weight)


def test_dropout_draws_from_its_own_generator_and_only_in_training() -> None:
    """Equal generators drop equally; torch's global state has no say; evaluation drops nothing."""
    module, bars = Discriminator(0.1), torch.rand(4, 1, 48, 64)
    first = module(bars, [torch.Generator().manual_seed(1)])
    torch.manual_seed(99)
    assert torch.equal(first, module(bars, [torch.Generator().manual_seed(1)]))
    assert not torch.equal(first, module(bars, [torch.Generator().manual_seed(2)]))
    module.eval()
    assert torch.equal(module(bars, ()), module(bars, ()))


def test_networks_side_by_side_compute_what_each_does_alone() -> None:
    """Bars and logits of three runs, each with weights, noise and dropout of its own."""
    alone = [drawn(seed) for seed in range(3)]
    generator, discriminator = Generator(0.05, runs=3), Discriminator(0.05, runs=3)
    generator.load_state_dict(join_runs([networks[0].state_dict() for networks in alone]))
    discriminator.load_state_dict(join_runs([networks[1].state_dict() for networks in alone]))
    noise = torch.randn(8, 3, 100)
    bars = generator(noise)
    assert bars.shape == (8, 3, 48, 64)
    logits = discriminator(bars, [torch.Generator().manual_seed(run) for run in range(3)])
    assert logits.shape == (8, 3)
    for run, (one, judge) in enumerate(alone):
        own = one(noise[:, run : run + 1])
        torch.testing.assert_close(bars[:, run : run + 1], own)
        dropout = [torch.Generator().manual_seed(run)]
        torch.testing.assert_close(logits[:, run : run + 1], judge(own, dropout))
        # Each norm has moved its running statistics as it would have alone.
        mine = split_runs(generator.state_dict(), 3)[run]
        for name, tensor in one.state_dict().items():
            if tensor.ndim:
                torch.testing.assert_close(mine[name], tensor)


def test_a_run_that_is_not_finite_leaves_the_others_alone() -> None:
    """Not a number in one run's weights and noise never reaches the bars of another."""
    alone = [drawn(seed) for seed in range(3)]
    for parameter in [*alone[1][0].parameters(), *alone[1][1].parameters()]:
        parameter.data.fill_(float("nan"))
    generator, discriminator = Generator(0.05, runs=3), Discriminator(0.05, runs=3)
    generator.load_state_dict(join_runs([networks[0].state_dict() for networks in alone]))
    discriminator.load_state_dict(join_runs([networks[1].state_dict() for networks in alone]))
    dropout = [torch.Generator() for _ in range(3)]
    logits = discriminator(generator(torch.randn(8, 3, 100)), dropout)
    logits[:, [0, 2]].sum().backward()
    assert logits.isnan().any(0).tolist() == [False, True, False]
    for network in (generator, discriminator):
        grads = {name: parameter.grad for name, parameter in network.named_parameters()}
        for mine in (split_runs(grads, 3)[run] for run in (0, 2)):
            assert not any(part.isnan().any() for part in mine.values())


def test_joined_runs_come_apart_again() -> None:
    """`split_runs` is the inverse of `join_runs`, but for counts of batches."""
    states = [drawn(seed)[0].state_dict() for seed in range(2)]
    parts = split_runs(join_runs(states), 2)
    for part, state in zip(parts, states, strict=True):
        assert {name for name, tensor in state.items() if tensor.ndim} == set(part)
        assert all(torch.equal(part[name], state[name]) for name in part)
