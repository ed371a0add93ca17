"""Reading MIDI files: notes, metres, tempos and texts, or one typed error."""

from __future__ import annotations

import io
import struct
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import mido

from fairtrial.core.errors import DataError

# Caps: far beyond any melody, and far below what could exhaust memory or minutes.
MAX_BYTES = 16 * 2**20
MAX_TRACKS = 4096
MAX_NOTES = 200_000
MAX_QUARTERS = 100_000
MAX_DENOMINATOR = 64

DRUM_CHANNEL = 9  # the tenth, counted from 0 in the file
DEFAULT_TEMPO_BPM = 120.0
_CLOSING_CONTROLS = (120, 123)  # all sound off, all notes off


class Note(NamedTuple):
    """A sounding note: ticks from the start of its song, MIDI pitch 0..127."""

    start: int
    end: int
    pitch: int
    track: int
    channel: int


class Metre(NamedTuple):
    """A time signature in force from ``tick`` on."""

    tick: int
    beats: int
    unit: int


class Text(NamedTuple):
    """A marker or text event."""

    tick: int
    text: str


@dataclass(frozen=True)
class Song:
    """The music of one file, or of one track of a type 2 file.

    Args:
        name: the file's path; ``path#track`` for type 2.
        ticks_per_quarter: the grid of every tick here.
        notes: pitched notes, ordered by start, pitch and end; drums are left out.
        metres: time signatures in order; 4/4 from tick 0 where the file states none.
        tempos_bpm: (tick, beats a minute) in order; empty where the file states none.
        texts: marker and text events in order.
        track_names: track number -> name.
        end: last tick of the song.
        counts: hanging, zero_length, unmatched_off, drums: notes repaired or left out.
    """

    name: str
    ticks_per_quarter: int
    notes: tuple[Note, ...]
    metres: tuple[Metre, ...]
    tempos_bpm: tuple[tuple[int, float], ...]
    texts: tuple[Text, ...]
    track_names: dict[int, str]
    end: int
    counts: Counter[str] = field(default_factory=Counter)


def read_midi(data: bytes, name: str) -> list[Song]:
    """Songs of a standard MIDI file: one for types 0 and 1, one a track for type 2.

    Args:
        data: content of the file.
        name: the file's path, for messages and as the song's name.

    Raises:
        DataError: naming the file, the byte or track and the reason.
    """
    kind = _check_header(data, name)
    stream = io.BytesIO(data)
    try:
        file = mido.MidiFile(file=stream)
    except Exception as error:  # mido raises six unrelated classes, EOFError without a message
        reason = str(error) or "the end of the data"
        raise DataError(
            f"{name}, byte {stream.tell()}",
            "a well-formed MIDI event",
            f"{type(error).__name__}: {reason}",
            "Export the file anew or take it out of the folder.",
        ) from error
    tracks: list[list[tuple[int, mido.Message]]] = []
    for number, track in enumerate(file.tracks):
        tracks.append(_with_ticks(track, file.ticks_per_beat, f"{name}, track {number}"))
    if sum(message.type == "note_on" for track in tracks for _, message in track) > MAX_NOTES:
        raise DataError(
            name, f"at most {MAX_NOTES} notes", "more", "Split the file into shorter ones."
        )
    if kind == 2:
        return [
            _build_song({number: track}, file.ticks_per_beat, f"{name}#{number}")
            for number, track in enumerate(tracks)
        ]
    return [_build_song(dict(enumerate(tracks)), file.ticks_per_beat, name)]


def _check_header(data: bytes, name: str) -> int:
    """Check the header chunk and return the file's type; mido lets most of its faults pass."""
    remedy = "Export the file anew as a standard MIDI file."
    if len(data) > MAX_BYTES:
        raise DataError(name, f"at most {MAX_BYTES} bytes", len(data), "Split the file.")
    if len(data) < 14 or data[:4] != b"MThd":
        seen = f"{data[:4]!r} in {len(data)} bytes"
        raise DataError(f"{name}, byte 0", "a header chunk MThd of 14 bytes", seen, remedy)
    length, kind, tracks, division = struct.unpack(">LHHh", data[4:14])
    if length < 6:
        raise DataError(f"{name}, byte 4", "a header of 6 bytes or more", length, remedy)
    if kind > 2:
        raise DataError(f"{name}, byte 8", "type 0, 1 or 2", kind, remedy)
    if not 1 <= tracks <= MAX_TRACKS:
        raise DataError(f"{name}, byte 10", f"1 to {MAX_TRACKS} tracks", tracks, remedy)
    if division < 0:
        seen = f"SMPTE frames ({division})"
        raise DataError(f"{name}, byte 12", "ticks a quarter note", seen, "Export it by beats.")
    if division == 0:
        raise DataError(f"{name}, byte 12", "ticks a quarter note above 0", 0, remedy)
    return int(kind)


