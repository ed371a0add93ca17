"""Embedded sample sets: pictures drawn by our own code, as files of a folder a class.

They are made so that a network can learn them in minutes and a table of mean colours cannot:
brightness, contrast, position and background vary alike in all classes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Files
from fairtrial.images.samples.chest import draw_chest
from fairtrial.images.samples.fish import SPECIES, draw_fish

# A drawn set: (label, file stem, group, source, uint8 picture) one after the other.
Drawn = Iterator[tuple[str, str, str, str, np.ndarray]]


def draw_samples(name: str, pictures: int, side: int, seed: np.random.Generator) -> Files:
    """Draw a sample set.

    Args:
        name: ``chest_phantoms`` or ``fish_shapes``.
        pictures: about how many in all; every class gets the same number of groups.
        side: px.
        seed: generator of the study's stream.

    Returns:
        ``LABEL/STEM.png`` -> PNG, and ``metadata.csv`` (file, label, group, source).

    Raises:
        ConfigError: no such set.
    """
    sets: dict[str, Callable[[int, int, np.random.Generator], Drawn]] = {
        "chest_phantoms": _chest_phantoms,
        "fish_shapes": _fish_shapes,
    }
    if name not in sets:
        raise ConfigError("samples", f"one of {', '.join(sets)}", repr(name), "Name one of them.")
    files: Files = {}
    lines = ["file,label,group,source"]
    for label, stem, group, source, pixels in sets[name](pictures, side, seed):
        path = f"{label}/{stem}.png"
        files[path] = _png(pixels)
        lines.append(f"{path},{label},{group},{source}")
    files["metadata.csv"] = ("\n".join(lines) + "\n").encode()
    return files


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def _chest_phantoms(pictures: int, side: int, rng: np.random.Generator) -> Drawn:
    """Two views of every patient, who is a group; both classes come from both sources."""
    patients = max(1, pictures // 4)
    for label in ("covid", "normal"):
        for patient in range(patients):
            group, source = f"{label}_p{patient:03d}", f"clinic_{'ab'[patient % 2]}"
            views = draw_chest(label == "covid", 2, side, rng)
            for view, pixels in enumerate(views):
                yield label, f"p{patient:03d}_view_{view}", group, source, pixels


def _fish_shapes(pictures: int, side: int, rng: np.random.Generator) -> Drawn:
    """Two turned or mirrored copies of every photo, which is a group."""
    photos = max(1, round(pictures / (2 * len(SPECIES))))
    for label in SPECIES:
        for photo in range(photos):
            group = f"{label}_g{photo:02d}"
            for copy, pixels in enumerate(draw_fish(label, 2, side, rng)):
                yield label, f"g{photo:02d}_copy_{copy}", group, "drawn", pixels
