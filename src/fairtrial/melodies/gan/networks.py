"""The paper's generative adversarial network on bars of 48 x 64, for one run or several at once.

The networks of several runs are one network of grouped layers: the channels of run r follow those
of run r - 1, and no channel meets another run's. Noise, bars and logits have the runs as their
second axis.

Source: Bitaraes, Guimaraes, Coelho, section 5, figures 8 and 9; sizes and rates, which the paper
leaves open, are those of its published programme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

NOISE = 100
_GENERATOR_CHANNELS = (256, 128, 64)
_DISCRIMINATOR_CHANNELS = (64, 128)
_ROWS, _COLUMNS = 12, 16  # a quarter of the roll's sides
_SLOPE = 0.3
_NORM_EPSILON = 1e-3


def scaled(channels: int, width: float) -> int:
    """Channels of a network of ``width`` (a share of the paper's), at least 4."""
    return max(4, round(channels * width))


class Generator(nn.Module):
    """Noise (B, R, 100) to bars (B, R, 48, 64) in -1..1.

    Args:
        width: channels as a share of the paper's; 1 gives 6,039,488 parameters.
        norm_momentum: weight of a batch in the running statistics of batch normalisation.
        runs: R, how many generators this is.
    """

    def __init__(self, width: float = 1.0, norm_momentum: float = 0.01, runs: int = 1) -> None:
        super().__init__()
        first, second, third = (runs * scaled(each, width) for each in _GENERATOR_CHANNELS)
        self.runs, self.channels = runs, first
        size = first * _ROWS * _COLUMNS
        self.dense = nn.Linear(NOISE, size, bias=False)
        self.dense_norm = nn.BatchNorm1d(size, _NORM_EPSILON, norm_momentum)
        self.up1 = _grow(first, second, 1, runs)
        self.norm1 = nn.BatchNorm2d(second, _NORM_EPSILON, norm_momentum)
        self.up2 = _grow(second, third, 2, runs)
        self.norm2 = nn.BatchNorm2d(third, _NORM_EPSILON, norm_momentum)
        self.up3 = _grow(third, runs, 2, runs)

    def forward(self, noise: Tensor) -> Tensor:
        """Bars float32 (B, R, 48, 64) from noise float32 (B, R, 100)."""
        x = functional.leaky_relu(self.dense_norm(self._spread(noise)), _SLOPE)
        x = x.view(-1, self.channels, _ROWS, _COLUMNS)  # (B, R 256, 12, 16)
        x = functional.leaky_relu(self.norm1(self.up1(x)), _SLOPE)  # (B, R 128, 12, 16)
        # Activation before normalisation only here, as the authors' programme has it.
        x = self.norm2(functional.leaky_relu(self.up2(x), _SLOPE))  # (B, R 64, 24, 32)
        return torch.tanh(self.up3(x)).float()  # (B, R, 48, 64)

    def _spread(self, noise: Tensor) -> Tensor:
        """The dense layer of each run on its own noise: (B, R size)."""
        if self.runs == 1:
            dense: Tensor = self.dense(noise.squeeze(1))
            return dense
        weights = self.dense.weight.view(self.runs, -1, NOISE)  # (R, size, 100)
        return torch.bmm(noise.transpose(0, 1), weights.mT).transpose(0, 1).flatten(1)


def _grow(channels: int, new: int, stride: int, runs: int) -> nn.ConvTranspose2d:
    """A transposed convolution that makes sides exactly ``stride`` times as long."""
    return nn.ConvTranspose2d(
        channels, new, 5, stride, padding=2, output_padding=stride - 1, bias=False, groups=runs
    )


class Discriminator(nn.Module):
    """Bars (B, R, 48, 64) to logits (B, R): above 0 the bar is taken for a real one.

    Args:
        width: channels as a share of the paper's; 1 gives 231,169 parameters.
        dropout: share of activations dropped in training.
        runs: R, how many discriminators this is.
    """

    def __init__(self, width: float = 1.0, dropout: float = 0.3, runs: int = 1) -> None:
        super().__init__()
        first, second = (runs * scaled(each, width) for each in _DISCRIMINATOR_CHANNELS)
        self.runs, self.dropout = runs, dropout
        self.down1 = nn.Conv2d(runs, first, 5, 2, padding=2, groups=runs)
        self.down2 = nn.Conv2d(first, second, 5, 2, padding=2, groups=runs)
        # One line of weights a run, each on the run's own channels.
        self.judge = nn.Linear(second // runs * _ROWS * _COLUMNS, runs)

    def forward(self, bars: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Logits float32 (B, R) of bars float32 (B, R, 48, 64).

        Args:
            bars: in -1..1.
            generators: one a run, which draw its dropout; unused in evaluation.
        """
        x = functional.leaky_relu(self.down1(bars), _SLOPE)  # (B, R 64, 24, 32)
        x = self.down2(self._drop(x, generators))
        x = functional.leaky_relu(x, _SLOPE)  # (B, R 128, 12, 16)
        x = self._drop(x, generators).reshape(len(x), self.runs, -1)  # (B, R, size)
        if self.runs == 1:
            logits: Tensor = self.judge(x.squeeze(1))
        else:
            logits = torch.einsum("brk,rk->br", x, self.judge.weight) + self.judge.bias
        return logits.float()

    def _drop(self, x: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Dropout with generators of the runs' own; torch's layer takes none."""
        if not self.training or self.dropout == 0:
            return x
        shape = (x.shape[0], x.shape[1] // self.runs, *x.shape[2:])
        draws = [torch.rand(shape, generator=each, device=x.device) for each in generators]
        kept = (draws[0] if self.runs == 1 else torch.cat(draws, 1)) >= self.dropout
        return x * kept / (1 - self.dropout)


def draw_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Set initial weights of one run: Glorot uniform, biases 0, normalisation 1 and 0.

    Args:
        module: a generator or discriminator of one run, on the CPU.
        generator: on the CPU; draws the weights.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def join_runs(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """State of the network of several runs, from the states of networks of one run each."""
    return {
        name: torch.cat([state[name] for state in states]) if first.ndim else first
        for name, first in states[0].items()
    }


def split_runs(state: Mapping[str, Tensor], runs: int) -> list[dict[str, Tensor]]:
    """States of networks of one run each: the inverse of `join_runs`.

    Counts of batches, which are of no use after training, are left out.
    """
    parts = {name: tensor.chunk(runs) for name, tensor in state.items() if tensor.ndim}
    return [{name: parts[name][run] for name in parts} for run in range(runs)]
