"""Melodies are heard at the right pitch, length and level."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.melodies.piano_roll import COLUMNS, Cell, GridNote, draw_roll
from fairtrial.melodies.sound import (
    RELEASE_S,
    SAMPLE_RATE_HZ,
    as_mp3,
    as_wav,
    render_bars,
    synthesise,
)


def peak_hz(wave: np.ndarray) -> float:
    """Frequency of the strongest partial, to a fraction of a hertz."""
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
    return float(np.argmax(spectrum) * SAMPLE_RATE_HZ / (1 << 18))


@pytest.mark.parametrize(("pitch", "hertz"), [(45, 110.0), (60, 261.626), (69, 440.0), (93, 1760)])
def test_a_note_sounds_at_the_frequency_of_its_pitch(pitch: int, hertz: float) -> None:
    """The fundamental is the strongest partial and lies where equal temperament puts it."""
    assert peak_hz(synthesise([GridNote(pitch, 0, 64)], 120, 64)) == pytest.approx(hertz, abs=0.3)


def test_a_note_sounds_in_its_columns_and_nowhere_else() -> None:
    """At 120 quarters a minute a quarter is half a second; rests are silent."""
    wave = synthesise([GridNote(69, 16, 16)], 120, 64)
    begin, end = SAMPLE_RATE_HZ // 2, SAMPLE_RATE_HZ
    release = round(RELEASE_S * SAMPLE_RATE_HZ)
    assert len(wave) == 2 * SAMPLE_RATE_HZ + release
    assert not wave[:begin].any()
    assert not wave[end + release :].any()
    assert np.abs(wave[begin:end]).max() > 0.1


def test_tempo_stretches_time_and_leaves_the_pitch() -> None:
    """Half the tempo is twice the length."""
    slow, fast = (synthesise([GridNote(69, 0, 32)], tempo, 32) for tempo in (60, 120))
    release = round(RELEASE_S * SAMPLE_RATE_HZ)
    assert len(slow) - release == 2 * (len(fast) - release)
    assert peak_hz(slow) == pytest.approx(peak_hz(fast), abs=0.3)


@given(
    cells=st.lists(
        st.tuples(st.integers(0, 127), st.integers(0, 63), st.integers(1, 64)), max_size=40
    ),
    tempo_bpm=st.floats(30, 300),
)
def test_nothing_clips_or_clicks(cells: list[tuple[int, int, int]], tempo_bpm: float) -> None:
    """Whatever is played stays within the range and begins and ends in silence."""
    notes = [GridNote(pitch, start, min(length, 64 - start)) for pitch, start, length in cells]
    wave = synthesise(notes, tempo_bpm, 64)
    assert np.isfinite(wave).all()
    assert np.abs(wave).max() <= 0.9 + 1e-6
    assert abs(wave[0]) < 1e-3
    assert abs(wave[-1]) < 1e-3


def test_a_thin_and_a_thick_piece_are_equally_loud() -> None:
    """One voice and four have one level, so that nobody rates the louder one higher."""
    thin = synthesise([GridNote(60, 0, 64)], 120, 64)
    thick = synthesise([GridNote(pitch, 0, 64) for pitch in (60, 64, 67, 71)], 120, 64)
    levels = [np.sqrt(np.mean(wave.astype(float) ** 2)) for wave in (thin, thick)]
    assert levels[0] == pytest.approx(levels[1], rel=0.02)


def test_the_accompaniment_is_softer_than_the_melody() -> None:
    """Of two equal notes that of the accompaniment has about a third of the amplitude."""
    wave = synthesise([GridNote(81, 0, 64)], 120, 64, [GridNote(69, 0, 64)])
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 1 << 18))
    low, high = (spectrum[round(hertz * (1 << 18) / SAMPLE_RATE_HZ)] for hertz in (440, 880))
    # The second harmonic of the low note lies on the high one.
    assert 0.25 < low / high < 0.42


def test_no_notes_are_silence_of_the_pieces_length() -> None:
    """A bar without notes is heard as a rest."""
    wave = synthesise([], 120, COLUMNS)
    assert not wave.any()
    assert len(wave) > 2 * SAMPLE_RATE_HZ


def test_a_note_past_the_end_is_refused() -> None:
    """A piece that is too short for its notes is told, never cut."""
    with pytest.raises(ValueError, match="column 65 of 64"):
        synthesise([GridNote(60, 1, 64)], 120, 64)


def test_a_file_is_small_plays_back_and_is_the_same_each_time() -> None:
    """Eight bars stay below 100 kB, keep pitch and length, and have one content."""
    notes = [GridNote(69, column, 16) for column in range(0, 8 * COLUMNS, 16)]
    content = as_mp3(synthesise(notes, 120, 8 * COLUMNS))
    assert content == as_mp3(synthesise(notes, 120, 8 * COLUMNS))
    assert len(content) < 100_000
    wave, rate = soundfile.read(io.BytesIO(content))
    assert rate == SAMPLE_RATE_HZ
    assert len(wave) / rate == pytest.approx(16 + RELEASE_S, abs=0.1)
    assert peak_hz(wave[:SAMPLE_RATE_HZ]) == pytest.approx(440, abs=2.5)


def test_a_wav_holds_the_wave_itself() -> None:
    """To the step of 16 bits, and with the same bytes each time."""
    wave = synthesise([GridNote(69, 0, 64)], 120, COLUMNS)
    content = as_wav(wave)
    assert content == as_wav(wave)
    stored, rate = soundfile.read(io.BytesIO(content))
    assert rate == SAMPLE_RATE_HZ
    np.testing.assert_allclose(stored, wave, atol=2**-15)


def test_bars_are_played_over_the_root_and_fifth_of_their_chord() -> None:
    """A silent bar over D is a soft D3 and A3; its notes come on top at their own pitches."""
    roll = draw_roll([Cell(36, 0, 64)])[0]
    wave, rate = soundfile.read(io.BytesIO(render_bars(np.stack([roll * 0, roll]), [2, 2], 120)))
    for half, hertz in ((wave[: 2 * rate], (146.83, 220.0)), (wave[2 * rate :], (587.33,))):
        spectrum = np.abs(np.fft.rfft(half * np.hanning(len(half)), 1 << 18))
        strongest = np.argsort(spectrum)[::-1][:400] * rate / (1 << 18)
        assert all(np.abs(strongest - tone).min() < 1 for tone in hertz)
