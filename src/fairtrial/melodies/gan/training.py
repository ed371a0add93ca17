"""Training one GAN: its updates, its randomness, its state; and drawing bars from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from fairtrial.melodies.gan.networks import NOISE, Discriminator, Generator, draw_weights
from fairtrial.melodies.parameters import Train
from fairtrial.melodies.piano_roll import Roll, rolls_to_signals, signals_to_rolls
from fairtrial.training.device import one_thread, pick_device
from fairtrial.training.loop import Diverged, train

MEASURES = ("generator_loss", "discriminator_loss", "real_score", "fake_score")
_KEPT_ROWS = 100  # rows of history a run: means over as many stretches of updates


@dataclass(frozen=True)
class RunSeeds:
    """Seeds of one run, from named streams. Arms of a block share them.

    Args:
        weights: initial weights of both networks.
        noise: the generator's input: update k has the same noise in every arm.
        dropout: of the discriminator. Apart from the noise, because how much of it is drawn
            depends on the size of a batch, and so on the arm.
        batches: the order of the training bars.
    """

    weights: int
    noise: int
    dropout: int
    batches: int


@dataclass(frozen=True)
class TrainedRun:
    """What a run left.

    Args:
        state: the generator's weights by name; none where the run diverged.
        history: update, `MEASURES` (means since the row before), seconds (since the start),
            status (ok or diverged), threads (of torch, that it was trained with).
        status: ok or diverged.
    """

    state: dict[str, np.ndarray] | None
    history: pd.DataFrame
    status: str


def count_updates(bars: int, parameters: Train) -> int:
    """Updates of ``parameters.epochs`` passes over ``bars``, the last batch of a pass smaller."""
    return parameters.epochs * ceil(bars / parameters.batch_size)


class GanTrainee:
    """Generator and discriminator, updated together once a step.

    Args:
        rolls: training bars, uint8 (n, 48, 64); may be memory-mapped.
        parameters: the study's training parameters.
        seeds: of this run.
        device: where it is computed.
    """

    def __init__(
        self,
        rolls: Roll,
        parameters: Train,
        seeds: RunSeeds,
        device: torch.device,
    ) -> None:
        self.parameters = parameters
        self.seeds = seeds
        self.device = device
        self.rolls = rolls
        self.generator = Generator(parameters.width, parameters.norm_momentum)
        self.discriminator = Discriminator(parameters.width, parameters.dropout)
        weights = torch.Generator().manual_seed(seeds.weights)
        draw_weights(self.generator, weights)
        draw_weights(self.discriminator, weights)
        self.generator.to(device).train()
        self.discriminator.to(device).train()
        self.optimisers = [
            torch.optim.Adam(module.parameters(), lr=rate, betas=(0.5, 0.999), eps=1e-7)
            for module, rate in (
                (self.generator, parameters.generator_learning_rate),
                (self.discriminator, parameters.discriminator_learning_rate),
            )
        ]
        self.noise = torch.Generator(device).manual_seed(seeds.noise)
        self.dropout = torch.Generator(device).manual_seed(seeds.dropout)
        self._seconds_before = 0.0
        self._begin = perf_counter()

    @property
    def seconds(self) -> float:
        """Spent on the training so far, before its stops too."""
        return self._seconds_before + perf_counter() - self._begin

    def step(self, index: int) -> Mapping[str, float]:
        """One update of both networks on one batch; losses and mean scores in 0..1."""
        real = torch.from_numpy(rolls_to_signals(self._batch(index))).to(self.device)
        noise = torch.randn(
            self.parameters.batch_size, NOISE, generator=self.noise, device=self.device
        )
        fake = self.generator(noise)
        real_logits = self.discriminator(real, self.dropout)
        fake_logits = self.discriminator(fake, self.dropout)
        # Binary cross-entropy with logits; the generator's loss does not saturate.
        generator_loss = functional.softplus(-fake_logits).mean()
        discriminator_loss = (
            functional.softplus(-real_logits).mean() + functional.softplus(fake_logits).mean()
        )
        # Both gradients come from the networks as they stand before this update.
        losses = (generator_loss, discriminator_loss)
        networks = (self.generator, self.discriminator)
        gradients = [
            torch.autograd.grad(loss, list(network.parameters()), retain_graph=loss is losses[0])
            for loss, network in zip(losses, networks, strict=True)
        ]
        for optimiser, network, parts in zip(self.optimisers, networks, gradients, strict=True):
            for parameter, gradient in zip(network.parameters(), parts, strict=True):
                parameter.grad = gradient
            optimiser.step()
        measured = (
            *losses,
            torch.sigmoid(real_logits).mean(),
            torch.sigmoid(fake_logits).mean(),
        )
        values = torch.stack([value.detach() for value in measured]).tolist()
        return dict(zip(MEASURES, values, strict=True))

    def _batch(self, index: int) -> Roll:
        """Bars of update ``index``: every pass over the set has a fresh order."""
        size = self.parameters.batch_size
        epoch, position = divmod(index, ceil(len(self.rolls) / size))
        order = np.random.default_rng([self.seeds.batches, epoch]).permutation(len(self.rolls))
        # Ascending, as memory-mapped rows are read best; the order in a batch is no matter.
        return self.rolls[np.sort(order[position * size : (position + 1) * size])]

    def state(self) -> dict[str, Any]:
        """Networks, optimisers, generators, time; the order of bars follows from seeds."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "noise": self.noise.get_state(),
            "dropout": self.dropout.get_state(),
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from `state`."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        self.noise.set_state(state["noise"])
        self.dropout.set_state(state["dropout"])
        self._seconds_before = state["seconds"]
        self._begin = perf_counter()


