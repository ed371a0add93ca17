"""Bars that a network wrote, made fit for a song."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import DataError
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.generated import drop_short
from fairtrial.melodies.songs.pool import keep_sounding
from tests.melodies.songs.support import bar, tunes


def test_notes_too_short_to_play_are_left_out() -> None:
    """Three columns go, four stay, wherever in the bar and whatever sounds beside."""
    roll = bar((10, 0, 3), (10, 8, 4), (20, 61, 3), (30, 60, 4), (31, 5, 1), (0, 0, 64))
    assert np.array_equal(drop_short(roll[None], 4)[0], bar((10, 8, 4), (30, 60, 4), (0, 0, 64)))


def test_a_shortest_note_of_one_column_changes_nothing() -> None:
    """Every note is as long."""
    assert np.array_equal(drop_short(tunes(), 1), tunes())


def test_silent_bars_are_no_source() -> None:
    """They are left out; where fewer than two are left there is no song."""
    rolls: Roll = np.stack([bar(), bar((10, 0, 4)), bar(), bar((11, 0, 4))])
    assert np.array_equal(keep_sounding(rolls, "augmented"), rolls[[1, 3]])
    with pytest.raises(DataError, match=r"optimize.source: augmented: .* found 1 of 3"):
        keep_sounding(rolls[:3], "augmented")
