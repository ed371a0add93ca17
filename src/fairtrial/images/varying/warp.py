"""Flip, scale, shear, rotation and translation as one affine resampling.

Points are in normalised coordinates of a square picture: x to the right and y down, from -1 at
one outer edge to 1 at the other. A matrix maps a point of the picture to its place afterwards.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from fairtrial.images.parameters import Augment


def make_matrices(draws: torch.Tensor, ranges: Augment) -> torch.Tensor:
    """Affine maps from numbers in [0, 1]: 1 is the upper end of each range.

    Args:
        draws: (n, 7), for rotation, scale, shear, shift in x and in y, mirror in x and in y.
        ranges: the widths of the distributions.

    Returns:
        float32 (n, 2, 3), forward maps as `compose` makes them.
    """
    signed = draws * 2 - 1
    low, high = ranges.scale
    flips = torch.tensor([ranges.flip, ranges.flip_vertical])
    return compose(
        rotation=torch.deg2rad(signed[:, 0] * ranges.rotation_deg),
        scale=low + draws[:, 1] * (high - low),
        shear=torch.deg2rad(signed[:, 2] * ranges.shear_deg),
        # The side is 2 long in normalised coordinates.
        shift=signed[:, 3:5] * 2 * ranges.translation,
        mirror=(draws[:, 5:7] >= 0.5) & flips,
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
        mirror: (n, 2) bool, x to -x and y to -y.

    Returns:
        float32 (n, 2, 3): x' = A x + b.

    Source: Satoto et al., "Marine fish species classification using transfer learning and residual
        network", eq. 3, for the rotation.
    """
    cos, sin = torch.cos(rotation), torch.sin(rotation)
    zero, one = torch.zeros_like(cos), torch.ones_like(cos)
    turn = _matrix(cos, -sin, sin, cos)  # eq. 3
    lean = _matrix(one, torch.tan(shear), zero, one)
    sizes = torch.where(mirror, -scale[:, None], scale[:, None])  # (n, 2)
    grow = _matrix(sizes[:, 0], zero, zero, sizes[:, 1])
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
