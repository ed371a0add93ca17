"""Training a study's GANs one after the other and side by side, beside plain PyTorch.

The plain version is what a user writes: the same networks as layers of torch, cross-entropy with
logits, two optimisers, batches indexed from a tensor on the device, one run after the other. All
see the same bars in batches of 50. A few updates of each are timed in turn, so that the machine's
load drops out of the ratio, and are scaled up to the study's updates.

CPU: 4 arms x 5 runs at a quarter of the paper's channels, fp32, one thread. Graphics card: the
melody paper's 4 arms x 55 runs at its full width in bf16, 60 epochs; left out where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fairtrial.melodies.gan.networks import NOISE, draw_weights, scaled
from fairtrial.melodies.gan.trainee import GanTrainee, RunSeeds
from fairtrial.melodies.gan.training import count_updates
from fairtrial.melodies.parameters import Augment, Train
from fairtrial.melodies.piano_roll import Roll, rolls_to_signals
from fairtrial.training.compute import time_in_turn
from fairtrial.training.device import device_name, pick_device
from fairtrial.training.precision import computing

BARS, BATCH = 55, 50
SLOPE, EPSILON, MOMENTUM, DROPOUT = 0.3, 1e-3, 0.01, 0.3
TARGET_RATIO, TARGET_MINUTES = 3.0, 45.0


class Reshape(nn.Module):
    """A layer that gives each item another shape."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.view(-1, *self.shape)


def plain_generator(width: float) -> nn.Sequential:
    """The paper's generator as layers of torch."""
    a, b, c = (scaled(channels, width) for channels in (256, 128, 64))
    doubling = {"stride": 2, "padding": 2, "output_padding": 1, "bias": False}
    return nn.Sequential(
        nn.Linear(NOISE, a * 12 * 16, bias=False),
        nn.BatchNorm1d(a * 12 * 16, EPSILON, MOMENTUM),
        nn.LeakyReLU(SLOPE),
        Reshape(a, 12, 16),
        nn.ConvTranspose2d(a, b, 5, padding=2, bias=False),
        nn.BatchNorm2d(b, EPSILON, MOMENTUM),
        nn.LeakyReLU(SLOPE),
        nn.ConvTranspose2d(b, c, 5, **doubling),
        nn.LeakyReLU(SLOPE),
        nn.BatchNorm2d(c, EPSILON, MOMENTUM),
        nn.ConvTranspose2d(c, 1, 5, **doubling),
        nn.Tanh(),
    )


def plain_discriminator(width: float) -> nn.Sequential:
    """The paper's discriminator as layers of torch."""
    a, b = (scaled(channels, width) for channels in (64, 128))
    return nn.Sequential(
        nn.Conv2d(1, a, 5, 2, padding=2),
        nn.LeakyReLU(SLOPE),
        nn.Dropout(DROPOUT),
        nn.Conv2d(a, b, 5, 2, padding=2),
        nn.LeakyReLU(SLOPE),
        nn.Dropout(DROPOUT),
        nn.Flatten(),
        nn.Linear(b * 12 * 16, 1),
    )


class Plain:
    """One run as a user writes it."""

    def __init__(self, rolls: Roll, parameters: Train, seed: int, device: torch.device) -> None:
        generator = torch.Generator().manual_seed(seed)
        self.networks = plain_generator(parameters.width), plain_discriminator(parameters.width)
        self.adams = []
        for network, rate in zip(self.networks, (1e-3, 2e-3), strict=True):
            draw_weights(network, generator)
            network.to(device)
            adam = torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.999), eps=1e-7)
            self.adams.append(adam)
        self.bars = torch.from_numpy(rolls_to_signals(rolls)).unsqueeze(1).to(device)
        self.precision, self.device = parameters.precision, device

    def step(self, index: int) -> None:
        """One update of both networks."""
        make, judge = self.networks
        rows = torch.randperm(len(self.bars), device=self.device)[:BATCH]
        with computing(self.device, self.precision):
            fake = make(torch.randn(BATCH, NOISE, device=self.device))
            real_logits, fake_logits = judge(self.bars[rows]), judge(fake)
            ones, zeros = torch.ones_like(fake_logits), torch.zeros_like(fake_logits)
            cross = functional.binary_cross_entropy_with_logits
            make_loss = cross(fake_logits, ones)
            judge_loss = cross(real_logits, ones) + cross(fake_logits, zeros)
        losses = (make_loss, judge_loss)
        for network, loss in zip(self.networks, losses, strict=True):
            weights = list(network.parameters())
            found = torch.autograd.grad(loss, weights, retain_graph=loss is make_loss)
            for weight, gradient in zip(weights, found, strict=True):
                weight.grad = gradient
        for adam in self.adams:
            adam.step()
        for loss in losses:  # recorded, as any training's are
            loss.item()


