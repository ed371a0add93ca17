"""Contrast, brightness and noise of pictures in [0, 1], after they are warped."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from fairtrial.images.parameters import Augment


@dataclass(frozen=True)
class Light:
    """What happens to the light of n pictures.

    Args:
        contrast: (n,) factor of the distance from the picture's mean.
        brightness: (n,) added to every pixel.
        noise: (n,) standard deviation of Gaussian noise.
        seed: of the noise.
    """

    contrast: torch.Tensor
    brightness: torch.Tensor
    noise: torch.Tensor
    seed: int


def make_light(draws: torch.Tensor, ranges: Augment, seed: int) -> Light:
    """Light from numbers in [0, 1]: 0.5 changes nothing but the noise, 1 is the upper end.

    Args:
        draws: (n, 3), for contrast, brightness and noise.
        ranges: the widths of the distributions.
        seed: of the noise.
    """
    signed = draws * 2 - 1
    return Light(
        contrast=1 + signed[:, 0] * ranges.contrast,
        brightness=signed[:, 1] * ranges.brightness,
        noise=draws[:, 2] * ranges.noise,
        seed=seed,
    )


def relight(images: torch.Tensor, light: Light) -> torch.Tensor:
    """Change contrast, then brightness, then add noise, then cut off at black and white.

    Args:
        images: float (n, C, S, S) in [0, 1].
        light: of each.

    Returns:
        float (n, C, S, S) in [0, 1] on the pictures' device, where the noise is drawn too.
    """

    def each(values: torch.Tensor) -> torch.Tensor:
        return values.to(images.device, images.dtype)[:, None, None, None]

    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    changed = mean + (images - mean) * each(light.contrast) + each(light.brightness)
    if bool(light.noise.any()):
        generator = torch.Generator(images.device).manual_seed(light.seed)
        noise = torch.randn(
            images.shape, generator=generator, device=images.device, dtype=images.dtype
        )
        changed = changed + noise * each(light.noise)
    return changed.clamp(0, 1)
