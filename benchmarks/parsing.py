"""MIDI files read into bars beside mido's bare parsing of them, in turn and in one run.

python benchmarks/parsing.py [FOLDER]        the embedded tunes where no folder is named
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import mido

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.bars import cut_song
from fairtrial.melodies.reading.chunks import split_chunks
from fairtrial.melodies.reading.listing import read_songs
from fairtrial.melodies.samples import draw_samples

ROUNDS = 7
LEAST_FILES = 100


def collect(arguments: list[str]) -> dict[str, bytes]:
    """Files that both can read, a hundred at least."""
    if arguments:
        paths = sorted(Path(arguments[0]).rglob("*.mid"))
        found = {path.name: path.read_bytes() for path in paths}
    else:
        tunes = draw_samples()
        copies = -(-LEAST_FILES // len(tunes))
        found = {f"{n}_{name}": data for name, data in tunes.items() for n in range(copies)}
    return {name: data for name, data in found.items() if is_sound(name, data)}


def is_sound(name: str, data: bytes) -> bool:
    """Whether every event of a file can be read."""
    try:
        read_songs(data, name, Ingest())
    except DataError:
        return False
    return True


def parse(name: str, data: bytes) -> None:
    """What the library alone does."""
    mido.MidiFile(file=io.BytesIO(data))


def check(name: str, data: bytes) -> None:
    """What is checked before the library sees a byte."""
    split_chunks(data, name)


def read(name: str, data: bytes) -> None:
    """Notes, paired and accounted for."""
    read_songs(data, name, Ingest())


def cut(name: str, data: bytes) -> None:
    """All that an ingest does with a file: notes, melody, chords, metres, bars."""
    for song in read_songs(data, name, Ingest()):
        cut_song(song, Ingest())


def milliseconds_of(work: Callable[[str, bytes], None], files: Mapping[str, bytes]) -> float:
    """Mean CPU time a file, in ms."""
    start = time.process_time()
    for name, data in files.items():
        work(name, data)
    return 1000 * (time.process_time() - start) / len(files)


def main() -> None:
    """Print ms a file, and ratios as medians over rounds in which all take turns."""
    files = collect(sys.argv[1:])
    steps = (parse, check, read, cut)
    rounds = [[milliseconds_of(step, files) for step in steps] for _ in range(ROUNDS)]
    bare, checked, notes, bars = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratios = [statistics.median(one[i] / one[0] for one in rounds) for i in (2, 3)]
    print(
        f"parsing, {len(files)} MIDI files: mido alone {bare:.2f} ms a file; checks before it "
        f"{checked:.3f} ms; notes {notes:.2f} ms ({ratios[0]:.2f} times mido), bars {bars:.2f} ms "
        f"({ratios[1]:.2f} times)"
    )


if __name__ == "__main__":
    main()
