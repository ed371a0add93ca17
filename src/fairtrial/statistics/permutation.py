"""Whether predictions know anything of the labels: a permutation test over groups of items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class AboveChance:
    """Result of `above_chance`.

    Attributes:
        value: balanced accuracy of the predictions.
        chance: its mean over permuted labels.
        p: one-sided p-value, at least 1 / (draws + 1).
    """

    value: float
    chance: float
    p: float


def above_chance(
    y: Labels,
    predicted: Labels,
    group: NDArray[np.object_],
    stratum: NDArray[np.object_],
    rng: np.random.Generator,
    draws: int = 1999,
) -> AboveChance:
    """Test whether predictions match labels better than labels dealt at random would.

    Items of one group and label move together, as related pictures are no independent evidence;
    labels are exchanged within a stratum only, as each fold has a model of its own.

    Args:
        y: true classes, int (N,), N >= 1.
        predicted: predicted classes, int (N,), none of them learned from the item's own label.
        group: group of each item (N,).
        stratum: stratum of each item (N,), e.g. its fold.
        rng: generator of the permutations.
        draws: number of permutations.

    Source: Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, 3rd ed., 3.2 and 7.2;
    the count of the observed value among the draws is Phipson and Smyth (2010), Stat. Appl.
    Genet. Mol. Biol. 9, 39.
    """
    classes = int(max(y.max(), predicted.max())) + 1
    places = [np.unique(column.astype(str), return_inverse=True)[1] for column in (stratum, group)]
    units, unit = np.unique(np.stack([*places, y]), axis=1, return_inverse=True)
    unit = unit.ravel()
    votes = np.zeros((units.shape[1], classes))
    np.add.at(votes, (unit, predicted), 1)
    sizes = votes.sum(1)
    # Units are sorted by their stratum first.
    parts = np.split(units[2], np.flatnonzero(np.diff(units[0])) + 1)
    labels = units[2]
    rows = np.arange(len(labels))

    def balanced_accuracy(labels: Labels) -> float:
        hits = np.bincount(labels, votes[rows, labels], classes)
        counts = np.bincount(labels, sizes, classes)
        return float(np.mean(hits[counts > 0] / counts[counts > 0]))

    value = balanced_accuracy(labels)
    drawn = np.array(
        [
            balanced_accuracy(np.concatenate([rng.permutation(part) for part in parts]))
            for _ in range(draws)
        ]
    )
    # Sums in another order differ in their last bits.
    reached = int((drawn >= value - 1e-12).sum())
    return AboveChance(value, float(drawn.mean()), (reached + 1) / (draws + 1))
