"""Read each file of a folder in a process of its own; print what came of it as JSON.

python -m tests.melodies.reading.measure FOLDER
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.bars import cut_song
from fairtrial.melodies.reading.listing import read_songs

KILLED_AFTER_S = 10
# Both ways with other metres, since padding makes the most bars.
INGESTS = (Ingest(), Ingest(other_metres="pad", out_of_range="fold_octave", track="all"))


def read(path: Path) -> str:
    """Number of notes and bars, or the typed error."""
    try:
        songs = read_songs(path.read_bytes(), path.name, INGESTS[0])
        bars = [len(cut_song(song, ingest).bars) for song in songs for ingest in INGESTS]
    except DataError as error:
        return f"refused: {error}"
    return f"read: {sum(len(song.notes) for song in songs)} notes, {sum(bars)} bars"


def read_apart(path: Path) -> dict[str, object]:
    """What came of a file, with the seconds of CPU and the peak memory of its process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (KILLED_AFTER_S, KILLED_AFTER_S))  # of CPU
        os.write(writer, read(path).encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        outcome = stream.read().decode(errors="replace")
    _, status, used = os.wait4(child, 0)
    return {
        "path": str(path),
        "outcome": outcome if status == 0 else f"died with status {status}",
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
    }


if __name__ == "__main__":
    paths = sorted(path for path in Path(sys.argv[1]).rglob("*") if path.is_file())
    sys.stdout.write(json.dumps([read_apart(path) for path in paths]))
