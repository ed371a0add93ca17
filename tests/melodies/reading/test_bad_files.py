"""Malformed, odd and hostile files: notes or one clear error, in bounded time and memory."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.bars import cut_song
from fairtrial.melodies.reading.chunks import MAX_BYTES
from fairtrial.melodies.reading.listing import read_songs
from fairtrial.melodies.samples import draw_samples
from tests.conftest import PROJECT

SECONDS, MEGABYTES = 2, 500
SAMPLES = draw_samples()


def measure(folder: Path) -> dict[str, dict[str, Any]]:
    """Path below the folder -> outcome, seconds of CPU and peak memory of its own process."""
    command = [sys.executable, "-m", "tests.melodies.reading.measure", str(folder)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    return {
        Path(one["path"]).relative_to(folder).as_posix(): one for one in json.loads(done.stdout)
    }


def assert_bounded(found: dict[str, dict[str, Any]]) -> None:
    for path, one in found.items():
        name = path.rpartition("/")[2]
        assert one["outcome"].startswith(("read: ", f"refused: {name}")), (path, one)
        assert one["megabytes"] < MEGABYTES, (path, one)


def test_every_bad_file_gives_notes_or_one_clear_error(real_data: Path) -> None:
    """No file of the collection of bad ones hangs, exhausts memory or raises anything else."""
    found = measure(real_data / "midi" / "bad")
    assert_bounded(found)
    assert max(one["seconds"] for one in found.values()) < SECONDS
    read = [path for path, one in found.items() if one["outcome"].startswith("read")]
    assert len(found) > 150
    assert 100 < len(read) < len(found)


def wrap(body: bytes) -> bytes:
    header = struct.pack(">4sLHHH", b"MThd", 6, 0, 1, 16)
    return header + struct.pack(">4sL", b"MTrk", len(body)) + body


def flood(event: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
    """A file as large as the cap allows, full of one event."""
    room = MAX_BYTES - 22 - len(head) - len(tail)
    return wrap(head + event * (room // len(event)) + tail)


def vlq(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


METRE = b"\xff\x58\x04"
NOTES = b"".join(bytes([0, 0x90, pitch, 90]) for pitch in range(60))
HOSTILE = {
    "endless_delta.mid": flood(b"\xff"),
    "programmes.mid": flood(b"\x00\x00", b"\x00\xc0\x00"),
    "notes.mid": flood(b"\x01\x3c\x40\x01\x3c\x00", b"\x00\x90\x3c\x00"),
    "stuck_notes.mid": flood(b"\x00\x3c\x40", b"\x00\x90\x3c\x40", vlq(300_000) + b"\x3c\x00"),
    "long_notes.mid": flood(b"\x01\x3c\x40", b"\x00\x90\x3c\x40", vlq(200_000) + b"\x3c\x00"),
    "metres.mid": flood(b"\x01" + METRE + b"\x04\x02\x18\x08", NOTES),
    "tiny_metres.mid": flood(b"\x01" + METRE + b"\x01\x06\x18\x08", NOTES),
    "tiny_bars.mid": flood(
        b"\x00\xff\x7f\x00",
        b"\x00" + METRE + b"\x01\x06\x18\x08" + NOTES,
        vlq(310_000) + b"\x80\x40\x00",
    ),
    "closing_controls.mid": flood(b"\x01\xb0\x7b\x00\x00\x90\x40\x40", NOTES),
    "markers.mid": flood(b"\x01\xff\x06\x01C", NOTES),
    "long_symbol.mid": wrap(b"\x00\xff\x06" + vlq(500_000) + b"C" + b"m" * 499_999 + NOTES),
    "tracks.mid": struct.pack(">4sLHHH", b"MThd", 6, 2, 4096, 480) + b"MTrk\0\0\0\0" * 4096,
    "deep.json": b"[" * 1_000_000,
    "large.json": json.dumps([[[60] * 16] * 20_000] * 3).encode(),
}


def test_hostile_files_stay_within_bounds(tmp_path: Path) -> None:
    """Files made to hang a reader or to fill memory end in time, whatever comes of them."""
    for name, content in HOSTILE.items():
        (tmp_path / name).write_bytes(content)
    assert_bounded(measure(tmp_path))


def attempt(data: bytes, ingest: Ingest) -> DataError | None:
    """The error of a damaged file; none where it gave bars."""
    try:
        for song in read_songs(data, "a.mid", ingest):
            cut = cut_song(song, ingest)
            assert sum(bar.counts["notes"] for bar in cut.bars) + cut.other_parts == len(song.notes)
    except DataError as error:
        return error
    return None


flips = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8)


@given(st.sampled_from(sorted(SAMPLES)), flips, st.floats(0, 1), st.booleans())
def test_flipped_and_cut_files_give_notes_or_the_typed_error(
    name: str, changes: list[tuple[float, int]], length: float, whole: bool
) -> None:
    """Bytes of a good file changed or cut off: notes all accounted for, or an error of the file."""
    data = bytearray(SAMPLES[name])
    for place, value in changes:
        data[int(place * len(data))] = value
    content = bytes(data if whole else data[: int(length * len(data))])
    ingest = Ingest(other_metres="pad", chord_root=("marker", "key"))
    error = attempt(content, ingest)
    assert error is None or str(error).startswith("a.mid")


@given(st.binary(max_size=300))
def test_any_events_give_notes_or_the_typed_error(events: bytes) -> None:
    """Any bytes as the events of a track behind a sound header."""
    header = struct.pack(">4sLHHH", b"MThd", 6, 0, 1, 480)
    error = attempt(header + struct.pack(">4sL", b"MTrk", len(events)) + events, Ingest())
    assert error is None or str(error).startswith("a.mid")
