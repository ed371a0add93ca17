"""One GAN, or those of several runs side by side: their updates, randomness and state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fairtrial.melodies.gan.feed import BarFeed
from fairtrial.melodies.gan.networks import (
    NOISE,
    Discriminator,
    Generator,
    draw_weights,
    join_runs,
    split_runs,
)
from fairtrial.melodies.parameters import Train
from fairtrial.melodies.piano_roll import Roll
from fairtrial.training.precision import computing

MEASURES = ("generator_loss", "discriminator_loss", "real_score", "fake_score")


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


class GanTrainee:
    """Generators and discriminators of R runs, updated together once a step.

    A run has its own weights, noise, dropout and order of bars, whatever runs beside it; sums of
    floats alone depend on how many there are.

    Args:
        rolls: training bars, uint8 (n, 48, 64); may be memory-mapped.
        parameters: the study's training parameters.
        seeds: of each run.
        device: where it is computed.
    """

    def __init__(
        self,
        rolls: Roll,
        parameters: Train,
        seeds: Sequence[RunSeeds],
        device: torch.device,
    ) -> None:
        self.parameters = parameters
        self.device = device
        self.runs = len(seeds)
        self.feed = BarFeed(rolls, parameters.batch_size, [s.batches for s in seeds], device)
        self.generator, self.discriminator = make_networks(parameters, seeds, device)
        self.optimisers = [
            torch.optim.Adam(module.parameters(), lr=rate, betas=(0.5, 0.999), eps=1e-7, fused=True)
            for module, rate in (
                (self.generator, parameters.generator_learning_rate),
                (self.discriminator, parameters.discriminator_learning_rate),
            )
        ]
        self.noise = [torch.Generator(device).manual_seed(each.noise) for each in seeds]
        self.dropout = [torch.Generator(device).manual_seed(each.dropout) for each in seeds]
        # Of each update, the `MEASURES` of each run; and how many updates of a run were finite.
        self.records: list[list[list[float]]] = []
        self.finite = [0] * self.runs
        self._seconds_before = 0.0
        self._begin = perf_counter()

    @property
    def seconds(self) -> float:
        """Spent on the training so far, before its stops too."""
        return self._seconds_before + perf_counter() - self._begin

    def step(self, index: int) -> Mapping[str, float]:
        """One update of every run on one batch each; means over the runs that stayed finite."""
        real = self.feed.batch(index)
        noise = self._draw_noise()
        with computing(self.device, self.parameters.precision):
            fake = self.generator(noise)
            real_logits = self.discriminator(real, self.dropout)
            fake_logits = self.discriminator(fake, self.dropout)
        # Binary cross-entropy with logits; the generator's loss does not saturate. Each (R,).
        generator_loss = functional.softplus(-fake_logits).mean(0)
        discriminator_loss = functional.softplus(-real_logits).mean(0)
        discriminator_loss = discriminator_loss + functional.softplus(fake_logits).mean(0)
        self._update(generator_loss, discriminator_loss)
        scores = [torch.sigmoid(logits).mean(0) for logits in (real_logits, fake_logits)]
        measured = torch.stack([generator_loss, discriminator_loss, *scores]).detach()
        return self._record(measured.T.tolist())

    def _record(self, measured: list[list[float]]) -> dict[str, float]:
        """Keep what was measured of each run; means over the runs that have all been finite."""
        going = []
        for run, values in enumerate(measured):
            if self.finite[run] == len(self.records) and np.isfinite(values).all():
                self.finite[run] += 1
                going.append(values)
        self.records.append(measured)
        # With no run left the means are not finite either, and the training ends.
        means = np.mean(going or measured, axis=0)
        return dict(zip(MEASURES, means.tolist(), strict=True))

    def _update(self, generator_loss: Tensor, discriminator_loss: Tensor) -> None:
        """Step both optimisers; losses float32 (R,). Runs share no weight, so sums part again."""
        # Both gradients come from the networks as they stand before this update.
        networks: tuple[nn.Module, nn.Module] = (self.generator, self.discriminator)
        losses = (generator_loss.sum(), discriminator_loss.sum())
        gradients = [
            torch.autograd.grad(loss, list(network.parameters()), retain_graph=loss is losses[0])
            for loss, network in zip(losses, networks, strict=True)
        ]
        for optimiser, network, parts in zip(self.optimisers, networks, gradients, strict=True):
            for parameter, gradient in zip(network.parameters(), parts, strict=True):
                parameter.grad = gradient
            optimiser.step()

    def _draw_noise(self) -> Tensor:
        """float32 (B, R, 100), of each run from its own generator."""
        size = (self.parameters.batch_size, NOISE)
        draws = [torch.randn(size, generator=each, device=self.device) for each in self.noise]
        return torch.stack(draws, dim=1)

    def history(self, run: int) -> list[dict[str, float]]:
        """``update`` (from 1) and `MEASURES` of a run's finite updates."""
        return [
            {"update": index + 1, **dict(zip(MEASURES, measured[run], strict=True))}
            for index, measured in enumerate(self.records[: self.finite[run]])
        ]

    def weights(self) -> list[dict[str, np.ndarray]]:
        """Weights of each run: ``generator.NAME`` and ``discriminator.NAME``."""
        found: list[dict[str, np.ndarray]] = [{} for _ in range(self.runs)]
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        for prefix, network in networks.items():
            states = split_runs(network.state_dict(), self.runs)
            for own, state in zip(found, states, strict=True):
                own |= {f"{prefix}.{key}": part.cpu().numpy().copy() for key, part in state.items()}
        return found

    def state(self) -> dict[str, Any]:
        """Networks, optimisers, generators, records, time; the order of bars follows from seeds."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "noise": [each.get_state() for each in self.noise],
            "dropout": [each.get_state() for each in self.dropout],
            "records": self.records,
            "finite": self.finite,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from `state`."""
        self.generator.load_state_dict(state["generator"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        for name, generators in (("noise", self.noise), ("dropout", self.dropout)):
            for generator, saved in zip(generators, state[name], strict=True):
                generator.set_state(saved)
        self.records, self.finite = state["records"], state["finite"]
        self._seconds_before = state["seconds"]
        self._begin = perf_counter()


def make_networks(
    parameters: Train, seeds: Sequence[RunSeeds], device: torch.device
) -> tuple[Generator, Discriminator]:
    """Networks of several runs, each with the initial weights that it would have alone."""
    generators, discriminators = [], []
    for each in seeds:
        weights = torch.Generator().manual_seed(each.weights)
        generator = Generator(parameters.width, parameters.norm_momentum)
        discriminator = Discriminator(parameters.width, parameters.dropout)
        draw_weights(generator, weights)
        draw_weights(discriminator, weights)
        generators.append(generator.state_dict())
        discriminators.append(discriminator.state_dict())
    runs = len(seeds)
    joined = Generator(parameters.width, parameters.norm_momentum, runs)
    judging = Discriminator(parameters.width, parameters.dropout, runs)
    joined.load_state_dict(join_runs(generators))
    judging.load_state_dict(join_runs(discriminators))
    return joined.to(device).train(), judging.to(device).train()
