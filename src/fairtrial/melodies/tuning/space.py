"""One bar of a song as a task for an optimiser of numbers: which tune each beat is taken from."""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.piano_roll import COLUMNS, COLUMNS_PER_QUARTER, Roll
from fairtrial.melodies.songs.bits import SOUNDING, Bits, begin_notes, count_bits, pack_bars
from fairtrial.melodies.songs.evolution import Goal
from fairtrial.optimizers.task import FloatArray, Task

BEATS = COLUMNS // COLUMNS_PER_QUARTER
_BEAT_OF = np.arange(COLUMNS) // COLUMNS_PER_QUARTER


class Beats:
    """The beats of a pool of bars, in the order of their mean pitch.

    Near numbers so are notes of near pitch: an optimiser of numbers has something to follow.

    Args:
        pool: uint8 (n, 48, 64).
    """

    def __init__(self, pool: Roll) -> None:
        bits = pack_bars(pool)
        rows = np.arange(pool.shape[1])
        cells = count_bits(bits[:, SOUNDING])
        heights = np.count_nonzero(pool, axis=2) @ rows / np.maximum(cells, 1)
        self.bits = bits[np.argsort(heights, kind="stable")]

    def bars(self, points: FloatArray) -> Bits:
        """Bars uint64 (n, 2, 64) of points (n, 4) in [0, bars of the pool]."""
        chosen = np.minimum(points.astype(np.intp), len(self.bits) - 1)  # (n, 4)
        # The two planes of each column from the bar that its beat was chosen from.
        bits = self.bits[chosen[:, _BEAT_OF], :, np.arange(COLUMNS)]  # (n, 64, 2)
        return begin_notes(bits.swapaxes(1, 2))

    def task(self, goal: Goal, bar: int) -> Task:
        """The minimisation of 1 - value of one bar of the song."""

        def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
            values = goal.judge(self.bars(points)[None], np.array([bar]))[0]
            return 1 - values, np.zeros(len(points))

        return Task(evaluate, np.zeros(BEATS), np.full(BEATS, float(len(self.bits))))
