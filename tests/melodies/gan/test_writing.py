"""Bars that a trained generator writes, and how its discriminator judges bars."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.gan.trainee import RunSeeds
from fairtrial.melodies.gan.training import train_runs
from fairtrial.melodies.gan.writing import generate_bars, judge_bars
from fairtrial.melodies.parameters import Train
from fairtrial.melodies.piano_roll import Roll
from tests.melodies.rolls import random_rolls

SEEDS = RunSeeds(weights=1, noise=2, dropout=4, batches=3)
SMALL = Train(
    width=0.1, batch_size=8, norm_momentum=0.1, generator_learning_rate=5e-3, device="cpu"
)


def weights_after(updates: int, rolls: Roll) -> dict[str, np.ndarray]:
    run = train_runs(rolls, updates, SMALL, {"run": SEEDS}, checkpoints=None, label="gan")["run"]
    assert run.state is not None
    return run.state


@pytest.fixture(scope="module")
def bar() -> Roll:
    """A bar of four low rows, uint8 (1, 48, 64)."""
    roll = np.zeros((1, 48, 64), np.uint8)
    roll[:, 20:24] = 1
    return roll


@pytest.fixture(scope="module")
def trained(bar: Roll) -> dict[str, np.ndarray]:
    """A GAN trained on copies of that bar."""
    return weights_after(60, np.repeat(bar, 32, axis=0))


def test_a_gan_learns_what_a_single_bar_looks_like(
    bar: Roll, trained: dict[str, np.ndarray]
) -> None:
    """Trained on one bar, it writes bars far nearer to it than an untrained generator's."""

    def error(weights: dict[str, np.ndarray]) -> float:
        bars = generate_bars(weights, SMALL.width, 8, seed=4)
        return float(((bars > 0) != (bar > 0)).mean())

    assert error(trained) < 0.5 * error(weights_after(1, np.repeat(bar, 32, axis=0)))


def test_a_discriminator_knows_its_bars_from_noise(
    bar: Roll, trained: dict[str, np.ndarray]
) -> None:
    """The training bar scores above bars of random cells; scores lie within 0 and 1."""
    noise = np.random.default_rng(0).integers(0, 3, (100, 48, 64)).astype(np.uint8)
    scores = judge_bars(trained, SMALL.width, np.concatenate([bar, noise]))
    assert scores.shape == (101,)
    assert scores.dtype == np.float64
    assert 0 <= scores.min() <= scores.max() <= 1
    assert scores[0] > scores[1:].max()


def test_bars_depend_on_weights_and_seed_alone(trained: dict[str, np.ndarray]) -> None:
    """The same weights and seed write the same bars; another seed others."""
    first = generate_bars(trained, SMALL.width, 5, seed=1)
    assert first.shape == (5, 48, 64)
    assert np.array_equal(first, generate_bars(trained, SMALL.width, 5, seed=1))
    early = weights_after(2, random_rolls(20))
    bars = [generate_bars(early, SMALL.width, 5, seed=seed) for seed in (1, 2)]
    assert not np.array_equal(*bars)


def test_weights_of_another_network_are_refused(trained: dict[str, np.ndarray]) -> None:
    """Nothing is written with weights that were never trained."""
    part = {name: values for name, values in trained.items() if "up2" not in name}
    with pytest.raises(KeyError, match="up2.weight"):
        generate_bars(part, SMALL.width, 2, seed=1)
