"""The real bars of each update, for one run or several at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
import torch

from fairtrial.melodies.piano_roll import Roll, rolls_to_signals
from fairtrial.training.device import to_device

_BLOCK = 4096  # bars turned into signals at once, to bound memory


class BarFeed:
    """Batches of training bars: every pass over the set has a fresh order in each run.

    On the CPU bars are read from the set as they are asked for, which may be memory-mapped; on a
    graphics card all of them are kept there, a byte a cell.

    Args:
        rolls: training bars, uint8 (n, 48, 64).
        batch_size: bars of a batch; the last one of a pass may be smaller.
        seeds: of the order, one a run.
        device: where batches go.
    """

    def __init__(
        self, rolls: Roll, batch_size: int, seeds: Sequence[int], device: torch.device
    ) -> None:
        self.rolls = rolls
        self.batch_size = batch_size
        self.seeds = seeds
        self.device = device
        self._resident = _load(rolls, device) if device.type == "cuda" else None
        self._epoch = -1
        self._orders = np.empty((0, 0), np.intp)

    def rows(self, index: int) -> np.ndarray:
        """Places in the training set of the bars of update ``index``, intp (R, b)."""
        epoch, position = divmod(index, ceil(len(self.rolls) / self.batch_size))
        if epoch != self._epoch:
            self._epoch = epoch
            orders = [np.random.default_rng([seed, epoch]) for seed in self.seeds]
            self._orders = np.stack([order.permutation(len(self.rolls)) for order in orders])
        start = position * self.batch_size
        # Ascending, as memory-mapped rows are read best; the order in a batch is no matter.
        return np.sort(self._orders[:, start : start + self.batch_size], axis=1)

    def batch(self, index: int) -> torch.Tensor:
        """Signals of update ``index``, float32 (b, R, 48, 64) of +1 and -1."""
        rows = self.rows(index).T
        if self._resident is None:
            return to_device(rolls_to_signals(self.rolls[rows]), self.device)
        return self._resident[to_device(rows, self.device)].float() * 2 - 1


def _load(rolls: Roll, device: torch.device) -> torch.Tensor:
    """Which cells of each bar sound, bool (n, 48, 64), on a device."""
    blocks = [rolls[start : start + _BLOCK] for start in range(0, len(rolls), _BLOCK)]
    return torch.cat([to_device(rolls_to_signals(block) > 0, device) for block in blocks])
