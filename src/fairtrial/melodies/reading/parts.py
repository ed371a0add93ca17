"""Which part of a song is its melody, and which holds its chords."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import fmean, median
from typing import NamedTuple

from fairtrial.core.errors import DataError
from fairtrial.core.text import count_text
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.reading.songs import Note, Song

_MELODY, _CHORDS = "melody", "chord"
_FULL_CHORD = 3  # notes that begin together
# A part with less than this share of the largest part's notes is an effect, not the tune.
_LEAST_SHARE = 0.25


class Part(NamedTuple):
    """Notes of one track (any, if none) and one channel of it (all, if none)."""

    track: int | None = None
    channel: int | None = None

    def holds(self, note: Note) -> bool:
        """Whether a note belongs to it."""
        return self.track in (None, note.track) and self.channel in (None, note.channel)


def choose_melody(song: Song, ingest: Ingest, chords: Part | None) -> tuple[Part, str]:
    """The part that is cut into bars, and why it is that one.

    What ``ingest.track`` and ``ingest.channel`` ask for; else, among the parts (a channel of a
    track each): the only one; the one on a track named melody; the highest by mean pitch of those
    that hold no chords and have a quarter of the notes of the largest one.

    Args:
        song: the music.
        ingest: the study's parameters.
        chords: the part that holds chords, as `find_chords` finds it.

    Raises:
        DataError: what was asked for has no notes, though the song has some.
    """
    channel, track = ingest.channel, ingest.track
    if track == "auto":
        chosen, why = _find_melody(song, _pitches(song, Part(channel=channel)), chords)
    elif track == "all":
        chosen, why = Part(channel=channel), "every track, as asked for"
    elif isinstance(track, int):
        chosen, why = Part(track, channel), "asked for by number"
    else:
        named = _named(song, track, _pitches(song, Part(channel=channel)))
        chosen = Part(named[0].track, channel) if named else Part(-1)
        why = f"asked for by the name {track!r}"
    if song.notes and not any(chosen.holds(note) for note in song.notes):
        on = "" if channel is None else f" and channel {channel}"
        remedy = "Set ingest.track and ingest.channel to what has notes, or track to auto."
        raise DataError(song.name, f"notes on track {track}{on}", _known(song), remedy)
    return chosen, why


def _pitches(song: Song, within: Part) -> dict[Part, list[int]]:
    parts: dict[Part, list[int]] = defaultdict(list)
    for note in song.notes:
        if within.holds(note):
            parts[Part(note.track, note.channel)].append(note.pitch)
    return parts


def _find_melody(song: Song, parts: dict[Part, list[int]], chords: Part | None) -> tuple[Part, str]:
    if len(parts) <= 1:
        return next(iter(parts), Part(-1)), "the only part"
    named = _named(song, _MELODY, parts)
    candidates = named or sorted(part for part in parts if part != chords)
    largest = max(len(parts[part]) for part in candidates)
    candidates = [part for part in candidates if len(parts[part]) >= _LEAST_SHARE * largest]
    highest = max(candidates, key=lambda part: fmean(parts[part]))
    if named:
        return highest, f"on a track named {_MELODY}"
    return highest, f"the highest of {count_text(len(parts), 'part')}"


def find_chords(song: Song) -> Part | None:
    """The part that holds chords: on a track so named, else one with three notes at most onsets."""
    onsets: dict[Part, Counter[int]] = defaultdict(Counter)
    for note in song.notes:
        onsets[Part(note.track, note.channel)][song.column(note.start)] += 1
    found = _named(song, _CHORDS, onsets)
    if not found and len(onsets) > 1:
        found = [part for part in sorted(onsets) if median(onsets[part].values()) >= _FULL_CHORD]
    return found[0] if found else None


def _named(song: Song, name: str, parts: Iterable[Part]) -> list[Part]:
    """Those of the parts that lie on the first track whose name holds ``name``."""
    named = {number for number, title in song.track_names.items() if name.lower() in title.lower()}
    found = sorted(part for part in parts if part.track in named)
    return [part for part in found if part.track == found[0].track]


def _known(song: Song) -> str:
    tracks: dict[int, set[int]] = defaultdict(set)
    for note in song.notes:
        tracks[note.track].add(note.channel)
    parts = []
    for number, channels in sorted(tracks.items()):
        name = song.track_names.get(number)
        title = f" {name!r}" if name else ""
        listed = ", ".join(str(channel) for channel in sorted(channels) if channel)
        parts.append(f"track {number}{title}" + (f" (channel {listed})" if listed else ""))
    return "notes on " + "; ".join(parts)
