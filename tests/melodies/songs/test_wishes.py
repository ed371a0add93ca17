"""Descriptors of known bars, and the fitness that weighs them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.songs.bits import pack_bars
from fairtrial.melodies.songs.wishes import WISHES, Scene, fitness, measure_wishes
from tests.melodies.songs.support import bar, goal, tunes

C_ARPEGGIO = bar((24, 0, 16), (28, 16, 16), (31, 32, 16), (36, 48, 16))


def scene(*rolls: Roll, chord: str = "C") -> Scene:
    wanted = goal({"density": 1.0}, chords=(chord,), bars=1, key="C")
    return wanted.scene(pack_bars(np.stack(rolls))[None], np.array([0]))


def value(name: str, roll: Roll, chord: str = "C") -> float:
    return float(WISHES[name](scene(roll, chord=chord))[0, 0])


@pytest.mark.parametrize(
    ("name", "roll", "expected"),
    [
        ("chord_tones", C_ARPEGGIO, 1.0),
        ("chord_tones", bar((24, 0, 16), (26, 16, 16)), 0.5),
        ("chord_tones", bar((0, 0, 16)), 0.0),  # two octaves below row 24
        ("onsets_on_beats", C_ARPEGGIO, 1.0),
        ("onsets_on_beats", bar((24, 0, 8), (26, 8, 8), (28, 24, 8)), 1 / 3),
        ("density", C_ARPEGGIO, 1.0),
        ("density", bar((24, 0, 32)), 0.5),  # a share of 0.5, halfway between 0.2 and 0.8
        ("density", bar((24, 0, 8)), 0.0),
        ("variety", bar((24, 0, 8), (26, 8, 8)), 0.0),  # 2 of 48 rows
        ("variety", bar(*((20 + k, 8 * k, 8) for k in range(5))), (5 / 48 - 0.05) / 0.1),
        ("variety", bar(*((20 + k, 8 * k, 8) for k in range(8))), 1.0),
        ("single_notes", C_ARPEGGIO, 1.0),
        ("single_notes", bar((24, 0, 16), (28, 0, 8)), (0.5 - 0.3) / 0.7),
        ("single_notes", bar((24, 0, 16), (28, 0, 16)), 0.0),
        ("out_of_scale", C_ARPEGGIO, 0.0),
        ("out_of_scale", bar((24, 0, 16), (25, 16, 16), (30, 32, 32)), 0.75),
        ("repetition", bar((24, 0, 16), (24, 32, 16)), 1.0),
        ("repetition", bar((24, 0, 16), (24, 32, 8)), 0.5),
        ("repetition", C_ARPEGGIO, 0.0),
        ("stepwise", bar((24, 0, 8), (26, 8, 8), (27, 16, 8)), 1.0),
        ("stepwise", bar((24, 0, 8), (24, 8, 8)), 0.0),  # no step at all
        ("stepwise", bar((24, 0, 8), (36, 8, 8)), 0.0),
        ("stepwise", bar((24, 0, 8), (31, 8, 8)), 0.5),  # a fifth: (12 - 7) / (12 - 2)
        ("stepwise", bar((20, 0, 8), (30, 0, 8), (28, 8, 8)), 1.0),  # the highest note counts
        ("stepwise", bar((24, 0, 8)), 0.0),
    ],
)
def test_descriptors_of_known_bars(name: str, roll: Roll, expected: float) -> None:
    """Counted by hand."""
    assert value(name, roll) == pytest.approx(expected)


def test_the_chord_and_the_key_move_with_the_bar() -> None:
    """Row 25 over C is C sharp, out of C major; over E it is F, in it. A minor third fits Am."""
    assert value("out_of_scale", bar((25, 0, 16))) == 1.0
    assert value("out_of_scale", bar((25, 0, 16)), chord="Em") == 0.0
    assert value("chord_tones", bar((27, 0, 16)), chord="Am") == 1.0
    assert value("chord_tones", bar((27, 0, 16)), chord="A") == 0.0


def test_silence_is_nothing_but_defined() -> None:
    """A silent bar has 0 in every descriptor."""
    silent = measure_wishes(scene(bar()))
    assert {name: float(each[0, 0]) for name, each in silent.items()} == dict.fromkeys(WISHES, 0.0)


def test_every_descriptor_of_every_tune_is_between_0_and_1() -> None:
    """On real music, over a chord that is not its own."""
    for measured in measure_wishes(scene(*tunes(), chord="F#dim")).values():
        assert ((measured >= 0) & (measured <= 1)).all()


@given(
    st.dictionaries(st.sampled_from(sorted(WISHES)), st.floats(-5, 5), min_size=1).filter(
        lambda weights: any(abs(weight) > 1e-6 for weight in weights.values())
    )
)
def test_fitness_is_the_weighted_sum_between_worst_and_best(weights: dict[str, float]) -> None:
    """0 and 1 are what the signs of the weights make the worst and the best bar."""
    here = scene(*tunes()[:20])
    described = measure_wishes(here)
    plain = sum(weight * described[name] for name, weight in weights.items())
    worst = sum(weight for weight in weights.values() if weight < 0)
    best = sum(weight for weight in weights.values() if weight > 0)
    assert fitness(here, weights) == pytest.approx((plain - worst) / (best - worst), abs=1e-9)
