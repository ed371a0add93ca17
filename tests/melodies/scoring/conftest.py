"""Bars that several tests of scores compare."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.piano_roll import Roll
from tests.melodies.scoring.support import draw_tunes


@pytest.fixture(scope="session")
def songs() -> tuple[Roll, np.ndarray]:
    """Bars of the embedded tunes and the song of each."""
    return draw_tunes()


@pytest.fixture(scope="session")
def tunes(songs: tuple[Roll, np.ndarray]) -> Roll:
    """Bars of the embedded tunes."""
    return songs[0]
