"""The evolutionary algorithm over bars: every bar of a song has a population, all at once.

Source: the evolution of melodies in the programme of Bitaraes, Guimaraes and Coelho: tournament,
one-point crossover at a beat, mutation by a fresh bar. Elitism and small edits are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.parameters import Step
from fairtrial.melodies.parameters.songs import Evolution
from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER, Roll
from fairtrial.melodies.songs.bits import Bits, begin_notes, pack_bars, unpack_bars
from fairtrial.melodies.songs.harmony import Harmony
from fairtrial.melodies.songs.wishes import FloatArray, Scene, fitness, measure_wishes
from fairtrial.melodies.varying.augment import vary

_BEATS = COLUMNS // COLUMNS_PER_QUARTER
_EDITS = tuple(
    Step(strategy=name, factor=1) for name in ("time_change", "fifth_addition", "octave_change")
)

REACHED, STALLED, SPENT = "target reached", "no gain", "all generations"


class Critic(Protocol):
    """Judges how real bars look: a GAN's discriminator."""

    def __call__(self, rolls: Roll) -> FloatArray:
        """Scores in [0, 1], float64 (n,), of bars uint8 (n, 48, 64)."""
        ...


@dataclass(frozen=True)
class Goal:
    """What every bar of a song is judged by.

    Args:
        harmony: the chords and the key.
        weights: descriptor -> weight, as `fitness` takes them.
        critic: adds its score; none for none.
        critic_share: weight of the critic's score beside 1 - critic_share of the fitness.
    """

    harmony: Harmony
    weights: Mapping[str, float]
    critic: Critic | None = None
    critic_share: float = 0.0

    def scene(self, bits: Bits, bars: NDArray[np.intp]) -> Scene:
        """Candidates uint64 (b, n, 2, 64) for the bars of these numbers (b,)."""
        rows = self.harmony.chord_rows(), self.harmony.scale_rows()
        return Scene(bits, rows[0][bars], rows[1][bars])

    def judge(self, bits: Bits, bars: NDArray[np.intp]) -> FloatArray:
        """Value in [0, 1] of every candidate, float64 (b, n). Arguments as in `scene`."""
        value = fitness(self.scene(bits, bars), self.weights)
        if self.critic is None:
            return value
        scores = self.critic(unpack_bars(bits.reshape(-1, *bits.shape[2:])))
        return (1 - self.critic_share) * value + self.critic_share * scores.reshape(value.shape)


@dataclass(frozen=True)
class Evolved:
    """What an evolution found.

    Args:
        bars: of the song, uint8 (bars, 48, 64): in each place the best candidate that does not
            stand earlier in the song, or simply the best where all of the population do.
        values: theirs, float64 (bars,) in [0, 1].
        best: best value of each generation's population, float64 (generations + 1, bars), the
            first population at 0; a finished bar keeps its last one.
        mean: mean value, likewise.
        evaluations: candidates that were judged up to each generation, int64, likewise.
        stopped: why each bar was finished.
        start: descriptor -> its mean over the first population of each bar, float64 (bars,).
        end: descriptor -> its value in each bar of the song, float64 (bars,).
    """

    bars: Roll
    values: FloatArray
    best: FloatArray
    mean: FloatArray
    evaluations: NDArray[np.int64]
    stopped: tuple[str, ...]
    start: dict[str, FloatArray]
    end: dict[str, FloatArray]


def evolve_song(pool: Roll, goal: Goal, settings: Evolution, seed: int) -> Evolved:
    """Evolve every bar of a song from a pool of bars.

    Args:
        pool: where first populations and fresh bars are drawn from, uint8 (n, 48, 64).
        goal: chords, weights, critic.
        settings: of the algorithm.
        seed: draws everything; the same arguments give the same song.
    """
    generator = np.random.default_rng(seed)
    fresh = pack_bars(pool)
    bars = np.arange(len(goal.harmony.chords))
    bits = fresh[generator.integers(len(fresh), size=(len(bars), settings.population))]
    values = goal.judge(bits, bars)
    start = {k: v.mean(axis=1) for k, v in measure_wishes(goal.scene(bits, bars)).items()}
    record = _Record(bits, values, settings)
    for _ in range(settings.generations):
        active = np.flatnonzero(record.running)
        if not len(active):
            break
        # Equals in random order, so that populations drift among them.
        ranked = np.lexsort((generator.random(values[active].shape), -values[active]))
        parents = bits[active[:, None], ranked]
        children = breed(parents, fresh, settings, generator)
        judged = goal.judge(children, active)
        kept = np.take_along_axis(values[active], ranked[:, : settings.elitism], axis=1)
        bits[active] = np.concatenate([parents[:, : settings.elitism], children], axis=1)
        values[active] = np.concatenate([kept, judged], axis=1)
        record.add(bits, values, active)
    chosen, chosen_values = _choose(record, bits, values)
    end = {k: v[:, 0] for k, v in measure_wishes(goal.scene(chosen[:, None], bars)).items()}
    return Evolved(
        bars=unpack_bars(chosen),
        values=chosen_values,
        best=np.array(record.best),
        mean=np.array(record.mean),
        evaluations=np.array(record.evaluations),
        stopped=tuple(record.stopped),
        start=start,
        end=end,
    )


