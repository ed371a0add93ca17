"""Musical descriptors of bars."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.descriptors import NAMES, describe
from tests.melodies.rolls import roll
from tests.melodies.scoring.support import draw_tunes


def feature(bars: np.ndarray, name: str) -> float:
    return float(describe(bars)[0, NAMES.index(name)])


def test_descriptors_say_what_their_names_say() -> None:
    """Four quarters C E G C over C: a triad on the beats, without a step or a repetition."""
    bar = roll((24, 0, 16), (28, 16, 16), (31, 32, 16), (36, 48, 16))[None]
    assert feature(bar, "share_of_step_0") == 0.5
    assert feature(bar, "share_of_step_4") == 0.25
    assert feature(bar, "pitch_class_entropy") == pytest.approx(1.5 * np.log(2) / np.log(12))
    assert feature(bar, "scale_consistency") == 1
    assert feature(bar, "pitch_range") == pytest.approx(12 / 47)
    assert feature(bar, "density") == 1
    assert feature(bar, "onsets") == 4 / 16
    assert feature(bar, "onsets_on_beats") == 1
    assert feature(bar, "mean_duration") == 0.25
    assert feature(bar, "polyphony") == 0
    assert feature(bar, "mean_interval") == pytest.approx((4 + 3 + 5) / 3 / 12)
    assert feature(bar, "steps") == feature(bar, "repeated_pitches") == 0
    assert feature(bar, "half_bar_repetition") == 1


def test_repetition_polyphony_and_offbeats_are_seen() -> None:
    """Repeated notes, chords and eighths between beats move their own descriptor."""
    assert feature(roll((24, 0, 8), (24, 8, 8))[None], "repeated_pitches") == 1
    assert feature(roll((24, 0, 8), (24, 8, 8))[None], "onsets_on_offbeats") == 0.5
    assert feature(roll((24, 0, 8), (26, 8, 8))[None], "steps") == 1
    assert feature(roll((24, 0, 16), (28, 0, 8))[None], "polyphony") == 0.5


def test_descriptors_lie_between_0_and_1() -> None:
    """Tunes, noise and silence all stay in range; silence is all zeros."""
    tunes, _ = draw_tunes()
    noise = np.random.default_rng(0).integers(0, 3, (20, 48, 64)).astype(np.uint8)
    features = describe(np.concatenate([tunes, noise]))
    assert features.shape == (len(tunes) + 20, len(NAMES))
    assert features.min() >= 0
    assert features.max() <= 1
    assert not describe(np.zeros((2, 48, 64), np.uint8)).any()
