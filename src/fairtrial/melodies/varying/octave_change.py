"""Octave change: a whole bar moves up or down by twelve semitones.

Source: Bitaraes, Guimaraes, Coelho, section 4.2.
"""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.parameters.strategies import OctaveChangeSettings
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.varying.notes import rows_in_use

OCTAVE = 12


def change_octave(
    rolls: Roll, generator: np.random.Generator, settings: OctaveChangeSettings
) -> Roll:
    """Move each bar one octave up or down.

    The direction is drawn; where the bar does not fit the other one is taken.

    Args:
        rolls: uint8 (n, 48, 64).
        generator: draws directions.
        settings: none.

    Returns:
        uint8 (n, 48, 64). A bar that fits in neither direction is unchanged.
    """
    up = generator.random(len(rolls)) < 0.5
    used = rows_in_use(rolls)
    fits_up = ~used[:, -OCTAVE:].any(axis=1)
    fits_down = ~used[:, :OCTAVE].any(axis=1)
    goes_up = fits_up & (up | ~fits_down)
    goes_down = fits_down & ~goes_up
    changed = rolls.copy()
    changed[goes_up] = np.roll(rolls[goes_up], OCTAVE, axis=1)  # the rows that wrap are empty
    changed[goes_down] = np.roll(rolls[goes_down], -OCTAVE, axis=1)
    return changed
