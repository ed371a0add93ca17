"""Bars as bits, so that a column of 48 rows is one number and whole populations fit the cache.

A bar in bits is uint64 (2, 64): for each column the rows that sound and those whose note begins
there; bit r is row r. Every note begins with an onset, also one that was held over a bar line: a
bar that is moved into a song has no bar before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import COLUMNS, ONSET, ROWS, SILENT, Roll

Bits = NDArray[np.uint64]

SOUNDING, ONSETS = 0, 1

_WORD = np.dtype("<u8")  # its first byte holds the rows 0..7 on any machine


def pack_bars(rolls: Roll) -> Bits:
    """Bars uint8 (n, 48, 64) as bits, uint64 (n, 2, 64)."""
    columns = np.ascontiguousarray(rolls.swapaxes(1, 2))  # (n, 64, 48)
    words = np.zeros((len(rolls), 2, COLUMNS, _WORD.itemsize), np.uint8)
    for plane, cells in ((SOUNDING, columns > SILENT), (ONSETS, columns == ONSET)):
        words[:, plane, :, : ROWS // 8] = np.packbits(cells, axis=-1, bitorder="little")
    return begin_notes(words.view(_WORD)[..., 0].astype(np.uint64))


def unpack_bars(bits: Bits) -> Roll:
    """The bars of `pack_bars` again, uint8 (n, 48, 64)."""
    octets = bits.astype(_WORD)[..., None].view(np.uint8)[..., : ROWS // 8]  # (n, 2, 64, 6)
    planes = np.unpackbits(octets.swapaxes(2, 3), axis=2, bitorder="little")
    rolls: Roll = planes[:, SOUNDING] + planes[:, ONSETS]
    return rolls


def begin_notes(bits: Bits) -> Bits:
    """The bars (..., 2, 64) with an onset wherever a row begins to sound."""
    sounding = bits[..., SOUNDING, :]
    before = np.zeros_like(sounding)
    before[..., 1:] = sounding[..., :-1]
    begun = bits.copy()
    begun[..., ONSETS, :] |= sounding & ~before
    return begun


def count_bits(words: Bits) -> NDArray[np.int64]:
    """How many bits are set in all columns of words (..., n): int64 (...)."""
    counts: NDArray[np.int64] = np.bitwise_count(words).sum(axis=-1, dtype=np.int64)
    return counts
