"""The evolution of songs keeps its rules, and does what its weights say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.stats import wilcoxon

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import check_parameters
from fairtrial.melodies.parameters import Songs
from fairtrial.melodies.parameters.songs import Evolution
from fairtrial.melodies.piano_roll import ONSET, Roll
from fairtrial.melodies.songs import evolution
from fairtrial.melodies.songs.bits import pack_bars, unpack_bars
from fairtrial.melodies.songs.evolution import (
    REACHED,
    SPENT,
    STALLED,
    Evolved,
    breed,
    cross_at_beats,
    evolve_song,
)
from fairtrial.melodies.songs.wishes import WISHES, FloatArray
from tests.melodies.songs.support import goal, tunes

SMALL = Evolution(population=30, generations=8)
# What is not asked for must not be won by chance: every pair of songs shares this wish.
SHARED = {"single_notes": 0.2, "density": 0.2}


def same(one: Evolved, other: Evolved) -> bool:
    return np.array_equal(one.bars, other.bars) and np.array_equal(one.best, other.best)


def test_the_same_seed_gives_the_same_song_and_another_one_another() -> None:
    """A song is a function of pool, weights and seed."""
    wanted = goal({"chord_tones": 1.0, "variety": 1.0})
    first = evolve_song(tunes(), wanted, SMALL, 3)
    assert same(first, evolve_song(tunes(), wanted, SMALL, 3))
    assert not same(first, evolve_song(tunes(), wanted, SMALL, 4))


def test_the_pool_is_not_touched() -> None:
    """Evolution changes copies."""
    pool = tunes().copy()
    evolve_song(pool, goal({"variety": 1.0}), SMALL, 0)
    assert np.array_equal(pool, tunes())


@cache
def described(wish: str, weight: float, seed: int) -> float:
    weights = {**SHARED, wish: SHARED.get(wish, 0.0) + weight}
    found = evolve_song(tunes(), goal(weights), SMALL, seed)
    return float(found.end[wish].mean())


@pytest.mark.parametrize("wish", sorted(WISHES))
def test_weights_move_their_descriptor_in_the_asked_direction(wish: str) -> None:
    """A weight above 0 gives more of it than one below 0, over seeds; p < 0.01."""
    more, less = ([described(wish, sign, seed) for seed in range(8)] for sign in (2.0, -2.0))
    assert wilcoxon(more, less, alternative="greater").pvalue < 0.01


def test_elitism_never_loses_the_best() -> None:
    """With one elite the best of a population never falls; without, it does at times."""
    wanted = goal({"variety": 1.0, "repetition": 1.0}, bars=6)
    loose = {"population": 12, "generations": 30, "mutation": 1.0, "patience": 99}
    kept = evolve_song(tunes(), wanted, Evolution(**loose, elitism=1), 0)
    assert (np.diff(kept.best, axis=0) >= 0).all()
    lost = evolve_song(tunes(), wanted, Evolution(**loose, elitism=0), 0)
    assert (np.diff(lost.best, axis=0) < 0).any()
    assert (lost.values >= lost.best[-1] - 1e-12).all()


def test_crossover_keeps_beats() -> None:
    """Every beat of a child is a beat of one of its parents, cut where it was asked."""
    rng = np.random.default_rng(0)
    left, right = (tunes()[rng.integers(len(tunes()), size=200)] for _ in range(2))
    beats = rng.integers(1, 4, size=200)
    child = unpack_bars(cross_at_beats(pack_bars(left), pack_bars(right), beats))
    for row, cut in enumerate(beats * 16):
        assert np.array_equal(child[row, :, :cut] > 0, left[row, :, :cut] > 0)
        assert np.array_equal(child[row, :, cut:] > 0, right[row, :, cut:] > 0)
        # Within its parts a child has its parents' notes; at the cut some begin that were held.
        inner = np.delete(np.arange(64), [0, cut])
        parents = np.concatenate([left[row, :, :cut], right[row, :, cut:]], axis=1)
        assert np.array_equal(child[row][:, inner] == ONSET, parents[:, inner] == ONSET)
        orphan = (child[row, :, cut] > 0) & (child[row, :, cut - 1] == 0)
        assert (child[row, orphan, cut] == ONSET).all()


def test_without_crossover_and_mutation_children_are_parents() -> None:
    """What breeding adds, its two probabilities add."""
    parents = pack_bars(tunes()[:20]).reshape(2, 10, 2, 64)
    still = Evolution(population=10, crossover=0.0, mutation=0.0)
    children = breed(parents, parents[0], still, np.random.default_rng(0))
    assert children.shape == (2, 9, 2, 64)
    for bar in range(2):
        own = {each.tobytes() for each in parents[bar]}
        assert {each.tobytes() for each in children[bar]} <= own


def test_a_tournament_is_won_by_the_best_of_so_many() -> None:
    """The drawn rank has the mean of the smallest of k uniform draws."""
    population, contenders = 100, 30
    ranks = np.arange(population, dtype=np.uint64)
    parents = np.zeros((1, population, 2, 64), np.uint64)
    parents[0, :, 0, 0] = ranks
    plain = Evolution(population=population, crossover=0.0, mutation=0.0, elitism=0)
    rng = np.random.default_rng(1)
    won = np.concatenate([breed(parents, parents[0], plain, rng)[0, :, 0, 0] for _ in range(200)])
    drawn = rng.integers(population, size=(20_000, contenders)).min(axis=1)
    assert won.mean() == pytest.approx(drawn.mean(), abs=0.1)


def test_mutation_brings_fresh_bars_or_edits() -> None:
    """Without edits a mutant is a bar of the pool; with them alone it is not."""
    parents = np.zeros((1, 40, 2, 64), np.uint64)
    parents[:] = pack_bars(tunes()[:1])[0]
    fresh = pack_bars(tunes()[5:25])
    pool = {each.tobytes() for each in fresh}
    rng = np.random.default_rng(0)
    new = Evolution(population=40, crossover=0.0, mutation=1.0, edit_share=0.0)
    assert {each.tobytes() for each in breed(parents, fresh, new, rng)[0]} <= pool
    edits = Evolution(population=40, crossover=0.0, mutation=1.0, edit_share=1.0)
    edited = {each.tobytes() for each in breed(parents, fresh, edits, rng)[0]}
    assert len(edited) > 3
    assert not edited & pool


def test_a_bar_stops_at_its_target_or_without_gains() -> None:
    """One that has reached 95 % stops at once; one without room to gain after its patience."""
    easy = evolve_song(tunes(), goal({"density": 1.0}), SMALL, 0)
    assert set(easy.stopped) == {REACHED}
    assert len(easy.best) == 1
    one = tunes()[:1]
    stuck = Evolution(population=10, generations=50, mutation=0.0, target=1.0, patience=4)
    stalled = evolve_song(one, goal({"variety": 1.0, "repetition": 1.0}), stuck, 0)
    assert set(stalled.stopped) == {STALLED}
    assert len(stalled.best) == 1 + 4
    assert stalled.evaluations[-1].tolist() == [10 + 4 * 9] * 2
    spent = Evolution(population=10, generations=2, target=1.0)
    assert SPENT in evolve_song(tunes(), goal({"variety": 1.0, "stepwise": 1.0}), spent, 0).stopped


def test_no_bar_of_a_song_stands_in_it_twice() -> None:
    """Over one chord all populations come to the same bar; the song has others."""
    wanted = goal({"repetition": 1.0, "chord_tones": 1.0}, chords=("C",), bars=6)
    found = evolve_song(tunes(), wanted, Evolution(population=60, generations=20), 0)
    assert len({each.tobytes() for each in found.bars}) == 6


def test_chords_are_respected() -> None:
    """Asked for chord tones alone, every note of the song is one of its own bar's chord."""
    wanted = goal({"chord_tones": 1.0}, chords=("C", "Am", "F", "Gdim"), bars=4)
    settings = Evolution(population=100, generations=40, target=1.0)
    found = evolve_song(tunes(), wanted, settings, 0)
    for roll, chord in zip(found.bars, wanted.harmony.chords, strict=True):
        assert {int(row) % 12 for row in np.flatnonzero(roll.any(axis=1))} <= set(chord.steps)


