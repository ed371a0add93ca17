"""Pictures as brightness on rings about their centre, where turning and mirroring are shifts.

Turning a picture by any angle shifts its rings along the angle; mirroring runs through them
backwards. So the largest correlation over all shifts and both directions is the likeness of two
pictures, whichever way up they lie, and the magnitudes of the rings' Fourier coefficients, which
neither changes, bound it from above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from fairtrial.core.mapped import forget_pages

# Side of the grey picture under the rings, px; rings reach almost to its edge.
_SIDE = 64
_RINGS = 20
_ANGLES = 128
_REACH = 0.97
# Blurs in px of that side: coarse shows what lies where; fine has the outlines, without what
# differs between recompressed and rescaled copies and without what all scenes of a series share.
_COARSE = 1.0
_FINE = (0.7, 3.0)
# Harmonics that stand one by one in a signature; the higher ones count together.
_HARMONICS = 16
_BATCH = 128

_GREY = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Rings:
    """Rings of pictures, each of mean 0 and length 1 (0 where a picture is of one shade).

    Attributes:
        coarse: float16 (N, rings, angles), blurred brightness.
        fine: float16 (N, rings, angles), outlines.
    """

    coarse: np.ndarray
    fine: np.ndarray

    def signatures(self) -> np.ndarray:
        """Vectors whose scalar product is at least the likeness of the coarse rings.

        By Cauchy and Schwarz, coefficient by coefficient, and for the high ones together: a pair
        whose product is below a threshold cannot pass it in `likeness`.

        Returns:
            float32 (N, rings * (harmonics + 1)).
        """
        parts = []
        for start in range(0, len(self.coarse), _BATCH):
            rings = self.coarse[start : start + _BATCH].astype(np.float32)
            found = np.fft.rfft(rings, axis=2) / np.sqrt(_ANGLES)
            # Both halves of the spectrum of a real ring; its mean has a sign that nothing turns.
            size = np.abs(found) * np.sqrt(2)
            size[:, :, 0] = found[:, :, 0].real
            size[:, :, -1] /= np.sqrt(2)
            high = np.sqrt((size[:, :, _HARMONICS:] ** 2).sum(2, keepdims=True))
            low = size[:, :, :_HARMONICS]
            parts.append(np.concatenate([low, high], axis=2).reshape(len(rings), -1))
        return np.concatenate(parts).astype(np.float32)


def find_rings(pixels: np.ndarray, aspect_ratios: np.ndarray) -> Rings:
    """Rings of pictures that are stored as squares.

    Args:
        pixels: uint8 (N, S, S, C); read in batches.
        aspect_ratios: float (N,), width by height at which each is looked at.
    """
    n = len(pixels)
    coarse = np.empty((n, _RINGS, _ANGLES), np.float16)
    fine = np.empty_like(coarse)
    for start in range(0, n, _BATCH):
        rows = slice(start, min(start + _BATCH, n))
        grey = np.stack([_grey(picture) for picture in pixels[rows]])
        blurred = [gaussian_filter(grey, (0, sigma, sigma)) for sigma in (_COARSE, *_FINE)]
        places = _places(aspect_ratios[rows])
        coarse[rows] = _normal(_sample(blurred[0], places))
        fine[rows] = _normal(_sample(blurred[1] - blurred[2], places))
        forget_pages(pixels)
    return Rings(coarse, fine)


def likeness(rings: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Largest correlation of pairs of pictures over all turns and mirrorings.

    Args:
        rings: coarse or fine ones, (N, rings, angles).
        a: int (P,), first picture of each pair.
        b: int (P,), second one.

    Returns:
        float32 (P,) in [-1, 1].
    """
    found = [np.empty(0, np.float32)]
    for start in range(0, len(a), _BATCH):
        part = slice(start, start + _BATCH)
        one = np.fft.rfft(rings[a[part]].astype(np.float32), axis=2)
        other = np.fft.rfft(rings[b[part]].astype(np.float32), axis=2)
        both = [(one.conj() * view).sum(1) for view in (other, other.conj())]
        best = [np.fft.irfft(product, n=rings.shape[2], axis=1).max(1) for product in both]
        found.append(np.maximum(*best).astype(np.float32))
    return np.concatenate(found)


def _grey(picture: np.ndarray) -> np.ndarray:
    """uint8 (S, S, C) -> float32 (side, side) in [0, 255]."""
    grey = picture[:, :, 0] if picture.shape[2] == 1 else (picture @ _GREY).astype(np.uint8)
    small = Image.fromarray(grey).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32)


def _places(aspect_ratios: np.ndarray) -> np.ndarray:
    """Row and column of every ring's points in the square, float32 (n, 2, rings, angles).

    The outer ring just fits into the shorter side.
    """
    radius = (np.arange(_RINGS) + 0.5) / _RINGS * _REACH
    angle = np.arange(_ANGLES) * 2 * np.pi / _ANGLES
    circle = np.stack([np.outer(radius, np.sin(angle)), np.outer(radius, np.cos(angle))])
    ratio = aspect_ratios[:, None, None]
    # A wide picture, squashed to a square, has its circles squeezed in width.
    squeeze = np.stack([np.minimum(ratio, 1), 1 / np.maximum(ratio, 1)], axis=1)
    places: np.ndarray = ((circle * squeeze + 1) / 2 * _SIDE - 0.5).astype(np.float32)
    return places


def _sample(grey: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Bilinear samples (n, rings, angles) of pictures (n, side, side)."""
    n = len(grey)
    flat = grey.reshape(n, -1)
    corner = np.clip(np.floor(places), 0, _SIDE - 2).astype(np.int64)
    y, x = np.moveaxis(np.clip(places - corner, 0, 1), 1, 0)
    index = corner[:, 0] * _SIDE + corner[:, 1]

    def at(step: int) -> np.ndarray:
        found = np.take_along_axis(flat, (index + step).reshape(n, -1), axis=1)
        return found.reshape(index.shape)

    top = at(0) * (1 - x) + at(1) * x
    bottom = at(_SIDE) * (1 - x) + at(_SIDE + 1) * x
    sampled: np.ndarray = top * (1 - y) + bottom * y
    return sampled


def _normal(samples: np.ndarray) -> np.ndarray:
    """Samples of mean 0 and length 1, each ring weighted by the area that it stands for."""
    area = (np.arange(_RINGS) + 0.5)[:, None]
    mean = (samples * area).sum((1, 2), keepdims=True) / (area.sum() * _ANGLES)
    centred = (samples - mean) * np.sqrt(area)
    length = np.sqrt((centred**2).sum((1, 2), keepdims=True))
    # Of one shade but for rounding: nothing to compare.
    return np.where(length > 1e-2 * _ANGLES, centred / np.maximum(length, 1e-9), 0)
