"""The parts of a differential evolution's candidate: whom it starts from, what crosses over.

Source: Price, Storn and Lampinen 2005, "Differential Evolution", chapter 2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fairtrial.optimizers.task import BoolArray, FloatArray, IntArray


class Strategy(NamedTuple):
    """base + F (best - base) if ``to_best`` + F times the sum of ``pairs`` differences.

    Args:
        base: rand (another candidate), best (of the run) or current (the parent).
        to_best: whether the mutant is drawn towards the best.
        pairs: number of differences of two other candidates.
        exponential: whether a run of neighbouring components crosses over, instead of each one.
    """

    base: str
    to_best: bool
    pairs: int
    exponential: bool

    @property
    def others(self) -> int:
        """K, how many other candidates a mutant needs."""
        return 2 * self.pairs + (self.base == "rand")


def strategy_of(name: str) -> Strategy:
    """The strategy that a name such as ``currenttobest1bin`` stands for."""
    vector, pairs, crossover = name[:-4], int(name[-4]), name[-3:]
    base, _, best = vector.partition("to")
    return Strategy(base, bool(best), pairs, crossover == "exp")


def others(uniform: FloatArray) -> list[IntArray]:
    """K arrays (S, NP) of indices, distinct from each other and from the own one.

    Args:
        uniform: (K, S, NP) in [0, 1). Each index is drawn from those still free by counting up
            past the taken ones, in ascending order, so that no draw is ever repeated.
    """
    size = uniform.shape[2]
    own = np.broadcast_to(np.arange(size), uniform.shape[1:])
    ascending: list[IntArray] = [own]
    chosen = []
    for draw in uniform:
        index = (draw * (size - len(ascending))).astype(np.int64)
        for taken in ascending:
            index += index >= taken
        chosen.append(index)
        left = index
        for place, taken in enumerate(ascending):
            ascending[place], left = np.minimum(taken, left), np.maximum(taken, left)
        ascending.append(left)
    return chosen


def cross_binomial(chance: FloatArray, rate: FloatArray | float, sure: IntArray) -> BoolArray:
    """(S, NP, D) which components come from the mutant: each with ``rate``, the sure one always.

    Args:
        chance: (S, NP, D) in [0, 1).
        rate: CR, one number or (S, NP, 1).
        sure: (S, NP) a component.
    """
    crossed: BoolArray = chance < rate
    np.put_along_axis(crossed, sure[:, :, None], True, axis=2)
    return crossed


def cross_exponential(
    uniform: FloatArray, rate: FloatArray | float, sure: IntArray, dimensions: int
) -> BoolArray:
    """(S, NP, D) which components come from the mutant: from the sure one on while luck lasts.

    Args:
        uniform: (S, NP) in [0, 1): more than l components cross with probability CR to the l.
        rate: CR, one number or (S, NP, 1).
        sure: (S, NP) a component.
        dimensions: D.
    """
    steps = np.arange(1, dimensions)
    length = 1 + (uniform[:, :, None] < rate**steps).sum(axis=2)
    offset = (np.arange(dimensions) - sure[:, :, None]) % dimensions
    crossed: BoolArray = offset < length[:, :, None]
    return crossed
