"""A rating round is fair to every arm and tells its raters nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairtrial.evidence.rating_page import render_rating
from fairtrial.melodies.parameters import Rating
from fairtrial.melodies.piano_roll import Cell, Roll, as_generated, draw_roll
from fairtrial.melodies.rating import Round, draw_round
from fairtrial.melodies.sound import render_bars

BARS = np.stack([draw_roll([Cell(12 + bar, 0, 32)])[0] for bar in range(24)])
RUNS: dict[str, dict[str, Roll]] = {
    "augmented": {"run_000": BARS, "run_001": BARS[::-1]},
    "original": {"run_001": BARS},
    "diverged": {},
}


def draw(seed: int = 1, **settings: int) -> Round:
    parameters = Rating(**{"clips": 4, "bars": 2, **settings})
    return draw_round(RUNS, BARS, parameters, 120, np.random.default_rng(seed), synthetic=True)


@pytest.fixture(scope="module")
def drawn() -> Round:
    return draw()


def test_every_arm_and_real_bars_have_equally_many_clips(drawn: Round) -> None:
    """An arm without a finished run has none; the rest and real bars have four each."""
    counts = drawn.key["arm"].value_counts().to_dict()
    assert counts == {"augmented": 4, "original": 4, "real_bars": 4}
    assert list(drawn.sounds) == drawn.key["clip"].tolist()


def test_the_page_goes_through_the_arms_in_turns(drawn: Round) -> None:
    """In each third of the page every arm is heard once, in an order that changes."""
    turns = [tuple(drawn.key["arm"].iloc[start : start + 3]) for start in range(0, 12, 3)]
    assert all(len(set(turn)) == 3 for turn in turns)
    assert len(set(turns)) > 1


def test_clips_are_spread_over_runs_and_use_other_bars(drawn: Round) -> None:
    """Two runs give two clips each; no bar of a run is heard twice."""
    mine = drawn.key[drawn.key["arm"] == "augmented"]
    assert mine["run"].value_counts().to_dict() == {"run_000": 2, "run_001": 2}
    for _, clips in drawn.key.groupby(["arm", "run"]):
        places = " ".join(clips["bars"]).split()
        assert len(places) == len(set(places)) == 2 * len(clips)


def test_the_key_says_what_was_heard(drawn: Round) -> None:
    """The sound of each clip is that of the bars which the key names, over the root C."""
    for row in drawn.key.itertuples():
        source = as_generated(BARS) if row.arm == "real_bars" else RUNS[str(row.arm)][str(row.run)]
        bars = source[[int(place) for place in str(row.bars).split()]]
        assert drawn.sounds[str(row.clip)] == render_bars(bars, [0, 0], 120)


def test_a_seed_gives_one_round_and_another_seed_another(drawn: Round) -> None:
    """The number of the round tells them apart."""
    again, other = draw(), draw(seed=2)
    pd.testing.assert_frame_equal(again.key, drawn.key)
    assert again.sounds == drawn.sounds
    assert other.number != drawn.number


def test_the_page_holds_every_clip_and_no_arm(drawn: Round) -> None:
    """Neither arms nor runs nor places of bars are on it, in whatever form."""
    page = render_rating("melody", drawn.number, drawn.sounds, 5, synthetic=True)
    for word in ("augmented", "original", "real_bars", "run_00"):
        assert word not in page
    assert page.count("<audio") == page.count("<fieldset") == 12
    assert page.count('type="radio"') == 12 * 5
    assert "Synthetic samples" in page
    assert "Synthetic samples" not in render_rating(
        "melody", drawn.number, drawn.sounds, 5, synthetic=False
    )
