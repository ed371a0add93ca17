"""Melodies written as MIDI files and read back."""

from __future__ import annotations

import io

import mido
import pytest

from fairtrial.core.errors import DataError
from fairtrial.melodies.midi_out import Melody, write_midi
from fairtrial.melodies.piano_roll import GridNote
from fairtrial.melodies.reading.melodies import read_melody
from tests.melodies.midi_files import midi, off, on


@pytest.mark.parametrize("tempo_bpm", [120.0, 60.0, 93.75])
def test_a_melody_comes_back_as_it_was_written(tempo_bpm: float) -> None:
    """Notes, tempo, name, markers and chords of a melody survive its MIDI file."""
    notes = (GridNote(60, 0, 16), GridNote(60, 16, 1), GridNote(79, 17, 47))
    alone = Melody(notes, tempo_bpm, "Ärger 旋律")
    assert read_melody(write_midi(*alone), "a.mid") == alone
    full = Melody(notes, tempo_bpm, "tune", ((0, "Am7"),), (GridNote(60, 0, 64),))
    assert read_melody(write_midi(*full), "a.mid") == full


def test_a_file_of_several_songs_is_no_melody() -> None:
    """Tracks of a type 2 file are songs of their own."""
    data = midi([on(60), off(60, 480)], [on(70), off(70, 480)], kind=2)
    with pytest.raises(DataError, match="one melody, found 2 songs"):
        read_melody(data, "a.mid")


def test_what_no_file_can_hold_is_refused() -> None:
    """Pitches, lengths and tempi beyond the format are told before anything is written."""
    for note in (GridNote(128, 0, 1), GridNote(60, -1, 1), GridNote(60, 0, 0)):
        with pytest.raises(DataError, match="notes of pitch 0..127"):
            write_midi([note], 120, "tune")
    with pytest.raises(DataError, match=r"a tempo of 3\.6 quarters a minute or more"):
        write_midi([], 3.0, "tune")


def test_chords_stand_on_a_track_of_their_own() -> None:
    """A melody alone is of type 0; chords add a named track on the second channel."""
    notes = [GridNote(60, 0, 16)]
    assert mido.MidiFile(file=io.BytesIO(write_midi(notes, 120, "tune"))).type == 0
    file = mido.MidiFile(file=io.BytesIO(write_midi(notes, 120, "tune", (), notes)))
    assert (file.type, [track.name for track in file.tracks]) == (1, ["tune", "chords"])
    assert {m.channel for m in file.tracks[1] if m.type == "note_on"} == {1}
