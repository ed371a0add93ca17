"""Changing-range genetic algorithm (SAGA), all seeds at once; without the change, a plain GA.

Source: Amirjanov and Sobolev 2005, doi:10.12989/cac.2005.2.5.411, section 3.2. The paper leaves
open what decides everything. ``reading: paper`` takes what reproduces its pattern: points are
repaired before they are evaluated; feasible first, then cost; fitness = worst - G; no elitism; the
bits stay and the range is rescaled; the reference point is the best one so far; no threshold.
``reading: repaired`` mends what costs it most: selection by linear rank, so that pressure does not
fade as costs draw level, and elitism, the bits of the generation's best taking the first child's
place.

Here as everywhere a run is worth its best point so far. The paper looks only at the generations
where the range changes (step 3 of its section 4); seen so, the plain GA stands worse still.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fairtrial.optimizers.budget import Ledger, best_of
from fairtrial.optimizers.fitness import fitness, ranks
from fairtrial.optimizers.parameters import SagaSettings
from fairtrial.optimizers.task import FloatArray, IntArray, Run, Task

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


def minimise(task: Task, settings: SagaSettings, budget: int, seeds: Sequence[int]) -> list[Run]:
    """SAGA, or a plain GA where ``change_first`` is null. Arguments as in `Optimizer`."""
    generators = [np.random.default_rng(seed) for seed in seeds]
    runs, size, bits = len(seeds), settings.population, settings.bits
    ledger = Ledger(task, budget, runs)
    step = float(2**bits - 1)
    full = task.upper - task.lower
    span = np.tile(full, (runs, 1))  # (S, D) range of each variable above its lower end
    length = task.dimensions * bits
    genes = np.stack([rng.integers(0, 2**bits, (size, task.dimensions)) for rng in generators])

    generation = 0
    while ledger.remaining:
        points = task.lower + genes / step * span[:, None, :]
        objective, violation = ledger.evaluate(points)
        generation += 1
        if _changes(generation, settings):
            for run in range(runs):
                reference = ledger.best_point(run)
                if reference is not None:
                    reach = settings.k * (reference - task.lower)
                    span[run] = np.clip(reach, 0.0, full)
        draws = np.stack([rng.random((3, size)) for rng in generators])  # (S, 3, P)
        score = (fitness if settings.reading == "paper" else ranks)(objective, violation)
        chosen = select(score, draws[:, 0])
        mates = np.argsort(draws[:, 1], axis=1, kind="stable")
        chosen = np.take_along_axis(chosen, mates, axis=1)
        parents = np.take_along_axis(genes, chosen[:, :, None], axis=1)
        pair, place = draws[:, 2, 0::2], draws[:, 2, 1::2]
        cut = 1 + (place * (length - 1)).astype(np.int64)
        cut = np.where(pair < settings.crossover, cut, length)
        elite = genes[np.arange(runs), best_of(objective, violation)]
        genes = mutate(cross(parents, cut, bits), settings.mutation, bits, generators)
        if settings.reading == "repaired":
            genes[:, 0] = elite
    return ledger.close()


def _changes(generation: int, settings: SagaSettings) -> bool:
    """Whether the range changes after ``generation`` generations (counted from 1)."""
    if settings.change_first is None or generation < settings.change_first:
        return False
    return (generation - settings.change_first) % settings.change_every == 0