def test_a_critic_is_weighed_beside_the_fitness() -> None:
    """With 0.7 and 0.3 the value is their sum, and the critic's taste is followed."""

    def likes_low(rolls: Roll) -> FloatArray:
        low: FloatArray = (rolls[:, :24] > 0).any(axis=(1, 2)).astype(np.float64)
        return low

    plain = goal({"density": 1.0})
    judged = evolution.Goal(plain.harmony, plain.weights, likes_low, 0.3)
    bits, bars = pack_bars(tunes()[:40]).reshape(2, 20, 2, 64), np.arange(2)
    low = likes_low(tunes()[:40]).reshape(2, 20)
    expected = 0.7 * plain.judge(bits, bars) + 0.3 * low
    assert judged.judge(bits, bars) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": {"density": 0.0}}, "at least one weight other than 0"),
        ({"weights": {"loudness": 1.0}}, "chord_tones"),
        ({"chords": ["C", "H"]}, "match pattern"),
        ({"key": "Cdim"}, "match pattern"),
        ({"tempo_bpm": 0.0}, "greater than or equal to 20"),
        ({"evolution": {"population": 5, "elitism": 5}}, "elitism below the population"),
    ],
)
def test_a_song_that_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    """Before anything runs, with the key at fault."""
    with pytest.raises(ConfigError, match=message):
        check_parameters(Songs, change, "melody.optimize")


def test_the_defaults_are_those_of_the_authors_programme() -> None:
    """Its population, generations, shares and stops; elitism of one is ours."""
    settings = Evolution()
    assert (settings.population, settings.generations) == (200, 50)
    assert (settings.tournament_share, settings.crossover, settings.mutation) == (0.3, 0.7, 0.3)
    assert (settings.target, settings.patience, settings.elitism) == (0.95, 15, 1)
