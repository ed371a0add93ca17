"""Bars for tests."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fairtrial.melodies.piano_roll import ROWS, Cell, Roll, draw_roll


def roll(*cells: tuple[int, int, int]) -> Roll:
    """A bar of notes (row, column, length)."""
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
