"""When a run counts as collapsed."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.collapse import distinct_share, tell_collapse, variety
from tests.melodies.rolls import random_rolls, roll


def test_variety_is_the_chance_that_a_sounding_cell_is_silent_elsewhere() -> None:
    """0 for one bar repeated, a half for two that share nothing, by hand for what lies between."""
    low, high = roll((10, 0, 64)), roll((30, 0, 64))
    assert variety(np.stack([low] * 5)) == 0
    assert variety(np.stack([low, high])) == pytest.approx(0.5)
    # 64 cells sound in both, 64 in one of the two: 1 - (64 + 64 / 4) / (64 + 64 / 2).
    both = np.maximum(low, high)
    assert variety(np.stack([low, both])) == pytest.approx(1 / 6)
    assert variety(np.zeros((3, 48, 64), np.uint8)) == 0


def test_real_bars_have_not_collapsed() -> None:
    """Bars that differ tell nothing, nor do some repetitions among them."""
    bars = random_rolls(20)
    assert tell_collapse(np.concatenate([bars] * 5)) == ""
    assert distinct_share(np.concatenate([bars] * 5)) == pytest.approx(0.2)


def test_one_bar_again_and_again_has_collapsed() -> None:
    """Equal bars are told by how many differ, silent ones too."""
    bars = np.repeat(random_rolls(1), 100, axis=0)
    assert tell_collapse(bars) == "collapsed: 1.0% of its bars differ"
    assert tell_collapse(np.zeros((50, 48, 64), np.uint8)).startswith("collapsed")


def test_one_bar_with_a_cell_of_noise_has_collapsed() -> None:
    """Bars that all differ, but in a single cell each, are nearly one bar."""
    bars = np.repeat(roll((10, 0, 64), (20, 0, 64), (30, 0, 64))[None], 60, axis=0)
    bars[np.arange(60), 40, np.arange(60)] = 2
    assert distinct_share(bars) == 1
    assert tell_collapse(bars).startswith("collapsed: its bars differ in 0.5%")
