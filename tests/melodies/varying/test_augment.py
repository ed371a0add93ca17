"""The three augmentations and their pipeline."""

from __future__ import annotations

import logging
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairtrial.melodies.parameters import Augment, Step
from fairtrial.melodies.piano_roll import ROWS, Cell, Roll, draw_roll, roll_to_cells
from fairtrial.melodies.varying.augment import (
    add_fifth,
    augment_bars,
    change_octave,
    change_time,
    count_duplicates,
    replicate_bars,
)
from fairtrial.melodies.varying.banks import build_training_set


def roll(*cells: tuple[int, int, int]) -> Roll:
    return draw_roll([Cell(*cell) for cell in cells])[0]


def random_rolls(number: int, seed: int = 0, low: int = 0, high: int = ROWS) -> Roll:
    """Bars of a few notes in the rows low..high - 1."""
    generator = np.random.default_rng(seed)
    rolls = []
    for _ in range(number):
        borders = np.sort(generator.choice(np.arange(65), 6, replace=False))
        cells = [
            (int(generator.integers(low, high)), int(left), int(right - left))
            for left, right in pairwise(borders)
        ]
        rolls.append(roll(*cells))
    return np.stack(rolls)


def steps(*pairs: tuple[str, int]) -> Augment:
    return Augment(steps=tuple(Step(strategy=name, factor=k) for name, k in pairs))


PAPER_EXAMPLE = steps(("time_change", 6), ("octave_change", 1), ("fifth_addition", 3))


def test_the_example_of_the_paper_has_its_counts() -> None:
    """10 -> 70 -> 140 -> 560 for factors 6, 1, 3 (the paper misprints 40 and 80)."""
    rolls, report = augment_bars(random_rolls(10), PAPER_EXAMPLE, np.random.default_rng(0))
    assert [step["bars"] for step in report["steps"]] == [70, 140, 560]
    assert len(rolls) == report["bars"] == 560


def test_55_bars_become_3080_by_default() -> None:
    """The test of the paper: factors 6, 3, 1."""
    rolls, _ = augment_bars(random_rolls(55), Augment(), np.random.default_rng(0))
    assert len(rolls) == 3080
    assert Augment().growth * 55 == 3080


def test_originals_stand_first_and_stay_as_they_are() -> None:
    """No augmentation touches its input, and the originals lead the augmented set."""
    originals = random_rolls(20)
    before = originals.copy()
    rolls, _ = augment_bars(originals, Augment(), np.random.default_rng(1))
    assert np.array_equal(originals, before)
    assert np.array_equal(rolls[:20], before)


