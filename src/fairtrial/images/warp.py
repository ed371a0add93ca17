"""Flip, scale, shear, rotation and translation as one affine resampling.

Points are in normalised coordinates of a square picture: x to the right and y down, from -1 at
one outer edge to 1 at the other. A matrix maps a point of the picture to its place afterwards.
"""

from __future__ import annotations

import math

import torch
from torch.nn import functional

from fairtrial.images.parameters import Augment


def draw_matrices(n: int, ranges: Augment, generator: torch.Generator) -> torch.Tensor:
    """Draw one random affine map a picture.

    Args:
        n: number of pictures.
        ranges: the widths of the uniform distributions.
        generator: a generator on the CPU; its use does not depend on the ranges, so that studies
            with different ranges meet the same noise.

    Returns:
        float32 (n, 2, 3), forward maps as `compose` makes them.
    """
    noise = torch.rand(n, 6, generator=generator)
    signed = noise * 2 - 1
    low, high = ranges.scale
    return compose(
        rotation=torch.deg2rad(signed[:, 0] * ranges.rotation_deg),
        scale=low + noise[:, 1] * (high - low),
        shear=torch.deg2rad(signed[:, 2] * ranges.shear_deg),
        # The side is 2 long in normalised coordinates.
        shift=signed[:, 3:5] * 2 * ranges.translation,
        mirror=(noise[:, 5] < 0.5) & ranges.flip,
    )


def compose(
    rotation: torch.Tensor,
    scale: torch.Tensor,
    shear: torch.Tensor,
    shift: torch.Tensor,
    mirror: torch.Tensor,
) -> torch.Tensor:
    """Compose mirror, scale, shear, rotation and shift, in this order, about the centre.

    Args:
        rotation: (n,) radians, from x towards y (clockwise on the screen).
        scale: (n,) magnification.
        shear: (n,) radians; x moves by ``tan(shear) * y``.
        shift: (n, 2) in x and y, normalised coordinates.
        mirror: (n,) bool, x to -x.

    Returns:
        float32 (n, 2, 3): x' = A x + b.

    Source: Satoto et al., "Marine fish species classification using transfer learning and residual
        network", eq. 3, for the rotation.
    """
    cos, sin = torch.cos(rotation), torch.sin(rotation)
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    turn = _matrix(cos, -sin, sin, cos)  # eq. 3
    lean = _matrix(one, torch.tan(shear), zero, one)
    grow = _matrix(scale * torch.where(mirror, -one, one), zero, zero, scale)
    return torch.cat([turn @ lean @ grow, shift[:, :, None]], dim=2)


def _matrix(a: torch.Tensor, b: torch.Tensor, c: torch.Tensor, d: torch.Tensor) -> torch.Tensor:
    return torch.stack([torch.stack([a, b], 1), torch.stack([c, d], 1)], 1)  # (n, 2, 2)


def warp(images: torch.Tensor, matrices: torch.Tensor) -> torch.Tensor:
    """Resample pictures once, bilinearly; what comes in from outside mirrors the inside.

    Args:
        images: float (B, C, S, S).
        matrices: float (B, 2, 3), forward maps.

    Returns:
        float (B, C, S, S) on the pictures' device.
    """
    matrices = matrices.to(images.device, images.dtype)
    # The sampler asks for each place of the result where it comes from: x = A^-1 (x' - b).
    inverse = torch.linalg.inv(matrices[:, :, :2])
    origin = -inverse @ matrices[:, :, 2:]
    grid = functional.affine_grid(
        torch.cat([inverse, origin], dim=2), list(images.shape), align_corners=False
    )
    return functional.grid_sample(
        images, grid, mode="bilinear", padding_mode="reflection", align_corners=False
    )


def describe(ranges: Augment) -> str:
    """One sentence on the ranges, for captions."""
    parts = [
        f"rotation within {ranges.rotation_deg:g} degrees",
        f"scale {ranges.scale[0]:g} to {ranges.scale[1]:g}",
        f"shear within {ranges.shear_deg:g} degrees",
        f"translation within {math.floor(ranges.translation * 1000) / 10:g} % of the side",
        "mirrored left to right half of the time" if ranges.flip else "never mirrored",
    ]
    return ", ".join(parts)
