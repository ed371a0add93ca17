"""Bit strings of a genetic algorithm: who is chosen, what crosses over, which bits flip.

A string holds D variables of ``bits`` bits each, the most significant first; it is kept as D
integers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.task import FloatArray, IntArray

Generators = Sequence[np.random.Generator]


def select(score: FloatArray, uniform: FloatArray) -> IntArray:
    """Stochastic remainder selection without replacement: (S, P) chosen indices.

    Each individual is copied floor(e) times, e = P score / sum(score). The places left are filled
    by going round the individuals, each chosen once at most with the probability of its
    remainder; the round in which it is chosen is therefore geometric, and the first to be chosen
    are those with the smallest (round, index).

    Args:
        score: (S, P), not negative.
        uniform: (S, P) in [0, 1).
    """
    runs, size = score.shape
    total = score.sum(axis=1, keepdims=True)
    share = np.where(total > 0, score / np.where(total > 0, total, 1.0), 1.0 / size)
    expected = size * share
    copies = np.floor(expected).astype(np.int64)
    rest = expected - copies
    with np.errstate(divide="ignore"):
        turn = np.where(rest > 0, np.ceil(np.log1p(-uniform) / np.log1p(-rest)), np.inf)
    order = np.argsort(turn, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(size), (runs, size)), axis=1)
    # Rounding may make the whole copies one too many; the surplus is cut off below.
    places = np.maximum(size - copies.sum(axis=1, keepdims=True), 0)
    copies += rank < places
    index = np.broadcast_to(np.arange(size), (runs, size))
    return np.stack([np.repeat(index[run], copies[run])[:size] for run in range(runs)])


def cross(genes: IntArray, cut: IntArray, bits: int) -> IntArray:
    """One-point crossover of neighbours (S, P, D): rows 0 and 1, 2 and 3, ... exchange tails.

    Args:
        genes: integers, most significant bit first along the string.
        cut: (S, P / 2) bits kept from the front, D * bits for a pair that is left alone.
        bits: of a variable.
    """
    variable = np.arange(genes.shape[2])
    kept = np.clip(cut[:, :, None] - variable * bits, 0, bits)  # leading bits kept, a variable
    tail = (np.int64(1) << (bits - kept)) - 1
    first, second = genes[:, 0::2], genes[:, 1::2]
    swap = (first ^ second) & tail
    children = np.empty_like(genes)
    children[:, 0::2] = first ^ swap
    children[:, 1::2] = second ^ swap
    return children


def _flips(rng: np.random.Generator, probability: float, total: int) -> IntArray:
    """Positions in [0, total) of independent flips: the gaps between them are geometric."""
    expected = total * probability
    batch = int(expected + 6 * np.sqrt(expected) + 10)
    position = np.cumsum(rng.geometric(probability, batch)) - 1
    while position[-1] < total:
        more = np.cumsum(rng.geometric(probability, batch)) + position[-1]
        position = np.concatenate([position, more])
    found: IntArray = position[position < total]
    return found


def mutate(genes: IntArray, probability: float, bits: int, generators: Generators) -> IntArray:
    """Flip each bit of (S, P, D) with ``probability``."""
    size = genes[0].size
    masks = []
    for rng in generators:
        position = _flips(rng, probability, size * bits)
        # Positions are distinct, so that the sum of the bits of a variable is their union.
        weight = np.ldexp(1.0, (position % bits).astype(np.int32))
        masks.append(np.bincount(position // bits, weights=weight, minlength=size))
    mask = np.stack(masks).astype(np.int64).reshape(genes.shape)
    return genes ^ mask
