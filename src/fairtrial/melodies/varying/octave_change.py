"""Octave change: a whole bar moves up or down by twelve semitones.

Source: Bitaraes, Guimaraes, Coelho, section 4.2.
"""

from __future__ import annotations

import numpy as np

from fairtrial.melodies.parameters.strategies import OctaveChangeSettings
from fairtrial.melodies.piano_roll import ROWS, SILENT, Roll
from fairtrial.melodies.varying.notes import is_free

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
    fits_up = is_free(rolls, ROWS - OCTAVE, ROWS)
    fits_down = is_free(rolls, 0, OCTAVE)
    goes_up = fits_up & (up | ~fits_down)
    goes_down = fits_down & ~goes_up
    changed = rolls.copy()
    changed[goes_up, OCTAVE:] = rolls[goes_up, :-OCTAVE]
    changed[goes_up, :OCTAVE] = SILENT
    changed[goes_down, :-OCTAVE] = rolls[goes_down, OCTAVE:]
    changed[goes_down, -OCTAVE:] = SILENT
    return changed
