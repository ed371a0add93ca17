"""Scores of generated bars: distances from real ones, beside the distance of real from real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fairtrial.melodies.augment import count_duplicates
from fairtrial.melodies.extractors import EXTRACTORS, metric_name
from fairtrial.melodies.frechet import frechet_distance
from fairtrial.melodies.piano_roll import Roll, as_generated

# A generator whose bars repeat this much has collapsed.
COLLAPSED_BELOW = 0.05


@dataclass(frozen=True)
class Measured:
    """One metric's value, over so many bars of each side."""

    metric: str
    value: float
    higher_is_better: bool
    n_items: int


class Judge:
    """Compares generated bars with one set of real ones.

    Real bars are first brought into the form in which a GAN can write them, so that a difference
    of notation is no difference of music. Their features are taken once.

    Args:
        reference: real bars, uint8 (n, 48, 64), n >= 2.
        extractors: names of features.
        weights_dir: folder of extractors' weights.
    """

    def __init__(
        self, reference: Roll, extractors: Sequence[str], weights_dir: str | None = None
    ) -> None:
        self.extractors = {name: EXTRACTORS.load(name) for name in extractors}
        self.weights_dir = weights_dir
        real = as_generated(reference)
        self.features = {
            name: extract(real, weights_dir) for name, extract in self.extractors.items()
        }
        self.size = len(reference)

    def compare(self, bars: Roll) -> list[Measured]:
        """Frechet distances of bars, uint8 (m, 48, 64), from the first as many real ones."""
        n_items = min(len(bars), self.size)
        measured = []
        for name, extract in self.extractors.items():
            features = extract(as_generated(bars[:n_items]), self.weights_dir)
            value = frechet_distance(self.features[name][:n_items], features)
            measured.append(Measured(metric_name(name), value, False, n_items))
        return measured


def distinct_share(bars: Roll) -> float:
    """Share of bars that equal no earlier one; a collapsed generator's is near 0."""
    return 1 - count_duplicates(bars) / len(bars)


def null_floor(
    train: Roll,
    reference: Roll | None,
    n_items: int,
    judge: Judge,
    generator: np.random.Generator,
) -> list[Measured]:
    """Distance of real bars from real bars: what no generator can be expected to beat.

    Args:
        train: training bars, uint8 (n, 48, 64).
        reference: the held-out bars that ``judge`` holds; none where nothing is held out.
        n_items: bars of each side at most.
        judge: of the reference; without one only its extractors are used.
        generator: draws the bars.

    Returns:
        Against the reference, of as many training bars drawn without repetition; without one, of
        two halves of the training bars, which are fewer than the arms' own.
    """
    order = generator.permutation(len(train))
    if reference is not None:
        return judge.compare(train[order[:n_items]])
    half = min(n_items, len(train) // 2)
    halves = Judge(train[order[:half]], list(judge.extractors), judge.weights_dir)
    return halves.compare(train[order[half : 2 * half]])