def test_the_same_generator_gives_the_same_set() -> None:
    """All randomness comes from the generator that is passed."""
    originals = random_rolls(5)
    first, _ = augment_bars(originals, Augment(), np.random.default_rng(3))
    again, _ = augment_bars(originals, Augment(), np.random.default_rng(3))
    other, _ = augment_bars(originals, Augment(), np.random.default_rng(4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_ops_and_duplicates_are_counted() -> None:
    """A bar that cannot change is reported as unchanged, and equal bars as duplicates."""
    silent = np.zeros((4, 48, 64), np.uint8)
    _, report = augment_bars(silent, steps(("time_change", 2)), np.random.default_rng(0))
    assert report["steps"][0]["unchanged"] == 8
    assert report["duplicates"] == 11
    assert count_duplicates(np.stack([roll((1, 0, 1)), roll((2, 0, 1)), roll((1, 0, 1))])) == 1


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_a_time_change_moves_one_end_to_the_neighbouring_eighth(seed: int) -> None:
    """One note gets another end, the next multiple of 8 columns or the next note; none is lost."""
    before = random_rolls(1, seed)
    after = change_time(before, np.random.default_rng(seed), 8)
    old, new = roll_to_cells(before[0]), roll_to_cells(after[0])
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
    lengths = {
        roll_to_cells(bar)[0].length for bar in change_time(bars, np.random.default_rng(0), 8)
    }
    assert lengths == {8, 24}
    eighths = np.stack([roll((20, 16, 8))] * 50)
    longer = change_time(eighths, np.random.default_rng(0), 8)
    assert {roll_to_cells(bar)[0].length for bar in longer} == {16}


def test_a_time_change_ends_where_the_next_note_of_its_row_begins() -> None:
    """A lengthened note neither swallows nor moves the one after it."""
    bars = np.stack([roll((20, 0, 8), (20, 12, 20))] * 60)
    for bar in change_time(bars, np.random.default_rng(0), 8):
        assert [cell.column for cell in roll_to_cells(bar)] == [0, 12]


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_a_fifth_addition_copies_one_note_five_semitones_away(seed: int) -> None:
    """What is new is one copy of a note, five rows off and in range; all else stays."""
    before = random_rolls(1, seed)
    after = add_fifth(before, np.random.default_rng(seed), 5)
    old, new = set(roll_to_cells(before[0])), set(roll_to_cells(after[0]))
    assert old <= new
    added = new - old
    assert len(added) <= 1
    for cell in added:
        assert {cell._replace(row=cell.row + 5), cell._replace(row=cell.row - 5)} & old


def test_a_fifth_addition_goes_both_ways_and_never_wraps() -> None:
    """Up and down are drawn; at an edge of the rows the other direction is taken."""

    def added(row: int) -> set[int]:
        bars = np.stack([roll((row, 0, 16))] * 40)
        after = add_fifth(bars, np.random.default_rng(0), 5)
        return {cell.row for bar in after for cell in roll_to_cells(bar)} - {row}

    assert added(20) == {15, 25}
    assert added(2) == {7}
    assert added(45) == {40}


def test_an_octave_change_moves_the_whole_bar() -> None:
    """Up or down by 12 rows as drawn, the other way where it does not fit, else unchanged."""
    middle = np.stack([roll((20, 0, 16), (27, 16, 48))] * 40)
    moved = change_octave(middle, np.random.default_rng(0))
    assert {roll_to_cells(bar)[0].row for bar in moved} == {8, 32}
    low, high = np.stack([roll((3, 0, 8))] * 20), np.stack([roll((44, 0, 8))] * 20)
    assert {roll_to_cells(b)[0].row for b in change_octave(low, np.random.default_rng(0))} == {15}
    assert {roll_to_cells(b)[0].row for b in change_octave(high, np.random.default_rng(0))} == {32}
    wide = roll((3, 0, 8), (44, 8, 8))[None]
    assert np.array_equal(change_octave(wide, np.random.default_rng(0)), wide)


@given(st.integers(0, 10_000))
@settings(deadline=None)
def test_an_octave_change_keeps_every_interval(seed: int) -> None:
    """Notes keep their number, columns, lengths and distances."""
    before = random_rolls(1, seed)
    after = change_octave(before, np.random.default_rng(seed))
    old, new = roll_to_cells(before[0]), roll_to_cells(after[0])
    shift = new[0].row - old[0].row
    assert abs(shift) in (0, 12)
    assert [cell._replace(row=cell.row + shift) for cell in old] == new


def test_factors_past_the_advised_ones_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """The paper advises octaves at most twice and fifths at most four times."""
    with caplog.at_level(logging.WARNING):
        augment_bars(random_rolls(2), steps(("octave_change", 3)), np.random.default_rng(0))
    assert "passes the 2" in caplog.text


def test_a_replicated_set_has_exactly_the_augmented_size() -> None:
    """The originals in turn, cut at the asked size."""
    originals = random_rolls(7)
    rolls = replicate_bars(originals, 20)
    assert np.array_equal(rolls[:7], originals)
    assert np.array_equal(rolls[14:], originals[:6])


@pytest.mark.parametrize(
    ("training_set", "bars"), [("original", 6), ("augmented", 336), ("replicated", 336)]
)
def test_training_sets_start_with_the_originals(training_set: str, bars: int) -> None:
    """Each arm's set has its size, leads with the originals and tells what it holds."""
    originals = random_rolls(6)
    rolls, told = build_training_set(originals, training_set, Augment(), np.random.default_rng(0))
    assert len(rolls) == told["bars"] == bars
    assert np.array_equal(rolls[:6], originals)
    if training_set == "replicated":
        assert told["duplicates"] == 330
