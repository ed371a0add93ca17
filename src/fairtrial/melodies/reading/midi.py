"""MIDI files as songs, or one typed error."""

from __future__ import annotations

from collections import Counter

import mido

from fairtrial.core.errors import DataError
from fairtrial.melodies.reading.chunks import Timed, read_track, split_chunks
from fairtrial.melodies.reading.pairing import pair_notes
from fairtrial.melodies.reading.songs import Metre, Note, Song, Text

MAX_NOTES = 100_000
MAX_DENOMINATOR = 64


def read_midi(data: bytes, name: str) -> list[Song]:
    """Songs of a standard MIDI file: one for types 0 and 1, one a track for type 2.

    Args:
        data: content of the file.
        name: the file's path, for messages and as the song's name.

    Raises:
        DataError: naming the file, the byte or track and the reason.
    """
    chunks = split_chunks(data, name)
    repairs = Counter(chunks.passed_over)
    tracks: dict[int, Timed] = {}
    ons = 0
    for chunk in chunks.tracks:
        tracks[chunk.number], after = read_track(chunk, chunks.ticks_per_quarter, name)
        repairs["events_after_end"] += after
        ons += sum(message.type == "note_on" for _, message in tracks[chunk.number])
        if ons > MAX_NOTES:
            raise DataError(name, f"at most {MAX_NOTES} notes", "more", "Split the file.")
    # What was passed over in the file is told once, of its first song.
    parts = [{n: tracks[n]} for n in tracks] if chunks.kind == 2 else [tracks]
    songs = []
    for index, part in enumerate(parts):
        song_name = f"{name}#{index}" if chunks.kind == 2 else name
        counts = Counter() if index else +repairs
        songs.append(_build_song(part, chunks.ticks_per_quarter, name, song_name, counts))
    return songs


def _build_song(
    tracks: dict[int, Timed],
    ticks_per_quarter: int,
    path: str,
    name: str,
    repairs: Counter[str],
) -> Song:
    dropped: Counter[str] = Counter()
    notes: list[Note] = []
    metres: dict[int, Metre] = {}
    tempos: list[tuple[int, float]] = []
    texts: list[Text] = []
    names: dict[int, str] = {}
    for number, track in tracks.items():
        where = f"{path}, track {number}"
        for tick, message in track:
            if message.type == "time_signature":
                metres[tick] = _check_metre(tick, message, where)  # the last of one tick holds
            elif message.type == "set_tempo":
                tempos.append((tick, _check_tempo(tick, message, where)))
            elif message.type in ("marker", "text"):
                texts.append(Text(tick, _decode(message.text), message.type))
            elif message.type == "track_name":
                names.setdefault(number, _decode(message.name))
            elif message.type == "unknown_meta":
                repairs["unknown_events"] += 1
        notes += pair_notes(track, number, dropped, repairs)
    metres.setdefault(0, Metre(0, 4, 4))
    return Song(
        name=name,
        path=path,
        ticks_per_quarter=ticks_per_quarter,
        notes=tuple(sorted(notes, key=lambda note: (note.start, note.pitch, note.end))),
        metres=tuple(metres[tick] for tick in sorted(metres)),
        tempos_bpm=tuple(sorted(tempos, key=lambda tempo: tempo[0])),
        texts=tuple(sorted(texts, key=lambda text: text.tick)),
        track_names=names,
        end=max((track[-1][0] for track in tracks.values() if track), default=0),
        dropped=dropped,
        repairs=+repairs,
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


def _check_tempo(tick: int, message: mido.MetaMessage, where: str) -> float:
    if message.tempo == 0:
        rule = "a tempo above 0 microseconds a quarter"
        raise DataError(f"{where}, tick {tick}", rule, 0, "Correct the tempo.")
    return 60e6 / float(message.tempo)
