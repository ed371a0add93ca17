"""The modules of our residual network."""

from __future__ import annotations

import torch
from torch import nn

WIDTHS = (32, 64, 128, 256)


def _convolution(inputs: int, outputs: int, size: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)


class BasicBlock(nn.Module):
    """Two convolutions around a skip connection: (B, inputs, S, S) -> (B, outputs, T, T).

    Source: He et al., "Deep residual learning for image recognition", fig. 2.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(inputs, outputs, 3, stride)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = _convolution(outputs, outputs, 3, 1)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.skip: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.skip = nn.Sequential(
                _convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)
            )
        # Last gamma 0: every block starts as its skip connection, which eases short training.
        nn.init.zeros_(self.norm2.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return torch.relu(y + self.skip(x))


class ResidualBase(nn.Module):
    """The layer table of `fairtrial.images.networks.residual`: float32 (B, 3, S, S) -> (B, 256)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_convolution(3, 32, 3, 2), nn.BatchNorm2d(32), nn.ReLU())
        blocks, inputs = [], 32
        for stage, width in enumerate(WIDTHS):
            blocks += [BasicBlock(inputs, width, 1 if stage == 0 else 2)]
            blocks += [BasicBlock(width, width, 1)]
            inputs = width
        self.stages = nn.Sequential(*blocks)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        maps: torch.Tensor = self.stages(self.stem(x))
        return maps.mean(dim=(2, 3))
