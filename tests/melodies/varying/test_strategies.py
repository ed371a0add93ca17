"""What every strategy keeps, and what each one does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.melodies.parameters import Step
from fairtrial.melodies.piano_roll import ONSET, Cell, Roll, roll_to_cells
from fairtrial.melodies.varying import STRATEGIES
from fairtrial.melodies.varying.augment import vary
from tests.melodies.rolls import random_rolls, roll


def apply(name: str, rolls: Roll, seed: int = 0, **settings: int) -> Roll:
    """One copy of each bar by the strategy ``name``."""
    step = Step.model_validate({"strategy": name, "factor": 1, **settings})
    return vary(step, rolls, np.random.default_rng(seed))


def mixed_rolls(number: int, seed: int = 0) -> Roll:
    """Bars of some notes, among them silent, full, held-over and edge ones."""
    rolls = random_rolls(number, seed)
    rolls[1 % number] = 0
    rolls[2 % number] = ONSET
    rolls[3 % number] = 1  # notes held over from the bar before
    rolls[4 % number] = roll((0, 0, 64), (47, 0, 64))
    return rolls


def notes_of(bar: Roll) -> list[Cell]:
    return roll_to_cells(bar)


# The battery: every registered strategy.


@pytest.mark.parametrize("name", STRATEGIES.names())
class TestEveryStrategy:
    """What the protocol `Strategy` asks of each entry of the registry."""

    def test_it_gives_as_many_rolls_of_cells_in_range(self, name: str) -> None:
        """uint8 (n, 48, 64) of 0, 1 and 2, of many bars, one, and none."""
        for number in (40, 1, 0):
            varied = apply(name, mixed_rolls(40)[:number])
            assert varied.shape == (number, 48, 64)
            assert varied.dtype == np.uint8
            assert varied.max(initial=0) <= ONSET

    def test_it_never_touches_its_input(self, name: str) -> None:
        """A pure function: the batch is as before, and the result is another array."""
        rolls = mixed_rolls(40)
        before = rolls.copy()
        varied = apply(name, rolls)
        assert np.array_equal(rolls, before)
        assert not np.shares_memory(varied, rolls)

    def test_it_changes_something(self, name: str) -> None:
        """Most bars of a few notes come out changed, and not always in the same way."""
        rolls = random_rolls(60, low=12, high=36)
        first, other = apply(name, rolls, seed=0), apply(name, rolls, seed=1)
        assert (first != rolls).any(axis=(1, 2)).mean() > 0.7
        assert (first != other).any()

    def test_the_generator_decides_everything(self, name: str) -> None:
        """Equal seeds give equal bars, whatever numpy's global state."""
        rolls = mixed_rolls(40)
        first = apply(name, rolls, seed=3)
        np.random.seed(5)
        assert np.array_equal(first, apply(name, rolls, seed=3))

    def test_a_bar_does_not_depend_on_the_bars_beside_it(self, name: str) -> None:
        """With all other bars replaced, or those behind it left out, it becomes the same."""
        rolls, others = mixed_rolls(40), mixed_rolls(40, seed=9)
        varied = apply(name, rolls)
        for place in (0, 17, 39):
            replaced = others.copy()
            replaced[place] = rolls[place]
            assert np.array_equal(apply(name, replaced)[place], varied[place])
        assert np.array_equal(apply(name, rolls[:11]), varied[:11])

    def test_notes_stay_notes(self, name: str) -> None:
        """No cell goes on where nothing began, but at the bar's start."""
        varied = apply(name, random_rolls(60))
        orphans = (varied[..., 1:] == 1) & (varied[..., :-1] == 0)
        assert not orphans.any()


# Time change.


@given(st.integers(0, 10_000))
def test_a_time_change_moves_one_end_to_the_neighbouring_eighth(seed: int) -> None:
    """One note gets another end, the next multiple of 8 columns or the next note; none is lost."""
    before = random_rolls(1, seed)
    after = apply("time_change", before, seed)
    old, new = notes_of(before[0]), notes_of(after[0])
    assert [(c.row, c.column) for c in old] == [(c.row, c.column) for c in new]
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert len(changed) <= 1
    for a, b in changed:
        end_before, end = a.column + a.length, b.column + b.length
        onsets = {c.column for c in old if c.row == b.row}
        assert end % 8 == 0 or end in onsets
        assert abs(end - end_before) <= 8


def test_a_time_change_goes_both_ways() -> None:
    """A note is lengthened or shortened, as drawn; a note of an eighth is never erased."""
    bars = np.stack([roll((20, 16, 16))] * 50)
    assert {notes_of(bar)[0].length for bar in apply("time_change", bars)} == {8, 24}
    eighths = np.stack([roll((20, 16, 8))] * 50)
    assert {notes_of(bar)[0].length for bar in apply("time_change", eighths)} == {16}


def test_a_time_change_keeps_to_its_grid() -> None:
    """With a grid of a quarter, ends are multiples of 16 columns."""
    bars = np.stack([roll((20, 0, 20))] * 50)
    lengths = {notes_of(bar)[0].length for bar in apply("time_change", bars, grid_columns=16)}
    assert lengths == {16, 32}


