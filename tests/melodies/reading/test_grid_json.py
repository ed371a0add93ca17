"""Chorales on a grid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.bars import cut_song
from fairtrial.melodies.reading.grid_json import read_grid_json


def encode(content: object) -> bytes:
    return json.dumps(content).encode()


def test_voices_are_tracks_and_equal_steps_are_one_note() -> None:
    """Each voice is a track; a pitch that goes on is held; -1 is a rest."""
    steps = [[72, 60], [72, 60], [-1, 62], [74, 62]]
    (song,) = read_grid_json(encode([steps]), "a.json", 4)
    assert [(n.start, n.end, n.pitch, n.track) for n in song.notes] == [
        (0, 2, 60, 1),
        (0, 2, 72, 0),
        (2, 4, 62, 1),
        (3, 4, 74, 0),
    ]
    assert (song.name, song.end, song.column(1)) == ("a.json#0", 4, 4)


def test_parts_of_a_collection_name_its_songs() -> None:
    """Songs of an object of lists are named after their list."""
    content = {"valid": [[[60]]], "train": [[[60]], [[62]]]}
    names = [song.name for song in read_grid_json(encode(content), "a.json", 4)]
    assert names == ["a.json#train_0", "a.json#train_1", "a.json#valid_0"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe", "a.json: expected JSON"),
        (b"[" * 100_000, "a.json: expected JSON, found RecursionError"),
        (encode({"train": 3}), "a.json, train: expected a list of songs, found int"),
        (encode([{"steps": []}]), "a.json#0: expected a list of steps, found dict"),
        (encode([[[60], [60, 62]]]), "a.json#0, step 1: expected a pitch of -1..127 for each of 1"),
        (encode([[[60], [128]]]), r"step 1: .* found \[128\]"),
        (encode([[[60.0]]]), "step 0"),
        (encode([[[True]]]), "step 0"),
        (encode([[60]]), "step 0"),
        (encode([[[60] * 17]]), "step 0"),
        (encode([[[60]] * 20_001]), "at most 20000 steps, found 20001"),
    ],
)
def test_faults_name_file_song_and_step(data: bytes, message: str) -> None:
    """Whatever is no chorale is one DataError that says where and why."""
    with pytest.raises(DataError, match=message):
        read_grid_json(data, "a.json", 4)


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=20))
def test_any_json_gives_songs_or_one_typed_error(content: object) -> None:
    """Nothing but DataError is ever raised."""
    try:
        found: object = len(read_grid_json(encode(content), "a.json", 4))
    except DataError as error:
        found = str(error)[:6]
    assert found in ("a.json", len(content) if isinstance(content, list) else None)


def test_the_remainder_is_the_pickup_of_chorales(real_data: Path) -> None:
    """249 of the 382 chorales are a quarter longer than whole bars: their pickup."""
    data = (real_data / "midi" / "jsb" / "Jsb16thSeparated.json").read_bytes()
    songs = read_grid_json(data, "jsb.json", 4)
    ingest = Ingest(bar_offset_quarters="remainder")
    assert len(songs) == 382
    assert sum(song.end for song in songs) == 92_536
    pickups = 0
    for song in songs:
        cut = cut_song(song, ingest)
        assert (cut.part.track, cut.part.channel) == (0, 0)  # the soprano is the highest voice
        assert cut.bars[-1].tick % 16 == song.end % 16
        pickups += song.end % 16 == 4
    assert pickups == 249
