"""Fifth addition: one note of a bar is doubled an interval above or below.

Source: Bitaraes, Guimaraes, Coelho, section 4.2. Its five semitones are a perfect fourth.
"""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.parameters.strategies import FifthAdditionSettings
from fairtrial.melodies.piano_roll import ROWS, SILENT, Roll
from fairtrial.melodies.varying.notes import COLUMN, BoolArray, Index, draw_notes


def add_fifth(rolls: Roll, generator: np.random.Generator, settings: FifthAdditionSettings) -> Roll:
    """Add to each bar a copy of one random note, an interval above or below it.

    The direction is drawn; where it leads out of the 48 rows or onto a note that sounds already,
    the other one is taken, never the far edge.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws notes and directions.
        settings: the interval.

    Returns:
        uint8 (n, 48, 64). A bar without notes, or without room in either direction, is
        unchanged.
    """
    draws = generator.random((len(rolls), 2))
    bar, row, begin, end = draw_notes(rolls, draws[:, 0])
    lasts = (begin[:, None] <= COLUMN) & (end[:, None] > COLUMN)  # (m, 64)
    note = np.where(lasts, rolls[bar, row], SILENT)
    step = settings.interval_semitones
    above, below = row + step, row - step
    fits_above = (above < ROWS) & ~_sounds(rolls, bar, np.minimum(above, ROWS - 1), lasts)
    fits_below = (below >= 0) & ~_sounds(rolls, bar, np.maximum(below, 0), lasts)
    up = fits_above & ((draws[bar, 1] < 0.5) | ~fits_below)
    added = up | fits_below
    bar, target = bar[added], np.where(up, above, below)[added]
    changed = rolls.copy()
    changed[bar, target] = np.where(lasts[added], note[added], rolls[bar, target])
    return changed


def _sounds(rolls: Roll, bar: Index, row: Index, lasts: BoolArray) -> BoolArray:
    """Whether a row of each bar sounds in any of the columns ``lasts``, bool (m, 64); bool (m,)."""
    heard: BoolArray = (rolls[bar, row] > SILENT) & lasts
    return np.asarray(heard.any(axis=1))
