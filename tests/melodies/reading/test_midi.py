"""Reading MIDI files."""

from __future__ import annotations

import resource
import struct
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairtrial.core.errors import DataError
from fairtrial.melodies.reading.midi import MAX_NOTES, read_midi
from tests.melodies.midi_files import metre, midi, off, on


def notes(data: bytes) -> list[tuple[int, int, int]]:
    (song,) = read_midi(data, "a.mid")
    return [(note.start, note.end, note.pitch) for note in song.notes]


def test_offs_close_the_oldest_note_of_their_pitch() -> None:
    """Two open notes of one pitch are closed first in, first out."""
    data = midi([on(60), on(60, 100), off(60, 50), off(60, 50)])
    assert notes(data) == [(0, 150, 60), (100, 200, 60)]


def test_offs_come_before_ons_of_their_tick() -> None:
    """A note struck again where it ends, its on first in the file, is two notes."""
    data = midi([on(60), on(60, 480), off(60), off(60, 480)])
    assert notes(data) == [(0, 480, 60), (480, 960, 60)]


def test_velocity_zero_is_an_off() -> None:
    """A note-on of velocity 0 ends the note."""
    silent = mido.Message("note_on", note=60, velocity=0, time=240)
    assert notes(midi([on(60), silent])) == [(0, 240, 60)]


def test_repairs_are_counted() -> None:
    """Hanging, zero-length, drum notes and stray offs are mended or dropped, each counted."""
    track = [
        off(50),  # no note is open
        on(60),
        off(60),  # zero length
        on(62),
        on(35, channel=9),
        off(35, 10, channel=9),
        mido.MetaMessage("end_of_track", time=470),
    ]
    (song,) = read_midi(midi(track), "a.mid")
    assert [(n.start, n.end, n.pitch) for n in song.notes] == [(0, 480, 62)]
    assert song.dropped == {"zero_length": 1, "drums": 1}
    assert song.repairs == {"unmatched_off": 1, "hanging": 1}


def test_all_notes_off_ends_its_channel_only() -> None:
    """Controller 123 ends the open notes of its own channel."""
    silence = mido.Message("control_change", control=123, value=0, channel=0, time=100)
    data = midi([on(60), on(64, channel=1), silence, off(64, 100, channel=1)])
    assert notes(data) == [(0, 100, 60), (0, 200, 64)]


def test_type_2_holds_separate_songs() -> None:
    """Every track of a type 2 file is a song of its own."""
    data = midi([on(60), off(60, 480)], [on(70), off(70, 480)], kind=2)
    songs = read_midi(data, "a.mid")
    assert [song.name for song in songs] == ["a.mid#0", "a.mid#1"]
    assert [song.notes[0].pitch for song in songs] == [60, 70]


def test_metres_tempos_and_texts_are_kept() -> None:
    """Metres start with 4/4 where none is stated, tempos and markers keep their ticks."""
    track = [
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("marker", text="Bb7", time=10),
        metre(3, 4, 470),
        on(60),
        off(60, 480),
    ]
    (song,) = read_midi(midi(track), "a.mid")
    assert song.metres == ((0, 4, 4), (480, 3, 4))
    assert song.tempos_bpm == ((0, 120.0),)
    assert song.texts == ((10, "Bb7", "marker"),)


def header(kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return b"MThd" + struct.pack(">LHHh", 6, kind, tracks, division)


@pytest.mark.parametrize(
    ("data", "place", "rule"),
    [
        (b"", "byte 0", "header chunk"),
        (b"RIFF" + bytes(20), "byte 0", "header chunk"),
        (header(kind=7), "byte 8", "type 0, 1 or 2"),
        (header(tracks=65535), "byte 10", "tracks"),
        (header(division=0), "byte 12", "ticks a quarter note above 0"),
        (header(division=-6360), "byte 12", "ticks a quarter note, found SMPTE"),
        (header() + b"MTrk\xff\xff\xff\xff\x00\x90", "byte 14", "a track of 4294967295 bytes"),
        (header() + b"MTrk\0\0\0\x02\x00\x90", "track 0, byte 24", "a well-formed MIDI event"),
        (header(tracks=2) + b"MTrk\0\0\0\0", "byte 22", "2 track chunks, found 1"),
        (midi([mido.MetaMessage("set_tempo", tempo=0)]), "track 0", "a tempo above 0"),
        (midi([metre(4, 128)]), "track 0, tick 0", "a time signature"),
    ],
)
def test_faults_name_file_place_and_reason(data: bytes, place: str, rule: str) -> None:
    """Every kind of damage is one DataError that names the file, the place and the rule."""
    with pytest.raises(DataError) as error:
        read_midi(data, "songs/a.mid")
    assert str(error.value).startswith("songs/a.mid")
    assert place in str(error.value)
    assert rule in str(error.value)


def test_oversized_deltas_are_refused() -> None:
    """A delta of years is refused before bars are cut."""
    data = midi([on(60), off(60, 2**28 - 1)])
    with pytest.raises(DataError, match="at most 20000 quarters"):
        read_midi(data, "a.mid")


def test_more_notes_than_a_melody_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap on notes holds."""
    monkeypatch.setattr("fairtrial.melodies.reading.midi.MAX_NOTES", 2)
    with pytest.raises(DataError, match="at most 2 notes"):
        read_midi(midi([on(60), on(61), on(62), off(60, 9)]), "a.mid")
    assert MAX_NOTES > 2


def fault(data: bytes, name: str) -> DataError | None:
    """The error of a damaged file; none where it gave songs."""
    try:
        assert read_midi(data, name)
    except DataError as error:
        return error
    return None


@given(st.binary(max_size=200), st.integers(0, 60), st.booleans())
@settings(deadline=None)
def test_any_bytes_give_songs_or_one_typed_error(tail: bytes, cut: int, whole: bool) -> None:
    """Damaged files never raise anything but DataError."""
    good = midi([on(60), off(60, 480)])
    data = (good if whole else good[:cut]) + tail
    error = fault(data, "a.mid")
    assert error is None or str(error).startswith("a.mid")


def test_every_bad_file_gives_notes_or_one_clear_error(real_data: Path) -> None:
    """No file of the collection of bad ones hangs, exhausts memory or raises anything else."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    paths = [path for path in sorted((real_data / "midi" / "bad").rglob("*")) if path.is_file()]
    errors = {path: fault(path.read_bytes(), path.name) for path in paths}
    rejected = [path for path, error in errors.items() if error is not None]
    assert all(str(errors[path]).startswith(path.name) for path in rejected)
    assert 100 < len(paths) - len(rejected) < len(paths)
    used_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert used_kib < 500 * 1024
