"""The paper's generative adversarial network on bars of 48 x 64, at its width or a smaller one.

Source: Bitaraes, Guimaraes, Coelho, section 5, figures 8 and 9; sizes and rates, which the paper
leaves open, are those of its published programme.
"""

from __future__ import annotations

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
    """Noise (B, 100) to bars (B, 48, 64) in -1..1.

    Args:
        width: channels as a share of the paper's; 1 gives 6,039,488 parameters.
        norm_momentum: weight of a batch in the running statistics of batch normalisation.
    """

    def __init__(self, width: float = 1.0, norm_momentum: float = 0.01) -> None:
        super().__init__()
        first, second, third = (scaled(channels, width) for channels in _GENERATOR_CHANNELS)
        self.channels = first
        size = first * _ROWS * _COLUMNS
        self.dense = nn.Linear(NOISE, size, bias=False)
        self.dense_norm = nn.BatchNorm1d(size, _NORM_EPSILON, norm_momentum)
        self.up1 = nn.ConvTranspose2d(first, second, 5, 1, padding=2, bias=False)
        self.norm1 = nn.BatchNorm2d(second, _NORM_EPSILON, norm_momentum)
        self.up2 = nn.ConvTranspose2d(second, third, 5, 2, padding=2, output_padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(third, _NORM_EPSILON, norm_momentum)
        self.up3 = nn.ConvTranspose2d(third, 1, 5, 2, padding=2, output_padding=1, bias=False)

    def forward(self, noise: Tensor) -> Tensor:
        """Bars float32 (B, 48, 64) from noise float32 (B, 100)."""
        x = functional.leaky_relu(self.dense_norm(self.dense(noise)), _SLOPE)
        x = x.view(-1, self.channels, _ROWS, _COLUMNS)  # (B, 256, 12, 16)
        x = functional.leaky_relu(self.norm1(self.up1(x)), _SLOPE)  # (B, 128, 12, 16)
        # Activation before normalisation only here, as the authors' programme has it.
        x = self.norm2(functional.leaky_relu(self.up2(x), _SLOPE))  # (B, 64, 24, 32)
        return torch.tanh(self.up3(x)).squeeze(1)  # (B, 48, 64)


class Discriminator(nn.Module):
    """Bars (B, 48, 64) to logits (B,): above 0 the bar is taken for a real one.

    Args:
        width: channels as a share of the paper's; 1 gives 231,169 parameters.
        dropout: share of activations dropped in training.
    """

    def __init__(self, width: float = 1.0, dropout: float = 0.3) -> None:
        super().__init__()
        first, second = (scaled(channels, width) for channels in _DISCRIMINATOR_CHANNELS)
        self.dropout = dropout
        self.down1 = nn.Conv2d(1, first, 5, 2, padding=2)
        self.down2 = nn.Conv2d(first, second, 5, 2, padding=2)
        self.judge = nn.Linear(second * _ROWS * _COLUMNS, 1)

    def forward(self, bars: Tensor, generator: torch.Generator) -> Tensor:
        """Logits float32 (B,) of bars float32 (B, 48, 64); ``generator`` draws the dropout."""
        x = functional.leaky_relu(self.down1(bars.unsqueeze(1)), _SLOPE)  # (B, 64, 24, 32)
        x = functional.leaky_relu(self.down2(self._drop(x, generator)), _SLOPE)  # (B, 128, 12, 16)
        logits: Tensor = self.judge(self._drop(x, generator).flatten(1))
        return logits.squeeze(1)

    def _drop(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """Dropout with a generator of its own; torch's layer takes none."""
        if not self.training or self.dropout == 0:
            return x
        kept = torch.rand(x.shape, generator=generator, device=x.device) >= self.dropout
        return x * kept / (1 - self.dropout)


def draw_weights(module: nn.Module, generator: torch.Generator) -> None:
    """Set initial weights: Glorot uniform, biases 0, normalisation 1 and 0.

    Args:
        module: a generator or discriminator on the CPU.
        generator: on the CPU; draws the weights.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
