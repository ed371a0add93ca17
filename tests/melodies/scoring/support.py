"""Bars that tests of scores compare, and a small study of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.reading.listing import read_folder
from fairtrial.melodies.samples import draw_samples


def draw_tunes() -> tuple[Roll, np.ndarray]:
    """Bars of the embedded tunes and the song of each."""
    files = draw_samples()
    names = {name: name for name in files}
    pack, manifest, _ = read_folder(names, files.__getitem__, Ingest(), synthetic=True)
    return pack["rolls"], manifest.loc[manifest["excluded"] == "", "group"].to_numpy()


def read_music(folder: Path) -> tuple[Roll, np.ndarray]:
    """Bars of the MIDI files of a folder and the song of each."""
    paths = {path.name: path for path in sorted(folder.glob("midi/*.mid"))}
    ingest = Ingest(chord_root=("chord_track", "key"))
    names = {name: name for name in paths}
    pack, manifest, _ = read_folder(
        names, lambda name: paths[name].read_bytes(), ingest, synthetic=False
    )
    return pack["rolls"], manifest.loc[manifest["excluded"] == "", "group"].to_numpy()
