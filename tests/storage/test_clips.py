"""Clips: melodies as MIDI files on the disk, beside sound and pictures."""

from __future__ import annotations

from pathlib import Path

import mido

from fairtrial.melodies.midi_out import Melody
from fairtrial.melodies.piano_roll import GridNote
from tests.storage.conftest import V1, V2, make_catalog

SONG = Melody(
    (GridNote(60, 0, 16), GridNote(60, 16, 4), GridNote(67, 20, 44)),
    120.0,
    "Lied für später",
    ((0, "C"), (64, "Bbm7/F")),
    (GridNote(48, 0, 64), GridNote(55, 0, 64)),
)


def test_clips_come_back_as_they_were_saved(workspace: Path) -> None:
    """Melodies with their chords, markers and names are MIDI between a save and a load."""
    clips = {"song.mid": SONG, "more/alone.mid": Melody((GridNote(72, 3, 1),)), "song.mp3": b"\xff"}
    make_catalog(workspace, V1).save("s.clips", clips)
    assert make_catalog(workspace, V2).load("s.clips") == clips
    (path,) = workspace.rglob("song.mid")
    read = mido.MidiFile(path, charset="utf-8")
    assert [track.name for track in read.tracks] == [SONG.name, "chords"]
    assert read.length == 2.0
