"""Chest phantoms: two dark lungs, ribs, spine and heart, with or without hazy patches."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def draw_chest(ill: bool, views: int, side: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw one patient.

    Both classes are equally bright on average: a healthy lung may be hazy all over, an ill one has
    patches, mostly low and outside. Only their texture and place tell the classes apart.

    Args:
        ill: whether there are patches.
        views: pictures of the patient, each placed and exposed anew.
        side: px.
        rng: generator.

    Returns:
        uint8 (side, side) each.
    """
    body = _Body(rng)
    return [_expose(body.draw(ill, side, rng), side, rng) for _ in range(views)]


class _Body:
    """What stays the same between the views of a patient. Lengths are shares of the side."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.width = rng.uniform(0.15, 0.19)
        self.height = rng.uniform(0.27, 0.34)
        self.apart = rng.uniform(0.19, 0.23)
        self.ribs = rng.uniform(7.0, 9.5)
        self.heart = rng.uniform(0.09, 0.14)
        self.haze = rng.uniform(0.0, 0.3)
        self.patches = [
            (rng.choice([-1, 1]), rng.uniform(-0.8, 0.9), rng.uniform(0.0, 0.9))
            for _ in range(rng.integers(5, 9))
        ]
        self.sizes = rng.uniform(0.045, 0.08, len(self.patches))
        self.strengths = rng.uniform(0.4, 0.6, len(self.patches))

    def draw(self, ill: bool, side: int, rng: np.random.Generator) -> np.ndarray:
        """float64 (side, side), bone bright, air dark, 0-1."""
        y, x = (np.mgrid[:side, :side] + 0.5) / side - 0.5  # the origin is the centre
        x = x - rng.uniform(-0.04, 0.04)
        y = y - rng.uniform(-0.04, 0.04)
        lean = np.deg2rad(rng.uniform(-6, 6))
        x, y = np.cos(lean) * x - np.sin(lean) * y, np.sin(lean) * x + np.cos(lean) * y
        picture = 0.62 * _soft(1 - np.hypot(x / 0.47, y / 0.62), 0.08)
        lungs = np.zeros_like(x)
        for sign in (-1, 1):
            u = (x - sign * self.apart) / self.width
            v = y / self.height
            lungs = np.maximum(lungs, _soft(1 - np.hypot(u * (1 + 0.25 * v), v), 0.15))
        picture -= 0.45 * lungs
        ribs = np.sin(2 * np.pi * self.ribs * (y - 0.8 * x**2))
        picture += 0.04 * ribs * _soft(1 - np.abs(x) / 0.42, 0.1)
        picture += 0.22 * _soft(1 - np.abs(x) / 0.05, 0.3)
        picture += 0.25 * _soft(1 - np.hypot((x - 0.06) / self.heart, (y - 0.12) / 0.15), 0.3)
        vessels = ndimage.gaussian_filter(rng.standard_normal(x.shape), side / 40)
        picture += 0.03 * lungs * vessels / vessels.std()
        if ill:
            picture += lungs * self._patches(x, y)
        else:
            picture += lungs * self.haze
        return picture

    def _patches(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        hazy = np.zeros_like(x)
        for (sign, low, outside), size, strength in zip(
            self.patches, self.sizes, self.strengths, strict=True
        ):
            centre_x = sign * (self.apart + (outside - 0.4) * self.width)
            centre_y = low * self.height * 0.8
            distance = np.hypot(x - centre_x, y - centre_y) / size
            hazy += strength * np.exp(-(distance**2))
        return hazy


def _soft(inside: np.ndarray, width: float) -> np.ndarray:
    """0 outside, 1 inside, with a smooth edge."""
    return np.clip(inside / width, 0, 1)


def _expose(picture: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Blur, noise, contrast and brightness of one exposure."""
    picture = ndimage.gaussian_filter(picture, side / 160)
    picture = picture + 0.03 * rng.standard_normal(picture.shape)
    picture = rng.uniform(0.8, 1.1) * picture + rng.uniform(0.0, 0.15)
    return np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