def test_a_time_change_ends_where_the_next_note_of_its_row_begins() -> None:
    """A lengthened note neither swallows nor moves the one after it."""
    bars = np.stack([roll((20, 0, 8), (20, 12, 20))] * 60)
    for bar in apply("time_change", bars):
        assert [cell.column for cell in notes_of(bar)] == [0, 12]


def test_every_note_is_chosen_equally_often() -> None:
    """Of four notes each is changed in about a quarter of 2,000 bars."""
    bars = np.stack([roll(*((10 * k + 5, 16 * k, 12) for k in range(4)))] * 2000)
    changed = (apply("time_change", bars) != bars).any(axis=2).sum(axis=0)
    assert changed.sum() == 2000
    assert np.abs(changed[[5, 15, 25, 35]] - 500).max() < 100


# Fifth addition.


@given(st.integers(0, 10_000))
def test_a_fifth_addition_copies_one_note_five_semitones_away(seed: int) -> None:
    """What is new is one copy of a note, five rows off and in range; all else stays."""
    before = random_rolls(1, seed)
    after = apply("fifth_addition", before, seed)
    old, new = set(notes_of(before[0])), set(notes_of(after[0]))
    assert old <= new
    added = new - old
    assert len(added) <= 1
    for cell in added:
        assert {cell._replace(row=cell.row + 5), cell._replace(row=cell.row - 5)} & old


def test_a_fifth_addition_goes_both_ways_and_never_wraps() -> None:
    """Up and down are drawn; at an edge of the rows the other direction is taken."""

    def added(row: int, **settings: int) -> set[int]:
        bars = np.stack([roll((row, 0, 16))] * 40)
        after = apply("fifth_addition", bars, **settings)
        return {cell.row for bar in after for cell in notes_of(bar)} - {row}

    assert added(20) == {15, 25}
    assert added(2) == {7}
    assert added(45) == {40}
    assert added(20, interval_semitones=7) == {13, 27}
    assert added(20, interval_semitones=24) == {44}


def test_a_fifth_addition_never_writes_over_a_note() -> None:
    """Where a note sounds on one side, the copy goes to the other; between two it is left out."""
    one_side = np.stack([roll((20, 0, 16), (25, 8, 16))] * 60)
    for bar in apply("fifth_addition", one_side):
        assert set(notes_of(one_side[0])) <= set(notes_of(bar))
    walled = np.stack([roll((2, 0, 64), (7, 0, 64))] * 20)
    after = apply("fifth_addition", walled)
    assert {cell.row for bar in after for cell in notes_of(bar)} == {2, 7, 12}


# Octave change.


def test_an_octave_change_moves_the_whole_bar() -> None:
    """Up or down by 12 rows as drawn, the other way where it does not fit, else unchanged."""
    middle = np.stack([roll((20, 0, 16), (27, 16, 48))] * 40)
    assert {notes_of(bar)[0].row for bar in apply("octave_change", middle)} == {8, 32}
    low, high = np.stack([roll((3, 0, 8))] * 20), np.stack([roll((44, 0, 8))] * 20)
    assert {notes_of(bar)[0].row for bar in apply("octave_change", low)} == {15}
    assert {notes_of(bar)[0].row for bar in apply("octave_change", high)} == {32}
    wide = roll((3, 0, 8), (44, 8, 8))[None]
    assert np.array_equal(apply("octave_change", wide), wide)


@given(st.integers(0, 10_000))
def test_moving_a_bar_keeps_every_interval(seed: int) -> None:
    """Notes keep their number, columns, lengths and distances, by octave or by semitones."""
    before = random_rolls(1, seed, low=2, high=44)
    for name, allowed in (("octave_change", {0, 12}), ("transposition", {1, 2, 3, 4, 5})):
        after = apply(name, before, seed)
        old, new = notes_of(before[0]), notes_of(after[0])
        shift = new[0].row - old[0].row
        assert abs(shift) in allowed
        assert [cell._replace(row=cell.row + shift) for cell in old] == new


# Transposition.


def test_a_transposition_takes_every_distance_but_none() -> None:
    """Each of the ten distances is drawn, none more than its share; at an edge those that fit."""
    middle = np.stack([roll((20, 0, 16))] * 2000)
    rows = np.array([notes_of(bar)[0].row for bar in apply("transposition", middle)])
    counts = np.bincount(rows, minlength=48)
    assert set(np.flatnonzero(counts)) == {15, 16, 17, 18, 19, 21, 22, 23, 24, 25}
    assert counts.max() < 260
    edge = np.stack([roll((1, 0, 16))] * 200)
    moved = apply("transposition", edge, most_semitones=3)
    assert {notes_of(bar)[0].row for bar in moved} == {0, 2, 3, 4}
    wide = roll((0, 0, 8), (47, 8, 8))[None]
    assert np.array_equal(apply("transposition", wide), wide)
