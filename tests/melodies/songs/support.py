"""Tunes and goals that tests of songs share."""

from __future__ import annotations

from functools import cache

import numpy as np

from fairtrial.core.hashing import sha256_bytes
from fairtrial.melodies.parameters import Ingest, Song
from fairtrial.melodies.piano_roll import Cell, Roll, draw_roll
from fairtrial.melodies.reading.listing import read_folder
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.songs.evolution import Goal
from fairtrial.melodies.songs.harmony import read_harmony


@cache
def tunes() -> Roll:
    """Bars of the embedded tunes that are not silent."""
    files = draw_samples()
    hashes = {path: sha256_bytes(content) for path, content in files.items()}
    pack, _, _ = read_folder(hashes, files.__getitem__, Ingest(), synthetic=True)
    rolls: Roll = np.asarray(pack["rolls"])
    return rolls[rolls.any(axis=(1, 2))]


def bar(*cells: tuple[int, int, int]) -> Roll:
    """A bar of notes (row, column, length)."""
    return draw_roll([Cell(*cell) for cell in cells])[0]


def goal(weights: dict[str, float], **song: object) -> Goal:
    """A goal over the chords of ``song`` (two bars of C and Am if none are given)."""
    wanted = Song.model_validate({"chords": ("C", "Am"), "bars": 2, **song, "weights": weights})
    return Goal(read_harmony(wanted), wanted.given)
