"""Real tunes through rolls and MIDI files; benchmarks/round_trip.py goes over all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from benchmarks.round_trip import KEYS, SETS, from_midi, from_rolls, read_set

from fairtrial.melodies.reading.bars import cut_song

SONGS = 8


@pytest.mark.parametrize("name", list(SETS))
def test_real_tunes_come_back_note_for_note(real_data: Path, name: str) -> None:
    """Every note in range comes back in all 12 keys, or is counted; bars come back by the cell."""
    songs = list(read_set(real_data / "midi", name))
    chosen = np.random.default_rng(7).choice(len(songs), SONGS, replace=False)
    totals: Counter[str] = Counter()
    for song, ingest in (songs[index] for index in chosen):
        for semitones in KEYS:
            totals += from_midi(song, ingest, semitones)
        totals += from_rolls(song, cut_song(song, ingest))
    left_out = sum(n for key, n in totals.items() if key.startswith("left out"))
    assert totals["notes"] == totals["exact"] + left_out
    assert totals["exact"] > 1000 < totals["bars"]
