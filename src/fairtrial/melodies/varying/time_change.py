"""Time change: one note of a bar gets longer or shorter.

Source: Bitaraes, Guimaraes, Coelho, section 4.2.
"""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.parameters.strategies import TimeChangeSettings
from fairtrial.melodies.piano_roll import COLUMNS, HELD, ONSET, SILENT, Roll
from fairtrial.melodies.varying.notes import COLUMN, Index, draw_notes


def change_time(rolls: Roll, generator: np.random.Generator, settings: TimeChangeSettings) -> Roll:
    """Lengthen or shorten one random note of each bar to the neighbouring multiple of the grid.

    The direction is drawn; where it would erase the note or leave the bar, the other one is
    taken. A note that is lengthened into the next one of its row ends where that one begins.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws notes and directions.
        settings: the grid.

    Returns:
        uint8 (n, 48, 64). A bar without notes, or whose note has nowhere to go, is unchanged.
    """
    draws = generator.random((len(rolls), 2))
    bar, row, begin, old_end = draw_notes(rolls, draws[:, 0])
    lines = rolls[bar, row]  # (m, 64), a copy
    end = _new_ends(lines, begin, old_end, settings.grid_columns, draws[bar, 1] < 0.5)
    lines[(old_end[:, None] <= COLUMN) & (end[:, None] > COLUMN)] = HELD
    lines[(end[:, None] <= COLUMN) & (old_end[:, None] > COLUMN)] = SILENT
    changed = rolls.copy()
    changed[bar, row] = lines
    return changed


def _new_ends(lines: Roll, begin: Index, end: Index, grid: int, longer: np.ndarray) -> Index:
    """Column after each changed note; its present one where neither direction is open."""
    following = (lines == ONSET) & (end[:, None] <= COLUMN)
    limit = np.where(following.any(axis=1), following.argmax(axis=1), COLUMNS)
    above = np.minimum((end // grid + 1) * grid, limit)
    below = (-(-end // grid) - 1) * grid
    can_grow, can_shrink = above > end, below > begin
    grows = can_grow & (longer | ~can_shrink)
    return np.where(grows, above, np.where(can_shrink, below, end))
