"""Melodies made audible: tones of a few harmonics, as MP3 for pages and WAV for other programs.

MP3 because every browser plays it from a page without a file beside it, it is a tenth of a WAV, and
one melody gives the same bytes each time (an OGG carries a random serial number).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
import soundfile
from numpy.typing import NDArray

from fairtrial.melodies.piano_roll import (
    COLUMNS,
    COLUMNS_PER_QUARTER,
    LOWEST_PITCH,
    GridNote,
    Roll,
    bars_to_notes,
)

SAMPLE_RATE_HZ = 22050

_PARTIALS = 0.45 ** np.arange(8)
"""Amplitudes of the fundamental and its harmonics: between a flute and a plucked string."""

_DECAY_PER_S = 1.6
_ATTACK_S = 0.01
RELEASE_S = 0.08
_SOFT = 0.35
"""Amplitude of the accompaniment beside a melody of 1."""

_OCTAVE, _FIFTH = 12, 7

# Loudness is what people judge first: clips are set to one level as far as their peaks allow it.
_LEVEL_RMS = 0.12
_PEAK = 0.9

_COMPRESSION = 0.5
"""Of libsndfile, 0 (large) to 1 (small)."""


def synthesise(
    notes: Iterable[GridNote],
    tempo_bpm: float,
    columns: int,
    accompaniment: Iterable[GridNote] = (),
) -> NDArray[np.float32]:
    """Play notes.

    Args:
        notes: pitch 0..127, columns (16 a quarter) from the start.
        tempo_bpm: quarters a minute, above 0.
        columns: length of the piece; every note ends within it.
        accompaniment: notes that are played more softly, such as those of chords.

    Returns:
        float32 (n,) at `SAMPLE_RATE_HZ`, magnitudes up to 0.9; n is the piece and `RELEASE_S`, in
        which its last notes die away. Zeros where there are no notes.

    Raises:
        ValueError: a note ends after the piece.
    """
    per_column = 60 * SAMPLE_RATE_HZ / (tempo_bpm * COLUMNS_PER_QUARTER)
    wave = np.zeros(round(columns * per_column) + round(RELEASE_S * SAMPLE_RATE_HZ))
    tones: dict[tuple[int, int], NDArray[np.float64]] = {}
    for amplitude, part in ((1.0, notes), (_SOFT, accompaniment)):
        for pitch, column, length in part:
            if column + length > columns:
                raise ValueError(f"a note that ends in column {column + length} of {columns}")
            start = round(column * per_column)
            held = round((column + length) * per_column) - start
            if (pitch, held) not in tones:
                tones[pitch, held] = _tone(pitch, held)
            tone = tones[pitch, held]
            wave[start : start + len(tone)] += amplitude * tone
    return _levelled(wave).astype(np.float32)


def as_mp3(wave: NDArray[np.float32]) -> bytes:
    """What `synthesise` played, as an MP3 file: the same bytes for the same wave."""
    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        wave,
        SAMPLE_RATE_HZ,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=_COMPRESSION,
    )
    return buffer.getvalue()


def as_wav(wave: NDArray[np.float32]) -> bytes:
    """What `synthesise` played, as a WAV file of 16 bits."""
    buffer = io.BytesIO()
    soundfile.write(buffer, wave, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def render_bars(rolls: Roll, roots: Sequence[int], tempo_bpm: float) -> bytes:
    """Bars as an MP3 file, over a soft root and fifth.

    A scaled piano roll knows its chord's root, and not whether the chord is major or minor; without
    the root one could not hear what it is scaled to.

    Args:
        rolls: uint8 (n, 48, 64).
        roots: the chord root under each bar, 0..11.
        tempo_bpm: quarters a minute.
    """
    chords = [
        GridNote(LOWEST_PITCH + _OCTAVE + root + interval, bar * COLUMNS, COLUMNS)
        for bar, root in enumerate(roots)
        for interval in (0, _FIFTH)
    ]
    notes = bars_to_notes(rolls, roots)
    return as_mp3(synthesise(notes, tempo_bpm, len(rolls) * COLUMNS, chords))


def frequency_hz(pitch: int) -> float:
    """Frequency of a MIDI pitch, A4 (69) being 440 Hz."""
    return 440.0 * 2 ** ((pitch - 69) / 12)


def _tone(pitch: int, held: int) -> NDArray[np.float64]:
    """One note held for a number of samples, and dying away after them."""
    release = round(RELEASE_S * SAMPLE_RATE_HZ)
    seconds = np.arange(held + release) / SAMPLE_RATE_HZ
    wave = np.zeros(len(seconds))
    for partial, amplitude in enumerate(_PARTIALS, start=1):
        # A harmonic above half the rate would come back as a wrong, lower tone.
        if (frequency := partial * frequency_hz(pitch)) < SAMPLE_RATE_HZ / 2:
            wave += amplitude * np.sin(2 * np.pi * frequency * seconds)
    # Both ends are rounded off: a step would be heard as a click.
    wave *= np.exp(-_DECAY_PER_S * seconds)
    wave *= _rise(seconds / _ATTACK_S)
    wave[held:] *= _rise(np.arange(release, 0, -1) / release)
    return wave


def _rise(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 0 at progress 0 smoothly to 1 at 1, and 1 from there on."""
    return 0.5 - 0.5 * np.cos(np.pi * np.minimum(progress, 1.0))


def _levelled(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """The wave at the common level, lower where its peaks ask for it; rests do not count."""
    sounding = wave[wave != 0]
    if len(sounding) == 0:
        return wave
    gain = min(_LEVEL_RMS / np.sqrt(np.mean(sounding**2)), _PEAK / np.abs(wave).max())
    return wave * float(gain)
