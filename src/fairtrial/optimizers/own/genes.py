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
    """Stochastic remainder selection without replacement: (S, P) chosen indices, ascending.

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
    whole = np.floor(expected)
    rest = expected - whole
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = np.ceil(np.log1p(-uniform) / np.log1p(-rest))
    index = np.arange(size)
    order = np.argsort(np.where(rest > 0, turn * size + index, np.inf), axis=1)
    copies = whole.astype(np.int64)
    # Rounding may make the whole copies one too many: the last ones are then cut off.
    missing = size - copies.sum(axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(index, order.shape), axis=1)
    copies += rank < missing[:, None]
    for run in np.flatnonzero(missing < 0):
        ends = np.minimum(np.cumsum(copies[run]), size)
        copies[run] = np.diff(ends, prepend=0)
    chosen: IntArray = np.repeat(np.tile(index, runs), copies.ravel()).reshape(runs, size)
    return chosen


def cross(genes: IntArray, cut: IntArray, bits: int) -> IntArray:
    """One-point crossover of neighbours (S, P, D): rows 0 and 1, 2 and 3, ... exchange tails.

    Args:
        genes: integers, most significant bit first along the string.
        cut: (S, P / 2) bits kept from the front, D * bits for a pair that is left alone.
        bits: of a variable.
    """
    kept = cut[:, :, None] - bits * np.arange(genes.shape[2])  # leading bits kept, a variable
    np.clip(kept, 0, bits, out=kept)
    first, second = genes[:, 0::2], genes[:, 1::2]
    swap = first ^ second
    swap &= (1 << (bits - kept)) - 1
    children = np.empty_like(genes)
    np.bitwise_xor(first, swap, out=children[:, 0::2])
    np.bitwise_xor(second, swap, out=children[:, 1::2])
    return children


def flips(generators: Generators, probability: float, total: int) -> IntArray:
    """Places of independent flips among ``total`` bits of each run, counted through all runs.

    The gaps between flips are geometric, so that only as many numbers are drawn as bits flip.
    """
    expected = total * probability
    batch = int(expected + 6 * np.sqrt(expected) + 10)
    uniform = np.empty((len(generators), batch))
    for generator, row in zip(generators, uniform, strict=True):
        generator.random(out=row)
    place = _places(uniform, probability)
    starts = total * np.arange(len(generators))
    found = [(place + starts[:, None])[place < total]]
    for run in np.flatnonzero(place[:, -1] < total):
        last = place[run, -1]
        while last < total:
            more = last + 1 + _places(generators[run].random((1, batch)), probability)[0]
            found.append(more[more < total] + starts[run])
            last = more[-1]
    return np.concatenate(found).astype(np.int64)


def _places(uniform: FloatArray, probability: float) -> FloatArray:
    """Places of flips along the rows of (S, B), each drawn as a gap to the one before."""
    gaps = np.log1p(-uniform)
    gaps /= np.log1p(-probability)
    np.floor(gaps, out=gaps)
    gaps += 1.0
    places: FloatArray = np.cumsum(gaps, axis=1)
    return places - 1.0


def mutate(genes: IntArray, probability: float, bits: int, generators: Generators) -> None:
    """Flip each bit of (S, P, D) in place with ``probability``."""
    gene, bit = np.divmod(flips(generators, probability, genes[0].size * bits), bits)
    np.bitwise_xor.at(genes.reshape(-1), gene, 1 << bit)
