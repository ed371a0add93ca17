"""Whether predictions know anything of the labels."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.statistics.permutation import AboveChance, above_chance


def against_chance(
    y: np.ndarray, predicted: np.ndarray, group: np.ndarray | None = None, draws: int = 499
) -> AboveChance:
    """Two strata; every item a group of its own unless said otherwise."""
    alone = np.arange(len(y)) if group is None else group
    stratum = np.arange(len(y)) % 2
    return above_chance(y, predicted, alone, stratum, np.random.default_rng(3), draws)


def test_the_value_is_the_balanced_accuracy_and_chance_that_of_permuted_labels() -> None:
    """3 of 4 and 1 of 2 right: mean 0.625; permuted labels of two classes are met by half."""
    y = np.array([0, 0, 0, 0, 1, 1])
    found = against_chance(y, np.array([0, 0, 0, 1, 1, 0]), draws=4999)
    assert found.value == pytest.approx(0.625)
    assert found.chance == pytest.approx(0.5, abs=0.02)


def test_right_predictions_have_the_smallest_p() -> None:
    """None of 499 permutations comes near: p = 1 / 500."""
    y = np.arange(60) % 3
    found = against_chance(y, y)
    assert (found.value, found.p) == (1.0, 1 / 500)
    assert found.chance == pytest.approx(1 / 3, abs=0.02)


def test_p_is_uniform_where_predictions_know_nothing() -> None:
    """Of 200 tables of noise about a tenth have p below 0.1, for unbalanced classes too."""
    rng = np.random.default_rng(8)
    small = 0
    for _ in range(200):
        y = (rng.random(60) < 0.3).astype(np.int64)
        small += against_chance(y, rng.permutation(y), draws=99).p <= 0.1
    assert 8 <= small <= 34


def test_copies_of_one_picture_are_no_further_evidence() -> None:
    """Six groups of ten copies all right: 6 labels can be exchanged, so p is far from 1 / 500."""
    label = np.array([0, 1, 0, 1, 0, 1])
    y = np.repeat(label, 10)
    group = np.repeat(np.arange(6), 10)
    one = above_chance(y, y, group, np.zeros(60), np.random.default_rng(3), 499)
    assert 1 / 20 * 0.5 < one.p < 1 / 20 * 2  # 6 choose 3 = 20 ways to deal the labels
    assert above_chance(y, y, np.arange(60), np.zeros(60), np.random.default_rng(3), 499).p < 0.01


def test_labels_are_exchanged_within_a_stratum_only() -> None:
    """Where every stratum has one label there is nothing to exchange, and p is 1."""
    y = np.arange(40) % 2
    assert against_chance(y, y).p == 1.0
