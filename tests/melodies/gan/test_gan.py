"""The GAN: its sizes, its training, its bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from fairtrial.melodies.gan.networks import Discriminator, Generator, draw_weights
from fairtrial.melodies.gan.training import (
    GanTrainee,
    RunSeeds,
    count_updates,
    generate_bars,
    train_run,
)
from fairtrial.melodies.parameters import Train
from fairtrial.training.loop import train
from tests.melodies.rolls import random_rolls

TINY = Train(width=0.02, batch_size=8, epochs=1, device="cpu")
SEEDS = RunSeeds(weights=1, noise=2, dropout=4, batches=3)


def test_the_topology_has_the_papers_numbers_of_parameters() -> None:
    """6,039,488 in the generator and 231,169 in the discriminator."""
    counts = [
        sum(parameter.numel() for parameter in network().parameters())
        for network in (Generator, Discriminator)
    ]
    assert counts == [6_039_488, 231_169]


def test_shapes_go_from_noise_to_bars_to_logits() -> None:
    """(B, 100) becomes (B, 48, 64) within -1..1, and (B,) logits."""
    bars = Generator(0.05)(torch.randn(3, 100))
    assert bars.shape == (3, 48, 64)
    assert bars.abs().max() <= 1
    assert Discriminator(0.05)(bars, torch.Generator()).shape == (3,)


def test_initial_weights_are_glorot_uniform() -> None:
    """Weights fill +-sqrt(6 / (fan in + fan out)); the same generator draws the same ones."""
    module = Discriminator()
    draw_weights(module, torch.Generator().manual_seed(0))
    limit = (6 / (25 * 64 + 25 * 128)) ** 0.5
    weight = module.down2.weight
    assert weight.abs().max() <= limit
    assert weight.abs().max() > 0.99 * limit
    assert weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.02)
    assert module.down2.bias.abs().max() == 0
    other = Discriminator()
    draw_weights(other, torch.Generator().manual_seed(0))
    assert torch.equal(other.down2.weight, weight)


def test_dropout_draws_from_its_own_generator_and_only_in_training() -> None:
    """Equal generators drop equally; torch's global state has no say; evaluation drops nothing."""
    module, bars = Discriminator(0.1), torch.rand(4, 48, 64)
    first = module(bars, torch.Generator().manual_seed(1))
    torch.manual_seed(99)
    assert torch.equal(first, module(bars, torch.Generator().manual_seed(1)))
    assert not torch.equal(first, module(bars, torch.Generator().manual_seed(2)))
    module.eval()
    assert torch.equal(module(bars, torch.Generator()), module(bars, torch.Generator()))


def test_equal_epochs_are_not_equal_updates() -> None:
    """The paper's 60 epochs in batches of 50: 120 updates on 55 bars, 3,720 on 3,080."""
    paper = Train()
    assert count_updates(55, paper) == 120
    assert count_updates(3080, paper) == 3720


def test_a_pass_takes_every_bar_once() -> None:
    """The batches of one epoch are the training set, the last one smaller, in a fresh order."""
    rolls = random_rolls(20)
    trainee = GanTrainee(rolls, TINY, SEEDS, torch.device("cpu"))
    batches = [trainee._batch(index) for index in range(6)]
    assert [len(batch) for batch in batches] == [8, 8, 4, 8, 8, 4]
    first = np.concatenate(batches[:3])
    assert {bar.tobytes() for bar in first} == {bar.tobytes() for bar in rolls}
    assert not np.array_equal(first, np.concatenate(batches[3:]))


def test_the_same_seeds_give_the_same_run() -> None:
    """Two trainings on the CPU end in the same weights; another noise gives others."""
    rolls = random_rolls(20)
    runs = [
        train_run(rolls, 4, TINY, seeds, checkpoint=None, label="run")
        for seeds in (SEEDS, SEEDS, replace(SEEDS, noise=9))
    ]
    weights = [run.state["up3.weight"] for run in runs if run.state is not None]
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