def breed(parents: Bits, fresh: Bits, settings: Evolution, generator: np.random.Generator) -> Bits:
    """Children of a generation, all but its elite.

    Args:
        parents: uint64 (bars, n, 2, 64), the best first.
        fresh: bars to mutate to, uint64 (m, 2, 64).
        settings: of the algorithm.
        generator: draws everything.

    Returns:
        uint64 (bars, n - elitism, 2, 64).
    """
    bars, population = parents.shape[:2]
    shape = bars, population - settings.elitism
    contenders = max(1, round(settings.tournament_share * population))
    # The best of k draws among n ranks, with one draw: P(best >= r) = (1 - r / n) ** k.
    luck = 1 - (1 - generator.random((2, *shape))) ** (1 / contenders)
    first, second = (luck * population).astype(np.intp)
    row = np.arange(bars)[:, None]
    children: Bits = parents[row, first]
    crossed = generator.random(shape) < settings.crossover
    children[crossed] = cross_at_beats(
        children[crossed],
        parents[row, second][crossed],
        generator.integers(1, _BEATS, size=int(crossed.sum())),
    )
    kind = generator.random(shape)
    edited = kind < settings.mutation * settings.edit_share
    replaced = ~edited & (kind < settings.mutation)
    children[edited] = edit_bars(children[edited], generator)
    children[replaced] = fresh[generator.integers(len(fresh), size=int(replaced.sum()))]
    return children


def cross_at_beats(left: Bits, right: Bits, beats: NDArray[np.integer]) -> Bits:
    """The first beats of one bar and the others of another.

    A note that a cut parts from its beginning begins at the cut, unless its row sounds before it.

    Args:
        left: where the first beats come from, uint64 (n, 2, 64).
        right: where the others come from, likewise.
        beats: how many beats come from the left bar, (n,) in 1..3.
    """
    from_left = np.arange(COLUMNS) < beats[:, None] * COLUMNS_PER_QUARTER  # (n, 64)
    return begin_notes(np.where(from_left[:, None], left, right))


def edit_bars(bits: Bits, generator: np.random.Generator) -> Bits:
    """Bars uint64 (n, 2, 64) after one small edit each: an augmentation, drawn for each bar."""
    rolls = unpack_bars(bits)
    kinds = generator.integers(len(_EDITS), size=len(rolls))
    for kind, edit in enumerate(_EDITS):
        mine = kinds == kind
        rolls[mine] = vary(edit, rolls[mine], generator)
    return pack_bars(rolls)


def _choose(record: _Record, bits: Bits, values: FloatArray) -> tuple[Bits, FloatArray]:
    """The bars of the song, each unlike those before it, and their values.

    Over alike chords populations come to one and the same bar, which nobody would hear eight times.
    """
    chosen, reached = record.found.copy(), record.value.copy()
    used: set[bytes] = set()
    for bar, ranked in enumerate(np.argsort(-values, axis=1, kind="stable")):
        if chosen[bar].tobytes() in used:
            others = (place for place in ranked if bits[bar, place].tobytes() not in used)
            place = next(others, None)
            if place is not None:
                chosen[bar], reached[bar] = bits[bar, place], values[bar, place]
        used.add(chosen[bar].tobytes())
    return chosen, reached


class _Record:
    """The course of an evolution: the best found so far, its curves, and which bars go on."""

    def __init__(self, bits: Bits, values: FloatArray, settings: Evolution) -> None:
        bars = len(values)
        self.settings = settings
        self.found = np.empty((bars, *bits.shape[2:]), bits.dtype)
        self.value = np.full(bars, -np.inf)
        self.best: list[FloatArray] = []
        self.mean: list[FloatArray] = []
        self.evaluations: list[NDArray[np.int64]] = []
        self.stopped = [SPENT] * bars
        self.running = np.ones(bars, bool)
        self._idle = np.zeros(bars, int)
        self.add(bits, values, np.arange(bars))

    def add(self, bits: Bits, values: FloatArray, active: NDArray[np.intp]) -> None:
        """Note a generation, in which the bars of these numbers were bred anew."""
        leader = values.argmax(axis=1)
        top = values[np.arange(len(values)), leader]
        gains = active[top[active] > self.value[active]]
        self.found[gains] = bits[gains, leader[gains]]
        self.value[gains] = top[gains]
        self._idle[active] += 1
        self._idle[gains] = 0
        first = not self.best
        judged = values.shape[1] - (0 if first else self.settings.elitism)
        spent = np.zeros(len(values), np.int64) if first else self.evaluations[-1].copy()
        spent[active] += judged
        self.best.append(top)
        self.mean.append(values.mean(axis=1))
        self.evaluations.append(spent)
        reached = self.value >= self.settings.target
        stalled = ~reached & (self._idle >= self.settings.patience)
        for bar in np.flatnonzero(self.running & (reached | stalled)):
            self.stopped[bar] = REACHED if reached[bar] else STALLED
        self.running &= ~(reached | stalled)
