"""Where the body is in a picture, so that heat on it can be told from heat beside it."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from fairtrial.images.parameters.evaluate import Body

# A component outside these shares of a picture is no body: a speck, or all of it.
_SMALLEST, _LARGEST = 0.02, 0.95

# Radius of the disc that closes gaps: at 224 px nine, about the width of a rib.
_RADII_PER_SIDE = 24


def body_region(picture: np.ndarray, body: Body) -> np.ndarray | None:
    """The largest connected part on one side of Otsu's threshold, its gaps closed, holes filled.

    Lungs are holes of a chest, fins are not of a fish: a documented rule that anyone can repeat,
    and no segmentation that a clinic could use.

    Args:
        picture: uint8 (S, S, C).
        body: what the body is beside what is around it; warmer, of RGB, is more red than blue.

    Returns:
        bool (S, S); none where the part is less than 2 % or more than 95 % of the picture.
    """
    if body == "warmer":
        seen = (picture[:, :, 0].astype(float) - picture[:, :, 2] + 255) / 2
    else:
        seen = picture.mean(2)
    levels = seen.astype(np.uint8)
    threshold = otsu_threshold(levels)
    side = levels <= threshold if body == "darker" else levels > threshold
    parts, count = ndimage.label(side)
    if count == 0:
        return None
    sizes = np.bincount(parts.ravel())[1:]
    region: np.ndarray = ndimage.binary_fill_holes(_closed(parts == 1 + sizes.argmax()))
    return region if _SMALLEST <= region.mean() <= _LARGEST else None


def _closed(part: np.ndarray) -> np.ndarray:
    """Narrow gaps closed, up to a twelfth of the side: bool (S, S)."""
    radius = max(1, len(part) // _RADII_PER_SIDE)
    rows, columns = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disc = rows**2 + columns**2 <= radius**2
    # Beyond the edge the picture goes on as it ends, so that closing takes nothing off there.
    padded = np.pad(part, radius, mode="edge")
    closed: np.ndarray = ndimage.binary_closing(padded, disc)
    return closed[radius:-radius, radius:-radius]


def otsu_threshold(levels: np.ndarray) -> int:
    """The level that parts two classes of pixels farthest: pixels above it are the brighter.

    Args:
        levels: uint8, any shape.

    Source: Otsu (1979), IEEE Trans. Syst. Man Cybern. 9, 62-66, eq. 14, over 256 levels.
    """
    share = np.bincount(levels.ravel(), minlength=256) / levels.size
    below = np.cumsum(share)
    mean = np.cumsum(share * np.arange(256))
    spread = (mean[-1] * below - mean) ** 2
    within = below * (1 - below)
    between = np.divide(spread, within, out=np.zeros(256), where=within > 1e-12)
    return int(between.argmax())


def heat_share(heat: np.ndarray, region: np.ndarray) -> float | None:
    """Share of the heat within a region, in [0, 1]; none where there is no heat.

    Args:
        heat: float (S, S), none negative.
        region: bool (S, S).
    """
    total = float(heat.sum())
    return float(heat[region].sum()) / total if total > 0 else None
