"""What a training is fed with: batches of pictures or of cached features."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch.nn import functional

from fairtrial.core.records import Arrays
from fairtrial.images.parameters import Augment
from fairtrial.images.varying.variation import vary
from fairtrial.training.device import to_device

# Eight pictures of 224 px. Beyond that, the memory of large maps is fetched from the system and
# given back for each layer, which on the CPU costs more than the arithmetic.
_PIXELS_AT_ONCE = 8 * 224**2


class Feed(Protocol):
    """Batches by row of the pack.

    Attributes:
        batch: items at once where no gradient is kept.
    """

    batch: int

    def clean(self, rows: np.ndarray) -> torch.Tensor:
        """The items as they are."""
        ...

    def varied(self, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        """The items as a training sees them."""
        ...


class Pictures:
    """Pictures of a pack: float32 (B, C, side, side) in [0, 1] on the device.

    Args:
        pack: ``pixels`` uint8 (N, S, S, C).
        side: px, at most S; smaller pictures are averaged down.
        device: where batches go.
        ranges: random variations of every training batch; none for none.
        copies: bank of varied pixels, uint8 (N, k, S, S, C), of which (or of the original) a
            training takes one at random each time; none for none.
    """

    def __init__(
        self,
        pack: Arrays,
        side: int,
        device: torch.device,
        ranges: Augment | None = None,
        copies: Arrays | None = None,
    ) -> None:
        self.pixels, self.side, self.device, self.ranges = pack["pixels"], side, device, ranges
        self.copies = None if copies is None else copies["pixels"]
        self.batch = min(64, max(4, _PIXELS_AT_ONCE // side**2))

    def clean(self, rows: np.ndarray) -> torch.Tensor:
        """float32 (B, C, side, side)."""
        return self.convert(self.pixels[rows])

    def varied(self, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        """float32 (B, C, side, side), varied or taken from the bank."""
        if self.copies is not None:
            versions = draw_versions(len(rows), self.copies.shape[1], generator)
            chosen = [
                self.copies[row, version - 1] if version else self.pixels[row]
                for row, version in zip(rows, versions, strict=True)
            ]
            return self.convert(np.stack(chosen))
        images = self.clean(rows)
        if self.ranges is None:
            return images
        return vary(images, self.ranges, generator)

    def convert(self, pixels: np.ndarray) -> torch.Tensor:
        """uint8 (B, S, S, C) -> float32 (B, C, side, side) in [0, 1]."""
        images = to_device(pixels, self.device).permute(0, 3, 1, 2).float() / 255
        if self.side != images.shape[-1]:
            images = functional.interpolate(
                images, size=(self.side, self.side), mode="bilinear", antialias=True
            )
        return images.contiguous()


class Features:
    """Cached features of a frozen base: float32 (B, F).

    Args:
        bank: ``features`` float32 (N, 1 + k, F); version 0 is the original.
        device: where batches go.
    """

    def __init__(self, bank: Arrays, device: torch.device) -> None:
        self.features, self.device, self.batch = bank["features"], device, 1024

    def clean(self, rows: np.ndarray) -> torch.Tensor:
        """Features of the originals."""
        return self._tensor(self.features[rows, 0])

    def varied(self, rows: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        """Features of one version of each item, drawn at random."""
        versions = draw_versions(len(rows), self.features.shape[1] - 1, generator)
        return self._tensor(self.features[rows, versions])

    def all_versions(self, rows: np.ndarray) -> torch.Tensor:
        """Features of every version of the items, float32 (B (1 + k), F)."""
        return self._tensor(self.features[rows].reshape(-1, self.features.shape[2]))

    def _tensor(self, features: np.ndarray) -> torch.Tensor:
        return to_device(features, self.device)


def draw_versions(n: int, copies: int, generator: torch.Generator) -> np.ndarray:
    """int64 (n,): 0 for the original, 1 to ``copies`` for a copy, all equally likely."""
    return torch.randint(0, copies + 1, (n,), generator=generator).numpy()
