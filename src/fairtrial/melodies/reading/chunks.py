"""The chunks of a MIDI file, and the messages in each track of it, or one typed error.

mido reads the messages. What it lets pass, does not bound or reports without a place is checked
here first: the header, the lengths of chunks, chunks of other kinds, and all sizes.
"""

from __future__ import annotations

import io
import re
import struct
from collections import Counter
from typing import NamedTuple

import mido

from fairtrial.core.errors import DataError

# Caps: far beyond any melody, and far below what could exhaust memory or seconds.
MAX_BYTES = 512 * 2**10
MAX_TRACKS = 4096
MAX_QUARTERS = 20_000  # almost three hours at 120 quarters a minute

_HEADER_BYTES = 14
_CHUNK = struct.Struct(">4sL")
_ANEW = "Export the file anew as a standard MIDI file."
_REPLACE = "Export the file anew or take it out of the folder."
# mido adds up a delta time digit by digit for as long as bytes have their high bit set, and time
# grows with the square of their number. No text of a melody has so many such bytes in a row.
_ENDLESS = re.compile(rb"[\x80-\xff]{10000}")

_SILENT: dict[type[Exception], str] = {
    EOFError: "the end of the track within an event",
    IndexError: "an event with too little in it",
}

Timed = list[tuple[int, mido.Message]]
"""(tick from the start of the track, message) in order."""


class Track(NamedTuple):
    """A track chunk: its number, where its content starts in the file, and the content."""

    number: int
    byte: int
    content: bytes


class Chunks(NamedTuple):
    """A file in its parts.

    ``kind`` is 0, 1 or 2; ``passed_over`` counts unknown_chunks, undeclared_tracks and, in bytes,
    trailing_bytes.
    """

    kind: int
    ticks_per_quarter: int
    tracks: list[Track]
    passed_over: Counter[str]


def split_chunks(data: bytes, name: str) -> Chunks:
    """Split a file into its tracks.

    Chunks of unknown kinds are passed over, as the standard asks. Tracks beyond the number that
    the header declares, and bytes after the last track, are passed over and counted.

    Args:
        data: content of the file.
        name: the file's path, for messages.

    Raises:
        DataError: naming the file, the byte and the rule.
    """
    if len(data) > MAX_BYTES:
        remedy = "Export the melody alone, or split the file."
        raise DataError(name, f"at most {MAX_BYTES} bytes", len(data), remedy)
    endless = _ENDLESS.search(data)
    if endless:
        seen = "10000 bytes in a row that are none"
        raise DataError(f"{name}, byte {endless.start()}", "MIDI events", seen, _REPLACE)
    kind, declared, division, position = _read_header(data, name)
    tracks: list[Track] = []
    passed_over: Counter[str] = Counter()
    while len(data) - position >= _CHUNK.size:
        tag, length = _CHUNK.unpack_from(data, position)
        start = position + _CHUNK.size
        if len(tracks) == declared and tag != b"MTrk":
            break
        if len(tracks) == declared:
            passed_over["undeclared_tracks"] += 1
        elif tag != b"MTrk":
            passed_over["unknown_chunks"] += 1
        elif start + length > len(data):
            seen = f"{len(data) - start} bytes to the end of the file"
            where = f"{name}, track {len(tracks)}, byte {position}"
            raise DataError(where, f"a track of {length} bytes", seen, _REPLACE)
        else:
            tracks.append(Track(len(tracks), start, data[start : start + length]))
        position = start + length
    if len(tracks) < declared:
        seen = f"{len(tracks)} in {len(data)} bytes"
        raise DataError(f"{name}, byte {position}", f"{declared} track chunks", seen, _REPLACE)
    if position < len(data):
        passed_over["trailing_bytes"] += len(data) - position
    return Chunks(kind, division, tracks, passed_over)


def _read_header(data: bytes, name: str) -> tuple[int, int, int, int]:
    """Type, declared tracks, ticks a quarter, and where the first track chunk starts."""
    if len(data) < _HEADER_BYTES or data[:4] != b"MThd":
        seen = f"{data[:4]!r} in {len(data)} bytes"
        raise DataError(f"{name}, byte 0", "a header chunk MThd of 14 bytes", seen, _ANEW)
    length, kind, tracks, division = struct.unpack_from(">LHHh", data, 4)
    if not 6 <= length <= len(data) - 8:
        rule = f"a header of 6 to {len(data) - 8} bytes"
        raise DataError(f"{name}, byte 4", rule, length, _ANEW)
    if kind > 2:
        raise DataError(f"{name}, byte 8", "type 0, 1 or 2", kind, _ANEW)
    if not 1 <= tracks <= MAX_TRACKS:
        raise DataError(f"{name}, byte 10", f"1 to {MAX_TRACKS} tracks", tracks, _ANEW)
    if division < 0:
        seen = f"SMPTE frames ({division})"
        raise DataError(f"{name}, byte 12", "ticks a quarter note", seen, "Export it by beats.")
    if division == 0:
        raise DataError(f"{name}, byte 12", "ticks a quarter note above 0", 0, _ANEW)
    return kind, tracks, division, 8 + length


def read_track(track: Track, ticks_per_quarter: int, name: str) -> tuple[Timed, int]:
    """Messages of a track up to its end, and how many stood after it.

    Args:
        track: a chunk of `split_chunks`.
        ticks_per_quarter: of the file.
        name: the file's path, for messages.

    Raises:
        DataError: naming the file, the track, the byte and the reason.
    """
    header = struct.pack(">4sLHHH", b"MThd", 6, 1, 1, ticks_per_quarter)
    head = header + _CHUNK.pack(b"MTrk", len(track.content))
    stream = io.BytesIO(head + track.content)
    try:
        (messages,) = mido.MidiFile(file=stream).tracks
    except Exception as error:  # mido raises six unrelated classes, and two say nothing
        seen = _SILENT.get(type(error)) or f"{type(error).__name__} ({error})"
        where = f"{name}, track {track.number}, byte {track.byte + stream.tell() - len(head)}"
        raise DataError(where, "a well-formed MIDI event", seen, _REPLACE) from error
    tick, timed = 0, []
    limit = MAX_QUARTERS * ticks_per_quarter
    for index, message in enumerate(messages):
        tick += message.time
        if tick > limit:
            where = f"{name}, track {track.number}"
            seen = f"an event at quarter {tick / ticks_per_quarter:.3g}"
            raise DataError(
                where, f"at most {MAX_QUARTERS} quarters", seen, "Mend its delta times."
            )
        timed.append((tick, message))
        if message.type == "end_of_track":
            return timed, len(messages) - index - 1
    return timed, 0
