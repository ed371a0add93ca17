"""Fish shapes: species that differ by outline, fins and pattern, in any colour on any ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Species:
    """What makes a species.

    Args:
        depth: half depth of the body, share of its half length.
        fork: depth of the tail's fork, 0 for a straight edge.
        fin: height of the fin on the back, share of the half length.
        pattern: plain, bars, lines, spots or saddle.
        bands: number of bars, lines or rows of spots.
    """

    depth: float
    fork: float
    fin: float
    pattern: str
    bands: float = 0.0


SPECIES = {
    "banded_perch": Species(0.38, 0.1, 0.16, "bars", 4),
    "disc_bream": Species(0.58, 0.3, 0.10, "plain"),
    "dotted_trout": Species(0.32, 0.1, 0.08, "spots", 4),
    "lined_mackerel": Species(0.28, 0.5, 0.06, "lines", 3),
    "saddle_grouper": Species(0.45, 0.0, 0.16, "saddle"),
}

# Copies of a photo are turned by up to this much either way, and half of them face the other way.
_TURN_DEG = 30


def draw_fish(name: str, copies: int, side: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw one photo of a species and turned, mirrored copies of it.

    Args:
        name: key of `SPECIES`.
        copies: pictures of the photo.
        side: px.
        rng: generator.

    Returns:
        uint8 (side, side, 3) each.
    """
    species = SPECIES[name]
    jitter = rng.uniform(0.9, 1.1, 2)
    # Nearly grey: a colour of its own would let a network know each photo by heart.
    skin, ground = rng.uniform(0.2, 0.9, (2, 1)) + rng.uniform(-0.06, 0.06, (2, 3))
    ink = rng.uniform(0.2, 0.9, 3)
    # The ink is set off from the skin by lightness, whichever way there is room.
    light = skin.mean() > 0.5
    ink = np.clip(0.5 * ink + 0.5 * skin + (-0.35 if light else 0.35), 0, 1)
    phase, size = rng.uniform(0, 1), rng.uniform(0.40, 0.46)
    pictures = []
    for _ in range(copies):
        angle = np.deg2rad(rng.uniform(-_TURN_DEG, _TURN_DEG)) + np.pi * rng.integers(2)
        along, across = _coordinates(side, angle, rng.choice([-1, 1]), size)
        inside, marks = _shape(species, jitter, along, across, phase)
        cloud = ndimage.gaussian_filter(rng.standard_normal((side, side)), side / 12)
        picture = ground + 0.05 * (cloud / cloud.std())[:, :, None]
        shade = (0.85 - 0.25 * across / 0.6)[:, :, None]
        fish = (skin * (1 - marks[:, :, None]) + ink * marks[:, :, None]) * shade
        picture = picture * (1 - inside[:, :, None]) + fish * inside[:, :, None]
        picture = picture + 0.03 * rng.standard_normal(picture.shape)
        pictures.append(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    return pictures


def _coordinates(
    side: int, angle: float, mirror: int, size: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along (head at 1, tail root at -1) and across (belly > 0) the fish."""
    y, x = ((np.mgrid[:side, :side] + 0.5) / side - 0.5) / size
    along = np.cos(angle) * x + np.sin(angle) * y
    across = -np.sin(angle) * x + np.cos(angle) * y
    return along * 0.95 - 0.1, across * mirror


def _shape(
    species: Species,
    jitter: np.ndarray,
    along: np.ndarray,
    across: np.ndarray,
    phase: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Masks in [0, 1]: the whole fish, and its marks."""
    half = species.depth * jitter[0] * np.sqrt(np.clip(1 - along**2, 0, 1))
    half = half * (1 + 0.25 * along)  # the head is fuller than the tail
    body = _edge(half - np.abs(across)) * (np.abs(along) < 1)
    tail_at = np.clip((-0.85 - along) / 0.4, 0, 1)
    reach = 0.4 * (1 - species.fork * (1 - np.abs(across) / (0.1 + 0.35 * tail_at)))
    tail = (along < -0.8) * (-0.85 - along < reach) * _edge(0.08 + 0.3 * tail_at - np.abs(across))
    back = half + species.fin * jitter[1] * np.clip(1 - (along / 0.6) ** 2, 0, 1)
    fin = _edge(back + across) * (across < 0) * (np.abs(along) < 0.6)
    eye = np.hypot(along - 0.72, across + 0.05) < 0.07
    marks = body * _marks(species, along, across / np.maximum(half, 1e-3), phase)
    return np.clip(np.maximum.reduce([body, tail, fin]), 0, 1), np.maximum(marks, eye * body)


def _marks(species: Species, along: np.ndarray, level: np.ndarray, phase: float) -> np.ndarray:
    """Pattern in [0, 1]; ``level`` goes from -1 at the back to 1 at the belly."""
    bars = np.sin(np.pi * species.bands * (along + phase))
    marked: np.ndarray = np.zeros(along.shape, dtype=bool)
    if species.pattern == "bars":
        marked = bars > 0.1
    elif species.pattern == "lines":
        marked = (np.sin(np.pi * species.bands * level) > 0.1) & (np.abs(level) < 0.95)
    elif species.pattern == "spots":
        marked = (bars > 0.3) & (np.sin(np.pi * 2 * (level + phase)) > 0.3)
    elif species.pattern == "saddle":
        marked = (np.abs(along - 0.1) < 0.3) & (level < 0.1)
    return marked.astype(np.float64)


def _edge(distance: np.ndarray) -> np.ndarray:
    return np.clip(distance / 0.03, 0, 1)