def make_seeds(runs: int) -> list[RunSeeds]:
    """Of each run."""
    return [RunSeeds(k, 1000 + k, 2000 + k, 3000 + k) for k in range(runs)]


def stepper(trainings: Sequence[Plain | GanTrainee], updates: int) -> Callable[[], None]:
    """A call that makes so many updates of each training."""

    def run() -> None:
        for training in trainings:
            for index in range(updates):
                training.step(index)

    return run


def study_updates(parameters: Train) -> list[int]:
    """Updates of a run of each arm: original, the same at equal updates, augmented, replicated."""
    larger = count_updates(BARS * Augment().growth, parameters)
    return [count_updates(BARS, parameters), larger, larger, larger]


def draw_bars() -> Roll:
    """Bars of random cells: what they hold does not matter to the time."""
    return np.random.default_rng(0).integers(0, 3, (BATCH, 48, 64)).astype(np.uint8)


def compare(
    parameters: Train, runs: int, alone: int, sizes: Sequence[int], updates: int
) -> tuple[float, float]:
    """Print seconds an update and run; returns the best ratio to plain and the study's minutes.

    Args:
        parameters: of the training.
        runs: of an arm.
        alone: how many runs are timed one after the other.
        sizes: numbers of runs that are timed side by side.
        updates: that are timed.
    """
    device = pick_device(parameters.device)
    rolls = draw_bars()
    plain = [Plain(rolls, parameters, run, device) for run in range(alone)]
    candidates = {"plain PyTorch, one after the other": (stepper(plain, updates), alone)}
    for size in sizes:
        groups = [make_seeds(size) for _ in range(max(1, alone // size))]
        trainees = [GanTrainee(rolls, parameters, group, device) for group in groups]
        label = "one after the other" if size == 1 else f"{size} side by side"
        candidates[label] = (stepper(trainees, updates), size * len(groups))
    found = time_in_turn([run for run, _ in candidates.values()], device, rounds=3)
    each = [s / updates / n for s, (_, n) in zip(found, candidates.values(), strict=True)]
    total = sum(study_updates(parameters)) * runs
    for label, seconds in zip(candidates, each, strict=True):
        print(
            f"  {label}: {1000 * seconds:.2f} ms an update of a run, {each[0] / seconds:.2f} times "
            f"plain; 4 arms x {runs} runs ({total:,} updates) in {total * seconds / 60:.1f} min",
            flush=True,
        )
    best = min(each[1:])
    return each[0] / best, total * best / 60


def on_cpu() -> None:
    """A quarter-width study."""
    parameters = Train(width=0.25, epochs=1, device="cpu")
    print("CPU, a quarter of the channels, fp32, one thread, one epoch:", flush=True)
    compare(parameters, runs=5, alone=5, sizes=(1, 5), updates=3)


def on_graphics_card() -> None:
    """All trainings of the paper's study, from a few updates."""
    if not torch.cuda.is_available():
        print("Graphics card: left out, torch finds none here.")
        return
    parameters = Train(precision="bf16", device="cuda")
    print(
        f"{device_name(torch.device('cuda'))}, the paper's channels, bf16, 60 epochs:", flush=True
    )
    ratio, minutes = compare(parameters, runs=55, alone=1, sizes=(1, 5, 11, 55), updates=10)
    print(
        f"  best: {ratio:.1f} times plain (target {TARGET_RATIO:g}), {minutes:.0f} min (target "
        f"{TARGET_MINUTES:g}); extrapolated from updates, nothing else of a study is in it"
    )


def main() -> None:
    """Compare on the CPU, and on a graphics card where there is one."""
    torch.set_num_threads(1)
    on_cpu()
    on_graphics_card()


if __name__ == "__main__":
    main()
