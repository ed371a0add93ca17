"""Distances of generated bars from real ones, over every extractor's features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.core.errors import StatisticsError
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.extractors import (
    Extract,
    frechet_name,
    infinity_name,
    kernel_name,
)
from fairtrial.melodies.scoring.frechet import Normal, distance_between, fit_normal
from fairtrial.melodies.scoring.infinity import FEWEST, Extrapolation, fit_line
from fairtrial.melodies.scoring.kernel import kernel_distance

BoolArray = NDArray[np.bool_]
Features = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """One metric's value, over so many bars of each side; ``subset`` is of the real ones."""

    metric: str
    value: float
    higher_is_better: bool
    n_items: int
    subset: str = "all"


@dataclass(frozen=True)
class Point:
    """A Frechet distance of fewer bars of each side, as a mean over draws."""

    metric: str
    n_items: int
    distance: float


@dataclass(frozen=True)
class _Space:
    """One extractor, and its view of the first ``n`` reference bars."""

    features: Features
    normals: Mapping[str, tuple[Normal, int]]
    extrapolation: Extrapolation


class Judge:
    """Compares generated bars with one set of real ones.

    Real bars are first brought into the form in which a GAN can write them, so that a difference
    of notation is no difference of music. What concerns the real ones is computed once for all
    runs.

    Args:
        reference: real bars, uint8 (n, 48, 64), n >= 4.
        spaces: extractor -> function from bars to features.
        seed: of the draws of fewer bars, the same for every run.
        unseen: bool (n,), the real bars that no GAN was trained on; where they are some but not
            all, at least 2, bars are also compared with them alone, as subset ``unseen``.
    """

    def __init__(
        self,
        reference: Roll,
        spaces: Mapping[str, Extract],
        seed: int,
        unseen: BoolArray | None = None,
    ) -> None:
        self.spaces = spaces
        self.seed = seed
        self.size = len(reference)
        real = as_generated(reference)
        self.features = {name: extract(real) for name, extract in spaces.items()}
        self.subsets = {"all": np.ones(self.size, bool)}
        if unseen is not None and 2 <= unseen.sum() < self.size:
            self.subsets["unseen"] = unseen
        self._prepared: dict[tuple[str, int], _Space] = {}

    def metrics(self) -> list[tuple[str, str]]:
        """Metric and subset of all that `compare` measures; lower is better for each."""
        return [
            (metric, subset)
            for name in self.spaces
            for metric, subset in (
                *((frechet_name(name), subset) for subset in self.subsets),
                (infinity_name(name), "all"),
                (kernel_name(name), "all"),
            )
        ]

    def compare(self, bars: Roll) -> tuple[list[Measured], list[Point]]:
        """Distances of bars, uint8 (m, 48, 64), from the first as many real ones.

        Returns:
            The distances, and the points that the extrapolation was fitted to.

        Raises:
            StatisticsError: fewer than four bars on a side.
        """
        bars = as_generated(bars[: self.size])
        count = len(bars)
        if count < FEWEST:
            raise StatisticsError(
                "distances of bars",
                f"at least {FEWEST} bars of each side",
                count,
                "Raise evaluate.n_items, or hold more songs out.",
            )
        measured: list[Measured] = []
        points: list[Point] = []
        for name, extract in self.spaces.items():
            features, space = extract(bars), self._prepare(name, count)
            for subset, (normal, size) in space.normals.items():
                value = distance_between(fit_normal(features[:size]), normal)
                measured.append(Measured(frechet_name(name), value, False, size, subset))
            curve = space.extrapolation.measure(features)
            points += [Point(frechet_name(name), size, value) for size, value in curve.items()]
            limit = fit_line(list(curve), list(curve.values())).at_infinity
            measured.append(Measured(infinity_name(name), limit, False, count))
            kernel = kernel_distance(space.features, features)
            measured.append(Measured(kernel_name(name), kernel, False, count))
        return measured, points

    def _prepare(self, name: str, count: int) -> _Space:
        if (name, count) not in self._prepared:
            normals = {}
            for subset, chosen in self.subsets.items():
                real = self.features[name][chosen][:count]
                normals[subset] = (fit_normal(real), len(real))
            features = self.features[name][:count]
            draws = Extrapolation(features, np.random.default_rng(self.seed))
            self._prepared[name, count] = _Space(features, normals, draws)
        return self._prepared[name, count]


def find_unseen(reference: Roll, train: Roll) -> BoolArray:
    """Which reference bars (n, 48, 64) equal no training bar: bool (n,).

    Songs share bars, held notes and scales above all, so that a split by song leaves some.
    """
    known = {bar.tobytes() for bar in train}
    return np.array([bar.tobytes() not in known for bar in reference], bool)
