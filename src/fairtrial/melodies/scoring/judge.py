"""Scores of generated bars: distances from real ones, beside the distance of real from real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.extractors import EXTRACTORS, metric_name
from fairtrial.melodies.scoring.frechet import frechet_distance
from fairtrial.melodies.varying.augment import count_duplicates

BoolArray = NDArray[np.bool_]

# A generator whose bars repeat this much has collapsed.
COLLAPSED_BELOW = 0.05


@dataclass(frozen=True)
class Measured:
    """One metric's value, over so many bars of each side; ``subset`` is of the real ones."""

    metric: str
    value: float
    higher_is_better: bool
    n_items: int
    subset: str = "all"


class Judge:
    """Compares generated bars with one set of real ones.

    Real bars are first brought into the form in which a GAN can write them, so that a difference
    of notation is no difference of music. Their features are taken once.

    Args:
        reference: real bars, uint8 (n, 48, 64), n >= 2.
        extractors: names of features.
        weights_dir: folder of extractors' weights.
        unseen: bool (n,), the real bars that no GAN was trained on; where they are some but not
            all, at least 2, bars are also compared with them alone, as subset ``unseen``.
    """

    def __init__(
        self,
        reference: Roll,
        extractors: Sequence[str],
        weights_dir: str | None = None,
        unseen: BoolArray | None = None,
    ) -> None:
        self.extractors = {name: EXTRACTORS.load(name) for name in extractors}
        self.weights_dir = weights_dir
        real = as_generated(reference)
        self.features = {
            name: extract(real, weights_dir) for name, extract in self.extractors.items()
        }
        everything = np.ones(len(reference), bool)
        self.subsets = {"all": everything}
        if unseen is not None and 2 <= unseen.sum() < len(reference):
            self.subsets["unseen"] = unseen

    def compare(self, bars: Roll) -> list[Measured]:
        """Frechet distances of bars, uint8 (m, 48, 64), from the first as many real ones."""
        bars = bars[: len(self.subsets["all"])]
        measured = []
        for name, extract in self.extractors.items():
            features = extract(as_generated(bars), self.weights_dir)
            for subset, chosen in self.subsets.items():
                real = self.features[name][chosen]
                n_items = min(len(bars), len(real))
                value = frechet_distance(real[:n_items], features[:n_items])
                measured.append(Measured(metric_name(name), value, False, n_items, subset))
        return measured


def find_unseen(reference: Roll, train: Roll) -> BoolArray:
    """Which reference bars (n, 48, 64) equal no training bar: bool (n,).

    Songs share bars, held notes and scales above all, so that a split by song leaves some.
    """
    known = {bar.tobytes() for bar in train}
    return np.array([bar.tobytes() not in known for bar in reference], bool)


def distinct_share(bars: Roll) -> float:
    """Share of bars that equal no earlier one; a collapsed generator's is near 0."""
    return 1 - count_duplicates(bars) / len(bars)


def null_floor(
    train: Roll, n_items: int, judge: Judge, generator: np.random.Generator
) -> list[Measured]:
    """Distance of real bars from real bars: what no generator can be expected to beat.

    Args:
        train: training bars, uint8 (n, 48, 64).
        n_items: bars of each side at most.
        judge: of the held-out reference.
        generator: draws the bars, without repetition.
    """
    return judge.compare(train[generator.permutation(len(train))[:n_items]])