def test_arms_of_a_block_share_initial_weights() -> None:
    """Other training bars do not move the initial weights."""
    first = GanTrainee(random_rolls(20), TINY, SEEDS, torch.device("cpu"))
    other = GanTrainee(random_rolls(30, seed=5), TINY, SEEDS, torch.device("cpu"))
    for a, b in zip(first.generator.parameters(), other.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def test_arms_of_a_block_share_the_noise_of_every_update() -> None:
    """Update k has the same noise whatever the sizes of the batches before it."""

    def noise_of(bars: int) -> list[torch.Tensor]:
        trainee = GanTrainee(random_rolls(bars), TINY, SEEDS, torch.device("cpu"))
        seen: list[torch.Tensor] = []
        trainee.generator.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        for index in range(5):  # the smaller set has a batch of 4 at the third
            trainee.step(index)
        return seen

    for a, b in zip(noise_of(20), noise_of(48), strict=True):
        assert torch.equal(a, b)


def test_seconds_go_on_where_a_stopped_run_ended() -> None:
    """Time is part of the state: a resumed run tells the time of the whole training."""
    trainee = GanTrainee(random_rolls(20), TINY, SEEDS, torch.device("cpu"))
    trainee.restore({**trainee.state(), "seconds": 1000.0})
    assert 1000 <= trainee.seconds < 1000 + 600
    assert trainee.state()["seconds"] >= 1000


def test_a_resumed_run_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    """Stopped after a checkpoint and resumed, weights are the same to the bit."""
    rolls, device = random_rolls(20), torch.device("cpu")
    whole = GanTrainee(rolls, TINY, SEEDS, device)
    train(whole, 6, checkpoint=None, checkpoint_every=100, label="run")

    class Killed(GanTrainee):
        def step(self, index: int) -> Mapping[str, float]:
            if index == 4:
                raise KeyboardInterrupt
            return super().step(index)

    path = tmp_path / "run.pt"
    killed = Killed(rolls, TINY, SEEDS, device)
    with pytest.raises(KeyboardInterrupt):
        train(killed, 6, checkpoint=path, checkpoint_every=2, label="run")
    resumed = GanTrainee(rolls, TINY, SEEDS, device)
    train(resumed, 6, checkpoint=path, checkpoint_every=2, label="run")
    for name, tensor in whole.generator.state_dict().items():
        assert torch.equal(tensor, resumed.generator.state_dict()[name]), name
    for name, tensor in whole.discriminator.state_dict().items():
        assert torch.equal(tensor, resumed.discriminator.state_dict()[name]), name


def test_a_diverged_run_is_recorded_not_raised() -> None:
    """Losses that leave the finite numbers end the run with status diverged and no weights."""
    wild = Train(
        width=0.02,
        batch_size=8,
        generator_learning_rate=1e30,
        discriminator_learning_rate=1e30,
        device="cpu",
    )
    run = train_run(random_rolls(20), 30, wild, SEEDS, checkpoint=None, label="run")
    assert run.status == "diverged"
    assert run.state is None
    assert set(run.history["status"]) == {"diverged"}


def test_history_has_means_over_stretches_of_updates() -> None:
    """A run leaves at most 100 rows, the last one at its last update."""
    run = train_run(random_rolls(20), 5, TINY, SEEDS, checkpoint=None, label="run")
    assert run.history["update"].tolist() == [1, 2, 3, 4, 5]
    assert set(run.history["status"]) == {"ok"}
    assert run.history["generator_loss"].notna().all()


def test_a_gan_learns_what_a_single_bar_looks_like() -> None:
    """Trained on one bar, it writes bars far nearer to it than an untrained generator's."""
    bar = np.zeros((1, 48, 64), np.uint8)
    bar[:, 20:24] = 1
    rolls = np.repeat(bar, 32, axis=0)
    parameters = Train(
        width=0.1,
        batch_size=8,
        norm_momentum=0.1,
        generator_learning_rate=5e-3,
        device="cpu",
    )

    def error(updates: int) -> float:
        run = train_run(rolls, updates, parameters, SEEDS, checkpoint=None, label="run")
        assert run.state is not None
        bars = generate_bars(run.state, parameters.width, 8, seed=4)
        return float(((bars > 0) != (bar > 0)).mean())

    assert error(60) < 0.5 * error(1)


def test_bars_depend_on_weights_and_seed_alone() -> None:
    """The same weights and seed write the same bars; another seed others."""
    run = train_run(random_rolls(20), 2, TINY, SEEDS, checkpoint=None, label="run")
    assert run.state is not None
    first = generate_bars(run.state, TINY.width, 5, seed=1)
    assert first.shape == (5, 48, 64)
    assert np.array_equal(first, generate_bars(run.state, TINY.width, 5, seed=1))
    assert not np.array_equal(first, generate_bars(run.state, TINY.width, 5, seed=2))
