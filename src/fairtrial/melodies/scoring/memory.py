"""Whether bars were made or remembered: how near each lies to the training bars.

A real bar that nobody trained on also lies near some training bar. Bars are copies where they lie
nearer than that.

Source: Meehan, Chaudhuri and Dasgupta 2020, "A non-parametric test to detect data-copying in
generative models", section 3. The variance over songs: Obuchowski 1997, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import COLUMNS, ROWS, SILENT, Roll, as_generated

# Standard errors by which copies must lie nearer than unseen bars: at three, one honest run in
# about 700 is taken for a copier.
_SURE = 3.0
# As near as this two bars are one: of the cells that sound, one in twenty differs.
SAME = 0.05
_BATCH = 1024


class Memory:
    """The training bars, to be compared with others.

    Bars are as far apart as the share of cells that sound in only one of them, of those that sound
    in either: 0 for copies, 1 where nothing sounds in both. It is taken of the bars as they stand,
    and of both moved to their lowest note and first onset; the smaller one counts, so that neither
    a changed note nor a transposition hides a copy.

    Args:
        learnt: training bars, uint8 (n, 48, 64), n >= 1.
    """

    def __init__(self, learnt: Roll) -> None:
        distinct = np.unique(_flat(_sounding(learnt)), axis=0)
        self.views = [view.astype(np.float32) for view in _views(distinct)]

    def nearest(self, bars: Roll) -> NDArray[np.float64]:
        """Distance of bars, uint8 (m, 48, 64), from the nearest training bar: (m,) in [0, 1]."""
        parts = []
        for start in range(0, len(bars), _BATCH):
            views = _views(_flat(_sounding(bars[start : start + _BATCH])))
            distances = [
                _jaccard(view.astype(np.float32), known).min(axis=1)
                for view, known in zip(views, self.views, strict=True)
            ]
            parts.append(np.minimum(*distances))
        return np.concatenate(parts).astype(np.float64)


def _sounding(bars: Roll) -> NDArray[np.bool_]:
    return np.asarray(as_generated(bars) > SILENT)


def _flat(sounding: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return sounding.reshape(len(sounding), ROWS * COLUMNS)


def _views(flat: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Bars bool (n, 3072) as they stand, and moved to their lowest note and first onset."""
    rolls = flat.reshape(-1, ROWS, COLUMNS)
    lowest = rolls.any(axis=2).argmax(axis=1)[:, None, None]
    first = rolls.any(axis=1).argmax(axis=1)[:, None, None]
    # Only silence is moved past the edges.
    rows = (np.arange(ROWS)[None, :, None] + lowest) % ROWS
    columns = (np.arange(COLUMNS)[None, None, :] + first) % COLUMNS
    return flat, _flat(rolls[np.arange(len(rolls))[:, None, None], rows, columns])


def _jaccard(bars: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances (n, m) of rows of zeros and ones; two silent bars are equal."""
    common = bars @ known.T  # counts below 2^24 are exact
    either = bars.sum(axis=1)[:, None] + known.sum(axis=1)[None, :] - common
    return np.asarray(np.where(either > 0, 1 - common / np.maximum(either, 1), 0), np.float32)


def find_copied(bars: Roll, training_set: Roll) -> NDArray[np.bool_]:
    """Which bars equal, cell for cell, a bar of the arm's own training set: bool (n,).

    Args:
        bars: uint8 (n, 48, 64).
        training_set: uint8 (m, 48, 64); may be memory-mapped, and is read in parts.
    """
    keys = _keys(bars)
    wanted, found = set(keys), set()
    for start in range(0, len(training_set), _BATCH):
        found |= wanted.intersection(_keys(training_set[start : start + _BATCH]))
    return np.array([key in found for key in keys], bool)


def _keys(bars: Roll) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(_flat(_sounding(bars)), axis=1)]


@dataclass(frozen=True)
class Memorisation:
    """How much nearer generated bars lie to the training bars than unseen real ones do.

    Args:
        probability: that a generated bar lies nearer than an unseen one, ties counted half, and
            distances up to 0.05 taken for ties: 0.5 where both lie as near, towards 1 for copies
            (less by half the share of unseen bars that are copies too), near 0 for noise.
        error: its standard error; infinite where the unseen bars are of one song.
    """

    probability: float
    error: float

    @property
    def copies(self) -> bool:
        """Whether bars are copies beyond chance."""
        return self.probability - _SURE * self.error > 0.5


def compare_nearest(
    generated: NDArray[np.float64], unseen: NDArray[np.float64], songs: NDArray[np.object_]
) -> Memorisation:
    """Compare the distances of generated and of unseen real bars from the training bars.

    Args:
        generated: float64 (n,), independent of each other.
        unseen: float64 (m,) of real bars that no arm was trained on.
        songs: (m,) song of each unseen bar; bars of one song are alike, so songs are what varies.
    """
    own, theirs = np.maximum(generated, SAME)[:, None], np.maximum(unseen, SAME)[None, :]
    nearer, level = own < theirs, own == theirs
    wins = nearer + 0.5 * level  # (n, m)
    probability = float(wins.mean())
    by_bar = wins.mean(axis=1) - probability
    _, song = np.unique(songs.astype(str), return_inverse=True)
    by_song = np.bincount(song, wins.mean(axis=0) - probability)
    count = len(by_song)
    if count < 2:
        # One song tells nothing of how much songs differ.
        return Memorisation(probability, float("inf"))
    variance = np.square(by_bar).sum() / (len(by_bar) * max(len(by_bar) - 1, 1))
    variance += np.square(by_song).sum() / len(unseen) ** 2 * count / (count - 1)
    return Memorisation(probability, float(np.sqrt(variance)))
