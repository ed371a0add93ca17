"""A song as files: for a sequencer, for the ear, for a music stand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fairtrial.melodies.midi_out import Clips, Melody
from fairtrial.melodies.notation.score import is_readable, write_score
from fairtrial.melodies.parameters import Song
from fairtrial.melodies.piano_roll import COLUMNS, Roll, bars_to_notes
from fairtrial.melodies.songs.evolution import Evolved
from fairtrial.melodies.songs.harmony import read_harmony
from fairtrial.melodies.songs.variants import SONG
from fairtrial.melodies.sound import as_mp3, as_wav, synthesise


def song_melody(bars: Roll, song: Song, name: str) -> Melody:
    """Bars uint8 (n, 48, 64) as notes, over their chords, whose symbols are markers."""
    harmony = read_harmony(song)
    return Melody(
        notes=tuple(bars_to_notes(bars, harmony.roots)),
        tempo_bpm=song.tempo_bpm,
        name=name,
        markers=tuple((bar * COLUMNS, chord.symbol) for bar, chord in enumerate(harmony.chords)),
        accompaniment=tuple(harmony.accompaniment()),
    )


def song_sound(bars: Roll, song: Song) -> NDArray[np.float32]:
    """Bars uint8 (n, 48, 64) over their chords, as `synthesise` plays them."""
    harmony = read_harmony(song)
    notes = bars_to_notes(bars, harmony.roots)
    return synthesise(notes, song.tempo_bpm, len(bars) * COLUMNS, harmony.accompaniment())


def song_score(bars: Roll, song: Song) -> bytes | None:
    """The melody of bars uint8 (n, 48, 64) as a score, SVG, the chords above it.

    None where there are more notes than a score can show.
    """
    harmony = read_harmony(song)
    notes = bars_to_notes(bars, harmony.roots)
    return write_score(notes, harmony, song.tempo_bpm) if is_readable(notes, harmony) else None


def song_files(found: Mapping[str, Evolved], song: Song) -> Clips:
    """Every variant as ``NAME.mid``; the song also as WAV, MP3 and, readable, SVG."""
    bars = found[SONG].bars
    score, sound = song_score(bars, song), song_sound(bars, song)
    return {
        **{f"{name}.mid": song_melody(each.bars, song, name) for name, each in found.items()},
        "song.wav": as_wav(sound),
        "song.mp3": as_mp3(sound),
        **({"song.svg": score} if score else {}),
    }
