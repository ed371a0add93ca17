"""Whether bars were made or remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from fairtrial.melodies.piano_roll import HELD, ONSET, Roll, as_generated
from fairtrial.melodies.scoring.memory import Memory, compare_nearest, find_copied
from tests.melodies.rolls import random_rolls, roll
from tests.melodies.scoring.support import read_music

SEEDS = range(20)
BARS = 60


def keep(bars: Roll, generator: np.random.Generator) -> Roll:
    """Each bar as it is."""
    return bars


def change_one_cell(bars: Roll, generator: np.random.Generator) -> Roll:
    """Each bar with one cell struck or silenced."""
    changed = bars.copy()
    rows, columns = generator.integers(48, size=len(bars)), generator.integers(64, size=len(bars))
    cells = changed[np.arange(len(bars)), rows, columns]
    changed[np.arange(len(bars)), rows, columns] = np.where(cells > 0, 0, ONSET)
    return changed


def transpose(bars: Roll, generator: np.random.Generator) -> Roll:
    """Each bar a few semitones higher or lower, as far as its notes stay in range."""
    moved = []
    for bar in bars:
        used = np.flatnonzero(bar.any(axis=1))
        low, high = (used[0], used[-1]) if len(used) else (0, 47)
        shift = int(generator.integers(-min(low, 6), min(47 - high, 6) + 1))
        moved.append(np.roll(bar, shift, axis=0))
    return np.stack(moved)


def test_a_bar_that_was_learnt_is_at_no_distance() -> None:
    """Also transposed, delayed, or written with held notes instead of struck ones."""
    bar = roll((24, 0, 16), (28, 16, 16), (31, 32, 8))
    memory = Memory(bar[None])
    assert memory.nearest(bar[None]) == 0
    assert memory.nearest(np.roll(bar, 5, axis=0)[None]) == 0
    assert memory.nearest(np.roll(bar, 8, axis=1)[None]) == 0
    assert memory.nearest(np.where(bar == ONSET, HELD, bar)[None].astype(np.uint8)) == 0


def test_distances_are_shares_of_sounding_cells() -> None:
    """32 cells in common of 48 in either are 1/3 apart; silence is far from sound, not silence."""
    memory = Memory(roll((24, 0, 16), (28, 16, 16))[None])
    longer = roll((24, 0, 16), (28, 16, 16), (31, 32, 16))
    assert memory.nearest(longer[None]) == pytest.approx(1 / 3)
    silence = np.zeros((1, 48, 64), np.uint8)
    assert memory.nearest(silence) == 1
    assert Memory(silence).nearest(silence) == 0


def test_the_nearest_is_that_of_a_plain_search() -> None:
    """Over all pairs, in parts, to the last bit of a float32."""
    known, bars = random_rolls(30, seed=1), random_rolls(40, seed=2)
    sounding = [bar > 0 for bar in as_generated(known)]

    def apart(a: np.ndarray, b: np.ndarray) -> float:
        return 1 - (a & b).sum() / (a | b).sum()

    def home(bar: np.ndarray) -> np.ndarray:
        row, column = np.flatnonzero(bar.any(axis=1))[0], np.flatnonzero(bar.any(axis=0))[0]
        return np.roll(bar, (-row, -column), axis=(0, 1))

    plain = [
        min(min(apart(bar, other), apart(home(bar), home(other))) for other in sounding)
        for bar in as_generated(bars) > 0
    ]
    assert Memory(known).nearest(bars) == pytest.approx(plain, abs=1e-6)


def test_copies_are_found_in_the_training_set_itself() -> None:
    """Equal bars are told one by one; a changed cell makes another bar."""
    known = random_rolls(30, seed=1)
    other = random_rolls(30, seed=2)
    assert (
        find_copied(np.concatenate([known[:5], other[:5]]), known).tolist()
        == [True] * 5 + [False] * 5
    )
    changed = change_one_cell(known[:5], np.random.default_rng(0))
    assert not find_copied(changed, known).any()


def test_as_near_as_unseen_bars_is_one_half() -> None:
    """Half where both are alike, 1 where all are nearer, and songs widen the error."""
    generator = np.random.default_rng(0)
    distances, songs = generator.random(200), np.repeat(np.arange(20), 10)
    same = compare_nearest(distances, distances, songs)
    assert same.probability == 0.5
    assert not same.copies
    nearer = compare_nearest(np.zeros(50), distances + 0.1, songs)
    assert (nearer.probability, nearer.copies) == (1.0, True)
    alone = compare_nearest(distances, np.sort(distances), np.arange(200))
    grouped = compare_nearest(distances, np.sort(distances), songs)
    assert grouped.error > 2 * alone.error


def test_bars_of_a_single_song_convict_nobody() -> None:
    """How much songs differ is not known from one of them."""
    found = compare_nearest(np.zeros(50), np.linspace(0.2, 0.9, 30), np.zeros(30))
    assert (found.probability, found.error, found.copies) == (1.0, np.inf, False)


class Dealt(NamedTuple):
    """Songs dealt anew: bars to learn from, bars of other songs, and how near these lie."""

    learnt: Roll
    honest: Roll
    memory: Memory
    unseen: np.ndarray
    songs: np.ndarray


def deal_songs(bars: Roll, songs: np.ndarray) -> list[Dealt]:
    """A third of the songs to learn from, a third unseen, a third honest, over 20 seeds."""
    dealt = []
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(np.unique(songs))
        third = len(order) // 3
        parts = np.split(order, [third, 2 * third])
        learnt, unseen, honest = (bars[np.isin(songs, part)] for part in parts)
        memory = Memory(learnt)
        own = songs[np.isin(songs, parts[1])]
        dealt.append(Dealt(learnt, honest, memory, memory.nearest(unseen), own))
    return dealt


@pytest.fixture(scope="module")
def samples(songs: tuple[Roll, np.ndarray]) -> list[Dealt]:
    """The embedded tunes."""
    return deal_songs(*songs)


@pytest.fixture(scope="module")
def lead_sheets(real_data: Path) -> list[Dealt]:
    """Real lead sheets."""
    return deal_songs(*read_music(real_data / "midi" / "openewld"))


def is_flagged(dealt: Dealt, made: Roll) -> bool:
    return compare_nearest(dealt.memory.nearest(made), dealt.unseen, dealt.songs).copies


@pytest.mark.parametrize(
    "copy", [keep, change_one_cell, transpose], ids=["as_they_are", "one_cell", "transposed"]
)
@pytest.mark.parametrize("source", ["samples", "lead_sheets"])
def test_a_planted_copier_is_flagged(
    request: pytest.FixtureRequest, source: str, copy: Callable[[Roll, np.random.Generator], Roll]
) -> None:
    """Training bars as they are, with a cell changed, or transposed: in each of 20 seeds."""
    for seed, dealt in zip(SEEDS, request.getfixturevalue(source), strict=True):
        generator = np.random.default_rng(seed)
        chosen = dealt.learnt[generator.permutation(len(dealt.learnt))[:BARS]]
        assert is_flagged(dealt, copy(chosen, generator)), seed


@pytest.mark.parametrize("source", ["samples", "lead_sheets"])
def test_an_honest_generator_is_not_flagged(request: pytest.FixtureRequest, source: str) -> None:
    """Real bars of songs that nobody trained on: in none of 20 seeds."""
    for seed, dealt in zip(SEEDS, request.getfixturevalue(source), strict=True):
        chosen = np.random.default_rng(seed).permutation(len(dealt.honest))[:BARS]
        assert not is_flagged(dealt, dealt.honest[chosen]), seed