@one_thread()
def train_run(
    rolls: Roll,
    updates: int,
    parameters: Train,
    seeds: RunSeeds,
    *,
    checkpoint: Path | None,
    label: str,
) -> TrainedRun:
    """Train one GAN on bars.

    Args:
        rolls: training bars, uint8 (n, 48, 64).
        updates: of both networks together.
        parameters: the study's training parameters.
        seeds: of this run; the same ones give the same run on the CPU.
        checkpoint: where its state is kept between runs; none keeps none.
        label: the trial's name on the log.

    Returns:
        The generator's weights, unless the losses left the finite numbers: then none.
    """
    device = pick_device(parameters.device)
    trainee = GanTrainee(rolls, parameters, seeds, device)
    status = "ok"
    try:
        records = train(
            trainee,
            updates,
            checkpoint=checkpoint,
            checkpoint_every=parameters.checkpoint_every,
            label=label,
        )
    except Diverged as error:
        records, status = error.history, "diverged"
    history = _thin(records, trainee.seconds)
    history["status"] = status
    history["threads"] = torch.get_num_threads()
    if status == "diverged":
        return TrainedRun(None, history, status)
    state = {
        name: tensor.cpu().numpy().copy()
        for name, tensor in trainee.generator.state_dict().items()
        if not name.endswith("num_batches_tracked")  # no use after training
    }
    return TrainedRun(state, history, status)


def _thin(records: list[dict[str, float]], seconds: float) -> pd.DataFrame:
    """Means over stretches of updates; one empty row where there is not a single update."""
    table = pd.DataFrame(records, columns=["update", *MEASURES])
    if table.empty:
        return pd.DataFrame([{"update": 0, **dict.fromkeys(MEASURES, np.nan), "seconds": seconds}])
    stretch = max(1, ceil(len(table) / _KEPT_ROWS))
    groups = (table["update"].astype(int) - 1) // stretch
    thin = table.groupby(groups)[list(MEASURES)].mean()
    thin.insert(0, "update", table.groupby(groups)["update"].max().astype(int))
    thin["seconds"] = seconds * thin["update"] / len(table)
    return thin.reset_index(drop=True)


@one_thread()
def generate_bars(state: Mapping[str, np.ndarray], width: float, n_items: int, seed: int) -> Roll:
    """Bars of a trained generator.

    Args:
        state: its weights by name.
        width: of its channels.
        n_items: how many bars.
        seed: of the noise; arms of a block share it.

    Returns:
        uint8 (n_items, 48, 64).
    """
    module = Generator(width)
    module.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in state.items()})
    module.eval()
    noise = torch.randn(n_items, NOISE, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        signals = torch.cat([module(part) for part in torch.split(noise, 64)])
    return signals_to_rolls(signals.numpy())
