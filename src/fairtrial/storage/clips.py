"""Clips for people to hear: melodies as MIDI files, with whatever lies beside them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from fairtrial.core.records import Files
from fairtrial.melodies.midi_out import Clips, Melody, write_midi
from fairtrial.melodies.reading.melodies import read_melody
from fairtrial.storage.folders import FolderDataset, read_files, write_files

_SUFFIX = ".mid"


class ClipsDataset(FolderDataset[Clips]):
    """`Clips`: melodies are MIDI files on the disk and notes in memory; the rest is as it is."""

    def _write(self, folder: Path, data: Clips) -> None:
        files: Files = {
            name: write_midi(*clip) if isinstance(clip, Melody) else clip
            for name, clip in data.items()
        }
        write_files(folder, files)

    def _read(self, folder: Path) -> Clips:
        return {
            name: read_melody(content, name) if PurePosixPath(name).suffix == _SUFFIX else content
            for name, content in read_files(folder).items()
        }
