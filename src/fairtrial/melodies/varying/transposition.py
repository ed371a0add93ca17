"""Transposition: a whole bar moves against its chord by some semitones.

Rolls are relative to their chord's root, so that melody and chord transposed together are the same
roll. What is new is the melody over another degree of the chord.
"""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.parameters.strategies import TranspositionSettings
from fairtrial.melodies.piano_roll import ROWS, Roll


def transpose(rolls: Roll, generator: np.random.Generator, settings: TranspositionSettings) -> Roll:
    """Move each bar up or down by a random number of semitones, other than none.

    Of the distances at which all its notes stay within the 48 rows, each is equally likely.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws distances.
        settings: the largest distance.

    Returns:
        uint8 (n, 48, 64). A bar that fits at no distance is unchanged.
    """
    draws = generator.random(len(rolls))
    used = np.asarray(rolls.any(axis=2))  # (n, 48)
    most = settings.most_semitones
    lowest = np.where(used.any(axis=1), used.argmax(axis=1), 0)
    highest = np.where(used.any(axis=1), ROWS - 1 - used[:, ::-1].argmax(axis=1), 0)
    down, up = np.minimum(lowest, most), np.minimum(ROWS - 1 - highest, most)
    # -down, ..., -1, 1, ..., up
    place = (draws * (down + up)).astype(np.intp)
    distance = np.where(place < down, place - down, place - down + 1)
    distance[down + up == 0] = 0
    source = np.arange(ROWS) - distance[:, None]  # (n, 48), the row that each new row comes from
    moved = np.take_along_axis(rolls, np.clip(source, 0, ROWS - 1)[:, :, None], axis=1)
    moved[(source < 0) | (source >= ROWS)] = 0
    return moved
