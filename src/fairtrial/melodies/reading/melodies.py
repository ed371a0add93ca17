"""MIDI files of our own as the melodies that they were written from."""

from __future__ import annotations

from fairtrial.core.errors import DataError
from fairtrial.melodies.midi_out import CHORDS, Melody
from fairtrial.melodies.piano_roll import GridNote
from fairtrial.melodies.reading.midi import read_midi
from fairtrial.melodies.reading.songs import DEFAULT_TEMPO_BPM, Song


def read_melody(data: bytes, name: str) -> Melody:
    """The inverse of `write_midi`, up to the tempo's rounding to whole microseconds a quarter.

    Args:
        data: content of a file that `write_midi` wrote.
        name: the file's path, for messages.

    Raises:
        DataError: it is no MIDI file, or one of several songs.
    """
    songs = read_midi(data, name)
    if len(songs) != 1:
        raise DataError(name, "one melody", f"{len(songs)} songs", "Name a file of type 0 or 1.")
    (song,) = songs
    chords = {n for n, title in song.track_names.items() if title == CHORDS and n > 0}
    return Melody(
        notes=_on_grid(song, {note.track for note in song.notes} - chords),
        tempo_bpm=song.tempos_bpm[0][1] if song.tempos_bpm else DEFAULT_TEMPO_BPM,
        name=song.track_names.get(0, ""),
        markers=tuple((song.column(text.tick), text.text) for text in song.texts),
        accompaniment=_on_grid(song, chords),
    )


def _on_grid(song: Song, tracks: set[int]) -> tuple[GridNote, ...]:
    notes = []
    for note in song.notes:
        if note.track in tracks:
            column = song.column(note.start)
            notes.append(GridNote(note.pitch, column, max(song.column(note.end) - column, 1)))
    return tuple(sorted(notes, key=lambda note: (note.column, note.pitch)))
