"""How a training picture is varied: one warp, then its light; and each part of it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from fairtrial.images.parameters import Augment
from fairtrial.images.varying.light import Light, make_light, relight
from fairtrial.images.varying.warp import make_matrices, warp

_WARP, _LIGHT = 7, 3  # numbers drawn for a picture


@dataclass(frozen=True)
class Variation:
    """What happens to n pictures.

    Args:
        matrices: float32 (n, 2, 3), as `fairtrial.images.varying.warp.compose` makes them.
        light: none where the ranges leave the light alone.
    """

    matrices: torch.Tensor
    light: Light | None

    def apply(self, images: torch.Tensor) -> torch.Tensor:
        """Float (n, C, S, S) in [0, 1] -> the same, varied, on the pictures' device."""
        warped = warp(images, self.matrices)
        return warped if self.light is None else relight(warped, self.light)


def draw_variation(n: int, ranges: Augment, generator: torch.Generator) -> Variation:
    """Draw how n pictures are varied.

    Args:
        n: number of pictures.
        ranges: the widths of the distributions.
        generator: a generator on the CPU; its use does not depend on the ranges, so that studies
            with different ranges meet the same noise.
    """
    draws = torch.rand(n, _WARP + _LIGHT, generator=generator)
    seed = int(torch.randint(2**62, (), generator=generator))
    return _make(draws, ranges, seed)


def strongest(n: int, ranges: Augment) -> Variation:
    """Every part at the upper end of its range, for n pictures."""
    return _make(torch.ones(n, _WARP + _LIGHT), ranges, seed=0)


def vary(images: torch.Tensor, ranges: Augment, generator: torch.Generator) -> torch.Tensor:
    """Vary every picture at random: its warp in one resampling, then its light."""
    return draw_variation(len(images), ranges, generator).apply(images)


def parts(ranges: Augment) -> dict[str, Augment]:
    """Each part of a variation alone, in the order in which they follow each other.

    Returns:
        Name -> ranges that change this alone; without the parts that change nothing.
    """
    settings: dict[str, dict[str, Any]] = {
        "reflection": {"flip": ranges.flip, "flip_vertical": ranges.flip_vertical},
        "scaling": {"scale": ranges.scale},
        "shear": {"shear_deg": ranges.shear_deg},
        "rotation": {"rotation_deg": ranges.rotation_deg},
        "translation": {"translation": ranges.translation},
        "contrast": {"contrast": ranges.contrast},
        "brightness": {"brightness": ranges.brightness},
        "noise": {"noise": ranges.noise},
    }
    still = Augment(rotation_deg=0.0, scale=(1.0, 1.0), flip=False)
    alone = {name: still.model_copy(update=update) for name, update in settings.items()}
    return {name: part for name, part in alone.items() if part != still}


def describe(ranges: Augment) -> str:
    """The ranges in words, for captions."""
    low, high = ranges.scale
    said = {
        "reflection": {
            (True, False): "mirrored left to right half of the time",
            (False, True): "mirrored top to bottom half of the time",
            (True, True): "mirrored left to right, and top to bottom, half of the time each",
        }.get((ranges.flip, ranges.flip_vertical)),
        "scaling": f"scale {low:g} to {high:g}",
        "shear": f"shear within {ranges.shear_deg:g} degrees",
        "rotation": f"rotation within {ranges.rotation_deg:g} degrees",
        "translation": f"translation within {ranges.translation:.3g} of the side",
        "contrast": f"contrast within {ranges.contrast:.3g} of itself",
        "brightness": f"brightness within {ranges.brightness:.3g} of white",
        "noise": f"noise of up to {ranges.noise:.3g} of white",
    }
    return ", ".join(str(said[name]) for name in parts(ranges)) or "no change"


def _make(draws: torch.Tensor, ranges: Augment, seed: int) -> Variation:
    light = make_light(draws[:, _WARP:], ranges, seed) if ranges.changes_light else None
    return Variation(make_matrices(draws[:, :_WARP], ranges), light)
