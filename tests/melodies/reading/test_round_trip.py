"""Real tunes through rolls and MIDI files; benchmarks/round_trip.py goes over all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from benchmarks.round_trip import KEYS, SETS, from_midi, from_rolls, read_set
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.bars import cut_song
from fairtrial.melodies.reading.songs import Metre, Note, Song, Text

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


@st.composite
def songs(draw: st.DrawFn) -> Song:
    """Any notes, overlapping or not, over changes of metre at quarters."""
    ticks = draw(st.sampled_from([1, 4, 24, 480]))
    time = st.integers(0, 24 * ticks)
    notes = [
        Note(start, start + length, pitch, 0, 1)
        for start, length, pitch in draw(
            st.lists(st.tuples(time, st.integers(1, 9 * ticks), st.integers(30, 96)), max_size=12)
        )
    ]
    changes = draw(st.dictionaries(st.integers(1, 20), st.sampled_from([3, 4, 5]), max_size=3))
    metres = [Metre(0, draw(st.sampled_from([3, 4])), 4)]
    metres += [Metre(quarter * ticks, beats, 4) for quarter, beats in sorted(changes.items())]
    texts = [Text(8 * ticks, draw(st.sampled_from(["C", "F#", "B"])), "marker")]
    end = max((note.end for note in notes), default=0)
    in_order = tuple(sorted(notes, key=lambda note: (note.start, note.pitch, note.end)))
    return Song("a", "a", ticks, in_order, tuple(metres), (), tuple(texts), {}, end)


@given(songs(), st.sampled_from(["drop", "reject"]), st.integers(0, 6))
def test_any_song_is_accounted_for_note_by_note(song: Song, rule: str, quarters: int) -> None:
    """Onsets that come back are those counted as kept; every other note has one reason."""
    ingest = Ingest.model_validate({"out_of_range": rule, "bar_offset_quarters": float(quarters)})
    from_midi(song, ingest, 0)
