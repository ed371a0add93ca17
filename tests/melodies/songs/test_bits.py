"""Bars as bits are the same bars."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fairtrial.melodies.piano_roll import COLUMNS, HELD, ONSET, ROWS, Roll
from fairtrial.melodies.songs.bits import ONSETS, SOUNDING, count_bits, pack_bars, unpack_bars
from tests.melodies.songs.support import bar, tunes


def test_tunes_come_back_note_for_note() -> None:
    """A bar that no note is held over into survives exactly, in all 48 rows."""
    rolls = np.concatenate([tunes(), bar((0, 0, 64), (47, 63, 1))[None]])
    rolls[..., 0] = np.where(rolls[..., 0] == HELD, ONSET, rolls[..., 0])
    assert np.array_equal(unpack_bars(pack_bars(rolls)), rolls)


@given(arrays(np.uint8, (2, ROWS, COLUMNS), elements=st.integers(0, 2), fill=st.just(0)))
def test_any_roll_keeps_its_cells_and_begins_its_notes(rolls: Roll) -> None:
    """Sounding cells stay; a note that began before the bar or nowhere begins where it sounds."""
    back = unpack_bars(pack_bars(rolls))
    assert np.array_equal(back > 0, rolls > 0)
    before = np.pad(rolls, ((0, 0), (0, 0), (1, 0)))[..., :-1]
    goes_on = (rolls == HELD) & (before > 0)
    assert np.array_equal(back == ONSET, (rolls > 0) & ~goes_on)


def test_bits_are_counted_over_columns() -> None:
    """Sounding cells and notes of a known bar: 16 + 8 cells, 2 notes."""
    bits = pack_bars(bar((10, 0, 16), (20, 32, 8))[None])[0]
    assert count_bits(bits[SOUNDING]) == 24
    assert count_bits(bits[ONSETS]) == 2
