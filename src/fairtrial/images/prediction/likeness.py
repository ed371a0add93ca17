"""How unlike the training pictures a picture is: distances from a cloud of vectors.

Two kinds of vectors are used. What a picture looks like needs no network, and tells a fish from an
X-ray even where a network that has only seen X-rays gives both the same features; what the network
makes of it tells fine differences that its training has taught it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from sklearn.decomposition import PCA

from fairtrial.core.records import Arrays
from fairtrial.images.trials.feed import Pictures

# Pictures are looked at from this far away: finer grain differs between files of one scene.
_SIDE = 64
_DIRECTIONS, _RINGS = 8, 8
_MOST_COMPONENTS = 64
_ITEMS_A_COMPONENT = 4


@dataclass(frozen=True)
class Cloud:
    """Vectors of the training pictures as a Gaussian of few directions and noise in the rest.

    Attributes:
        mean, scale: float64 (D,), standardisation.
        components: float64 (K, D), orthonormal directions of standardised vectors.
        variances: float64 (K,), along them.
        noise: float64 (1,), variance along every other direction.

    Source: Tipping and Bishop, "Probabilistic principal component analysis", J. Royal Statistical
    Society B 61 (1999), 611-622; as a detector: Lee et al., "A simple unified framework for
    detecting out-of-distribution samples", NeurIPS 2018.
    """

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray
    variances: np.ndarray
    noise: np.ndarray

    def distances(self, vectors: np.ndarray) -> np.ndarray:
        """Mahalanobis distance of each vector, float64 (N, D) -> (N,)."""
        z = (vectors - self.mean) / self.scale
        along = z @ self.components.T
        # What rounding leaves below 0 is 0.
        beside = np.maximum((z**2).sum(1) - (along**2).sum(1), 0)
        distances: np.ndarray = np.sqrt((along**2 / self.variances).sum(1) + beside / self.noise)
        return distances

    def arrays(self, prefix: str) -> dict[str, np.ndarray]:
        """Its arrays by name, to be stored."""
        return {f"{prefix}.{name}": value for name, value in vars(self).items()}


def cloud_of(arrays: Mapping[str, np.ndarray], prefix: str) -> Cloud:
    """The cloud that `Cloud.arrays` stored."""
    names = ("mean", "scale", "components", "variances", "noise")
    return Cloud(*(arrays[f"{prefix}.{name}"] for name in names))


def fit_cloud(vectors: np.ndarray) -> Cloud:
    """The cloud of training vectors, float (N, D), N >= 8, D >= 2."""
    mean, scale = vectors.mean(0), vectors.std(0)
    # What never varies in training is a sign of its own when it does: in units of all the rest.
    typical = float(np.median(scale[scale > 0])) if (scale > 0).any() else 1.0
    scale = np.where(scale > 0, scale, typical)
    count = min(_MOST_COMPONENTS, len(vectors) // _ITEMS_A_COMPONENT, vectors.shape[1] - 1)
    model = PCA(max(count, 1), svd_solver="full").fit((vectors - mean) / scale)
    variances = np.maximum(model.explained_variance_, np.finfo(float).eps)
    noise = np.array([max(float(model.noise_variance_), float(np.finfo(np.float32).eps))])
    return Cloud(mean, scale, model.components_.astype(np.float64), variances, noise)


def describe_look(pixels: np.ndarray) -> np.ndarray:
    """What pictures look like from afar, in numbers.

    Args:
        pixels: uint8 (N, S, S, C) as stored in a pack, S >= 8.

    Returns:
        float64 (N, D): mean, spread and percentiles of brightness, spread of colour, a thumbnail of
        8 x 8, strength of edges in 4 x 4 cells and their directions, and the power spectrum in 8
        rings.

    Source of the directions: Dalal and Triggs, "Histograms of oriented gradients", CVPR 2005.
    """
    side = min(_SIDE, pixels.shape[1])
    pictures = Pictures(Arrays({"pixels": pixels}), side, torch.device("cpu"))
    rows = [_look(pictures.clean(np.array([row]))[0].numpy()) for row in range(len(pixels))]
    return np.array(rows, dtype=np.float64)


def _look(picture: np.ndarray) -> np.ndarray:
    """float32 (C, S, S) in [0, 1] -> float64 (D,)."""
    grey = picture.mean(0).astype(np.float64)
    low, middle, high = np.percentile(grey, (5, 50, 95))
    colour = (picture.max(0) - picture.min(0)).mean()
    down, across = np.gradient(grey)
    strength = np.hypot(down, across)
    direction = (np.arctan2(down, across) % np.pi) / np.pi * _DIRECTIONS
    bins = direction.astype(int) % _DIRECTIONS
    oriented = np.stack([_cells(strength * (bins == b), 4) for b in range(_DIRECTIONS)])
    shares = np.sqrt(oriented / max(oriented.sum(), np.finfo(float).tiny))
    return np.concatenate(
        [
            [grey.mean(), grey.std(), low, middle, high, colour],
            _cells(grey, 8).ravel(),
            np.log(_cells(strength, 4).ravel() + 1e-3),
            shares.ravel(),
            _spectrum(grey),
        ]
    )


def _cells(values: np.ndarray, n: int) -> np.ndarray:
    """Means over n x n cells of a square (S, S), S >= n; what is left over at the end is cut."""
    side = values.shape[0] // n * n
    means: np.ndarray = values[:side, :side].reshape(n, side // n, n, side // n).mean((1, 3))
    return means


def _spectrum(grey: np.ndarray) -> np.ndarray:
    """Mean logarithm of the power in rings of equal ratio, from the coarsest to the finest."""
    side = grey.shape[0]
    power = np.abs(np.fft.fftshift(np.fft.fft2(grey - grey.mean()))) ** 2
    y, x = np.mgrid[:side, :side] - side // 2
    radius = np.hypot(y, x)
    edges = np.geomspace(1, side / 2, _RINGS + 1)
    logs = np.log(power + 1e-6)
    rings = [logs[(radius >= a) & (radius <= b)] for a, b in pairwise(edges)]
    # In a picture of a few pixels a ring may hold none.
    return np.array([ring.mean() if ring.size else 0.0 for ring in rings])
