"""What each probe sees of a picture, as a few numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PIL import Image

from fairtrial.core.records import Arrays

# Cells along a side of a small picture; a cell at the edge still shows a mark of a few pixels.
GRID = 16
_FRAME = 1
_MASK = 12

# Levels of each channel in a histogram: 64 colours or 16 shades of grey.
_LEVELS = {1: 16, 3: 4}


def trivial_features(pack: Arrays, manifest: pd.DataFrame) -> np.ndarray:
    """Aspect ratio of the original, mean, contrast (95th less 5th percentile), colour histogram.

    Args:
        pack: the pictures.
        manifest: their aspect ratios.

    Returns:
        float64 (N, 3 + cells of the histogram) in the order of the pack; grey levels 0-255.
    """
    ratios = manifest.set_index("item_id")["aspect_ratio"]
    rows = []
    for item, pixels in zip(pack.description["items"], pack["pixels"], strict=True):
        low, high = np.percentile(pixels, (5, 95))
        rows.append([ratios[item], pixels.mean(), high - low])
    return np.hstack([np.array(rows), colour_shares(pack)])


def colour_shares(pack: Arrays) -> np.ndarray:
    """Share of each picture's pixels in each of 64 colours, or of 16 shades of grey.

    Returns:
        float64 (N, 64 or 16) in the order of the pack; rows sum to 1.
    """
    return np.stack([_histogram(pixels) for pixels in pack["pixels"]])


def _histogram(pixels: np.ndarray) -> np.ndarray:
    """Share of the pixels uint8 (S, S, C) in each cell of colour."""
    channels = pixels.shape[2]
    levels = _LEVELS[channels]
    cells = (pixels // (256 // levels)).reshape(-1, channels) @ levels ** np.arange(channels)
    share: np.ndarray = np.bincount(cells, minlength=levels**channels) / len(cells)
    return share


def small_pictures(pack: Arrays) -> np.ndarray:
    """Every picture as means over a grid: uint8 (N, GRID, GRID, C) in the order of the pack."""
    return np.stack([_shrink(pixels) for pixels in pack["pixels"]])


def _shrink(pixels: np.ndarray) -> np.ndarray:
    """Mean over the cells of a picture uint8 (S, S, C)."""
    channels = [
        Image.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize(
            (GRID, GRID), Image.Resampling.BOX
        )
        for channel in range(pixels.shape[2])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)


def whole(small: np.ndarray) -> np.ndarray:
    """All cells (N, GRID, GRID, C) in a row: (N, GRID * GRID * C)."""
    return small.reshape(len(small), -1)


def border(small: np.ndarray) -> np.ndarray:
    """The cells of the frame, in a row."""
    return small[:, _outside(_FRAME)].reshape(len(small), -1)


def surroundings(small: np.ndarray) -> np.ndarray:
    """The cells around the masked middle, in a row."""
    return small[:, _outside((GRID - _MASK) // 2)].reshape(len(small), -1)


def _outside(width: int) -> np.ndarray:
    """bool (GRID, GRID): the frame of so many cells."""
    mask = np.ones((GRID, GRID), bool)
    mask[width:-width, width:-width] = False
    return mask
