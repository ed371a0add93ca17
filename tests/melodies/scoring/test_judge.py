"""Distances of generated bars from real ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from fairtrial.core.errors import StatisticsError
from fairtrial.melodies.collapse import distinct_share
from fairtrial.melodies.descriptors import describe
from fairtrial.melodies.piano_roll import Roll, as_generated
from fairtrial.melodies.scoring.frechet import frechet_distance
from fairtrial.melodies.scoring.judge import Judge, Measured, find_unseen
from fairtrial.melodies.scoring.kernel import kernel_distance
from tests.melodies.rolls import random_rolls

SPACES = {"descriptors": describe}


def judge(reference: Roll, **change: Any) -> Judge:
    return Judge(reference, SPACES, 7, **change)


def distance(reference: Roll, bars: Roll) -> Measured:
    return judge(reference).compare(bars)[0][0]


def test_noise_is_farther_from_tunes_than_tunes_are(tunes: Roll) -> None:
    """The distance orders real bars, shifted ones and noise as a listener would."""
    noise = np.random.default_rng(0).integers(0, 3, (100, 48, 64)).astype(np.uint8)
    real, random, noisy = (
        [each.value for each in judge(tunes[::2]).compare(bars)[0]]
        for bars in (tunes[1::2], random_rolls(100), noise)
    )
    # As it is, extrapolated, and by kernel.
    for here, farther, farthest in zip(real, random, noisy, strict=True):
        assert here < 0.5 * farther < 0.5 * farthest


def test_every_metric_is_that_of_its_own_module(tunes: Roll) -> None:
    """What is prepared once for all runs changes no value."""
    reference, bars = tunes[:40], tunes[40:80]
    measured, points = judge(reference).compare(bars)
    values = {each.metric: each.value for each in measured}
    real, made = (describe(as_generated(side)) for side in (reference, bars))
    assert values["frechet_musical"] == pytest.approx(frechet_distance(real, made))
    assert values["kid_musical"] == pytest.approx(kernel_distance(real, made))
    assert points[-1].n_items == 40
    assert points[-1].distance == pytest.approx(values["frechet_musical"])
    assert values["frechet_musical_infinity"] < values["frechet_musical"]


def test_a_run_is_measured_alike_before_and_after_others(tunes: Roll) -> None:
    """Draws of fewer bars depend on the seed, not on what was compared before."""
    first, second = judge(tunes[:40]), judge(tunes[:40])
    second.compare(tunes[40:80])
    assert first.compare(tunes[80:120]) == second.compare(tunes[80:120])


def test_both_sides_have_as_many_bars(tunes: Roll) -> None:
    """The smaller side sets the number of bars of both."""
    assert distance(tunes[:30], tunes[30:90]).n_items == 30
    assert distance(tunes[:30], tunes[30:50]).n_items == 20


def test_too_few_bars_are_refused(tunes: Roll) -> None:
    """Three bars a side carry no extrapolation."""
    with pytest.raises(StatisticsError, match="at least 4 bars of each side"):
        judge(tunes[:3]).compare(tunes[:30])


def test_notation_is_no_difference(tunes: Roll) -> None:
    """Bars that a GAN wrote and their own reading as real bars are at no distance."""
    assert distance(tunes, as_generated(tunes)).value == pytest.approx(0, abs=1e-9)


def test_bars_that_were_trained_on_can_be_left_out(tunes: Roll) -> None:
    """Unseen bars equal no training bar; the distance to them is that to them alone."""
    reference, train, bars = tunes[:60], tunes[50:120], random_rolls(60)
    known = {bar.tobytes() for bar in train}
    unseen = find_unseen(reference, train)
    assert unseen.tolist() == [bar.tobytes() not in known for bar in reference]
    assert not unseen[50:].any()
    every, some, *_ = judge(reference, unseen=unseen).compare(bars)[0]
    assert (every.subset, some.subset) == ("all", "unseen")
    assert every == distance(reference, bars)
    alone = distance(reference[unseen], bars)
    assert some.value == pytest.approx(alone.value)
    assert some.n_items == alone.n_items
    # Nothing to tell apart where none or all were seen.
    for same in (np.ones(60, bool), np.zeros(60, bool)):
        measured = judge(reference, unseen=same).compare(bars)[0]
        assert {each.subset for each in measured} == {"all"}


def test_a_judge_lists_what_it_measures(tunes: Roll) -> None:
    """Metrics of a run that diverged are those of one that did not."""
    known = judge(tunes[:40], unseen=np.arange(40) < 20)
    measured = known.compare(tunes[40:80])[0]
    assert [(each.metric, each.subset) for each in measured] == known.metrics()


def test_repeated_bars_are_counted(tunes: Roll) -> None:
    """A generator of one bar over and over has one distinct bar."""
    assert distinct_share(np.repeat(tunes[:1], 50, axis=0)) == pytest.approx(1 / 50)
