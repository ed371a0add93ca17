"""Bit strings of a genetic algorithm: who is chosen, what crosses over, which bits flip.

A string holds D variables of ``bits`` bits each, the most significant first; it is kept as D
integers. Populations are (D, S, P): S runs of P strings, so that a variable's values lie together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from fairtrial.optimizers.task import FloatArray, IntArray

Generators = Sequence[np.random.Generator]
Genes = npt.NDArray[np.int32]


def select(score: FloatArray, waiting: FloatArray) -> IntArray:
    """Stochastic remainder selection without replacement: (S, P) chosen indices, ascending.

    Each individual is copied floor(e) times, e = P score / sum(score). The places left are filled
    by going round the individuals, each chosen once at most with the probability of its
    remainder; the round in which it is chosen is therefore geometric, and the first to be chosen
    are those with the smallest (round, index).

    Args:
        score: (S, P), not negative.
        waiting: (S, P) standard exponential, from which the rounds follow.
    """
    runs, size = score.shape
    total = score.sum(axis=1, keepdims=True)
    expected = np.where(total > 0, score * (size / np.where(total > 0, total, 1.0)), 1.0)
    whole = np.floor(expected)
    rest = expected - whole
    index = np.arange(size)
    with np.errstate(divide="ignore"):
        rounds = np.ceil(waiting / -np.log1p(-rest))  # infinite where nothing remains
    order = np.argsort(rounds * size + index, axis=1)
    copies = whole.astype(np.int64)
    missing = size - copies.sum(axis=1)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(index, order.shape), axis=1)
    copies += rank < missing[:, None]
    # Rounding may make the whole copies one too many: the last ones are then cut off.
    for run in np.flatnonzero(missing < 0):
        ends = np.minimum(np.cumsum(copies[run]), size)
        copies[run] = np.diff(ends, prepend=0)
    chosen: IntArray = np.repeat(np.tile(index, runs), copies.ravel()).reshape(runs, size)
    return chosen


def tails(dimensions: int, bits: int) -> Genes:
    """(D, D bits + 1) for each number of bits kept from the front, the bits behind them."""
    kept = np.arange(dimensions * bits + 1) - bits * np.arange(dimensions)[:, None]
    behind: Genes = ((1 << (bits - np.clip(kept, 0, bits))) - 1).astype(np.int32)
    return behind


def cross(genes: Genes, cut: IntArray, tail: Genes) -> None:
    """One-point crossover in place: strings of the first half exchange tails with the second's.

    Args:
        genes: (D, S, P).
        cut: (S, P / 2) bits kept from the front, D * bits for a pair that is left alone.
        tail: what `tails` gives.
    """
    half = genes.shape[2] // 2
    first, second = genes[:, :, :half], genes[:, :, half:]
    swap = first ^ second
    swap &= tail.take(cut, axis=1)
    first ^= swap
    second ^= swap


def flips(generators: Generators, probability: float, total: int) -> tuple[IntArray, IntArray]:
    """Places in [0, total) of independent flips, run after run, and how many each run has (S,).

    The gaps between flips are geometric, so that only as many numbers are drawn as bits flip.
    """
    expected = total * probability
    batch = int(expected + 6 * np.sqrt(expected) + 10)
    waiting = np.empty((len(generators), batch))
    for generator, row in zip(generators, waiting, strict=True):
        generator.standard_exponential(out=row)
    place = _places(waiting, probability)
    while (short := np.flatnonzero(place[:, -1] < total)).size:
        more = np.full(waiting.shape, total)
        for run in short.tolist():
            drawn = generators[run].standard_exponential((1, batch))
            more[run] = place[run, -1] + 1 + _places(drawn, probability)[0]
        place = np.concatenate([place, more], axis=1)
    inside = place < total
    return place[inside], inside.sum(axis=1)


def _places(waiting: FloatArray, probability: float) -> IntArray:
    """Places of flips along the rows of (S, B): a geometric gap is an exponential one cut off."""
    gaps = (waiting * (-1.0 / np.log1p(-probability))).astype(np.int64)
    gaps += 1
    places: IntArray = np.cumsum(gaps, axis=1, out=gaps)
    places -= 1
    return places


def mutate(genes: Genes, probability: float, bits: int, generators: Generators) -> None:
    """Flip each bit of (D, S, P) in place with ``probability``."""
    dimensions, runs, size = genes.shape
    place, count = flips(generators, probability, dimensions * size * bits)
    gene = place // bits
    bit = (place - gene * bits).astype(np.int32)
    variable = gene // size
    # From the place within a run to that within all runs.
    gene += variable * (size * (runs - 1)) + (size * np.arange(runs)).repeat(count)
    np.bitwise_xor.at(genes.reshape(-1), gene, np.int32(1) << bit)