def _with_ticks(
    track: Iterable[mido.Message], ticks_per_quarter: int, where: str
) -> list[tuple[int, mido.Message]]:
    """Messages of a track with their absolute ticks."""
    tick, messages = 0, []
    for message in track:
        tick += message.time
        if tick > MAX_QUARTERS * ticks_per_quarter:
            seen = f"an event at quarter {tick / ticks_per_quarter:.3g}"
            raise DataError(
                where, f"at most {MAX_QUARTERS} quarters", seen, "Mend its delta times."
            )
        messages.append((tick, message))
    return messages


def _build_song(
    tracks: dict[int, list[tuple[int, mido.Message]]], ticks_per_quarter: int, name: str
) -> Song:
    counts: Counter[str] = Counter()
    notes: list[Note] = []
    metres: list[Metre] = []
    tempos: list[tuple[int, float]] = []
    texts: list[Text] = []
    names: dict[int, str] = {}
    for number, track in tracks.items():
        where = f"{name}, track {number}"
        for tick, message in track:
            if message.type == "time_signature":
                metres.append(_check_metre(tick, message, where))
            elif message.type == "set_tempo":
                tempos.append((tick, _check_tempo(message, where)))
            elif message.type in ("marker", "text"):
                texts.append(Text(tick, _decode(message.text)))
            elif message.type == "track_name":
                names.setdefault(number, _decode(message.name))
        notes += _pair_notes(track, number, counts)
    by_tick = {metre.tick: metre for metre in metres}  # the last of one tick holds
    first = [] if 0 in by_tick else [Metre(0, 4, 4)]
    ends = [track[-1][0] for track in tracks.values() if track]
    return Song(
        name=name,
        ticks_per_quarter=ticks_per_quarter,
        notes=tuple(sorted(notes, key=lambda note: (note.start, note.pitch, note.end))),
        metres=tuple(first + [by_tick[tick] for tick in sorted(by_tick)]),
        tempos_bpm=tuple(sorted(tempos, key=lambda tempo: tempo[0])),
        texts=tuple(sorted(texts, key=lambda text: text.tick)),
        track_names=names,
        end=max([*ends, *(note.end for note in notes)], default=0),
        counts=counts,
    )


def _decode(text: str) -> str:
    """Text that mido read as Latin-1: as UTF-8 where its bytes are that."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text


def _check_metre(tick: int, message: mido.MetaMessage, where: str) -> Metre:
    if message.numerator < 1 or message.denominator > MAX_DENOMINATOR:
        power = message.denominator.bit_length() - 1
        raise DataError(
            f"{where}, tick {tick}",
            f"a time signature of 1 beat or more of at least 1/{MAX_DENOMINATOR}",
            f"{message.numerator}/2^{power}",
            "Correct the time signature.",
        )
    return Metre(tick, message.numerator, message.denominator)


def _check_tempo(message: mido.MetaMessage, where: str) -> float:
    if message.tempo == 0:
        raise DataError(where, "a tempo above 0 microseconds a quarter", 0, "Correct the tempo.")
    return 60e6 / float(message.tempo)


def _pair_notes(
    track: list[tuple[int, mido.Message]], number: int, counts: Counter[str]
) -> list[Note]:
    """Notes of one track: offs close the oldest note of their pitch, before ons of their tick.

    An off that finds no older note closes an on of its own tick that stands before it in the
    file: a note of zero length, dropped and counted.
    """
    notes: list[Note] = []
    open_notes: dict[tuple[int, int], deque[int]] = defaultdict(deque)

    def close(key: tuple[int, int], tick: int) -> None:
        start = open_notes[key].popleft()
        if key[0] == DRUM_CHANNEL:
            counts["drums"] += 1
        elif start == tick:
            counts["zero_length"] += 1
        else:
            notes.append(Note(start, tick, key[1], number, key[0]))

    events: dict[int, list[mido.Message]] = defaultdict(list)
    for tick, message in track:
        if message.type in ("note_on", "note_off", "control_change"):
            events[tick].append(message)
    for tick in sorted(events):
        waiting = []
        for message in events[tick]:
            if message.type == "control_change":
                if message.control in _CLOSING_CONTROLS:
                    for key in [key for key in open_notes if key[0] == message.channel]:
                        while open_notes[key]:
                            close(key, tick)
                continue
            key = (message.channel, message.note)
            ends = message.type == "note_off" or message.velocity == 0
            if ends and open_notes[key]:
                close(key, tick)
            else:
                waiting.append(message)
        for message in waiting:
            key = (message.channel, message.note)
            if message.type == "note_on" and message.velocity > 0:
                open_notes[key].append(tick)
            elif open_notes[key]:
                close(key, tick)
            else:
                counts["unmatched_off"] += 1
    end = track[-1][0] if track else 0
    for key in sorted(open_notes):
        while open_notes[key]:
            counts["hanging"] += 1
            close(key, end)
    return notes
