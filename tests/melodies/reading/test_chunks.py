"""Chunks of MIDI files."""

from __future__ import annotations

import struct

import pytest

from fairtrial.core.errors import DataError
from fairtrial.melodies.reading import chunks
from fairtrial.melodies.reading.chunks import read_track, split_chunks
from fairtrial.melodies.reading.midi import read_midi

NOTE = b"\x00\x90\x3c\x40\x60\x80\x3c\x00"
END = b"\x00\xff\x2f\x00"


def chunk(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack(">L", len(content)) + content


def header(tracks: int, kind: int = 1, more: bytes = b"") -> bytes:
    return chunk(b"MThd", struct.pack(">HHH", kind, tracks, 96) + more)


TRACK = chunk(b"MTrk", NOTE + END)


@pytest.mark.parametrize(
    ("data", "tracks", "passed_over"),
    [
        (header(1) + TRACK, 1, {}),
        (header(1, more=b"\x01\x02") + TRACK, 1, {}),
        (header(2) + TRACK + chunk(b"XFIH", b"any") + TRACK, 2, {"unknown_chunks": 1}),
        (header(1) + TRACK + TRACK, 1, {"undeclared_tracks": 1}),
        (header(1) + TRACK + b"rest of it", 1, {"trailing_bytes": 10}),
        (header(1) + TRACK + b"end", 1, {"trailing_bytes": 3}),
    ],
)
def test_what_is_no_declared_track_is_passed_over_and_counted(
    data: bytes, tracks: int, passed_over: dict[str, int]
) -> None:
    """Longer headers, chunks of other kinds, more tracks and trailing bytes harm nothing."""
    found = split_chunks(data, "a.mid")
    assert [track.content for track in found.tracks] == [NOTE + END] * tracks
    assert found.passed_over == passed_over
    (song,) = read_midi(data, "a.mid")
    assert (len(song.notes), song.repairs) == (tracks, passed_over)


def test_events_after_the_end_of_a_track_are_counted() -> None:
    """A track ends where it says so; what follows is no music."""
    (song,) = read_midi(header(1) + chunk(b"MTrk", NOTE + END + NOTE + END), "a.mid")
    assert (len(song.notes), song.repairs) == (1, {"events_after_end": 3})
    assert song.end == 96


def test_a_track_without_an_end_is_read() -> None:
    """The chunk's length says where it ends."""
    (song,) = read_midi(header(1) + chunk(b"MTrk", NOTE), "a.mid")
    assert (len(song.notes), song.repairs) == (1, {})


def test_errors_tell_the_byte_in_the_file() -> None:
    """The place of a bad event is counted from the file's start, in whichever track it stands."""
    data = header(2) + TRACK + chunk(b"MTrk", NOTE + b"\x00\xf4")
    second = split_chunks(data, "a.mid").tracks[1]
    with pytest.raises(DataError, match=rf"a.mid, track 1, byte {len(data)}: .* 0xf4"):
        read_track(second, 96, "a.mid")


@pytest.mark.parametrize(
    ("cap", "value", "rule"),
    [("MAX_BYTES", 20, "at most 20 bytes"), ("MAX_TRACKS", 1, "1 to 1 tracks")],
)
def test_caps_hold(monkeypatch: pytest.MonkeyPatch, cap: str, value: int, rule: str) -> None:
    """Files beyond the caps are refused before an event is read."""
    monkeypatch.setattr(chunks, cap, value)
    with pytest.raises(DataError, match=rule):
        split_chunks(header(2) + TRACK * 2, "a.mid")
