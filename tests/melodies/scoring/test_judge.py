"""Descriptors, scores and the null floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.descriptors import NAMES, describe
from fairtrial.melodies.parameters import Ingest
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.reading.listing import read_folder
from fairtrial.melodies.samples import draw_samples
from fairtrial.melodies.scoring.inception import build_network, run_features
from fairtrial.melodies.scoring.judge import (
    COLLAPSED_BELOW,
    Judge,
    distinct_share,
    find_unseen,
    null_floor,
)
from fairtrial.melodies.scoring.trials import (
    Trial,
    draw_reference,
    gather_trials,
    ledger_rows,
    score_rows,
)
from fairtrial.melodies.scoring.weights import find_weights
from tests.melodies.rolls import random_rolls, roll


@pytest.fixture(scope="module")
def tunes() -> Roll:
    """Bars of the embedded tunes."""
    files = draw_samples()
    names = dict.fromkeys(files, "0")
    return read_folder(names, files.__getitem__, Ingest(), synthetic=True)[0]["rolls"]


def feature(bars: Roll, name: str) -> float:
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


def test_descriptors_lie_between_0_and_1(tunes: Roll) -> None:
    """Tunes, noise and silence all stay in range; silence is all zeros."""
    noise = np.random.default_rng(0).integers(0, 3, (20, 48, 64)).astype(np.uint8)
    features = describe(np.concatenate([tunes, noise]))
    assert features.shape == (len(tunes) + 20, len(NAMES))
    assert features.min() >= 0
    assert features.max() <= 1
    assert not describe(np.zeros((2, 48, 64), np.uint8)).any()


def test_noise_is_farther_from_tunes_than_tunes_are(tunes: Roll) -> None:
    """The distance orders real bars, shifted ones and noise as a listener would."""
    judge = Judge(tunes[::2], ["descriptors"])
    noise = np.random.default_rng(0).integers(0, 3, (100, 48, 64)).astype(np.uint8)
    real, random, noisy = (
        judge.compare(bars)[0].value for bars in (tunes[1::2], random_rolls(100), noise)
    )
    assert real < 0.5 * random < 0.5 * noisy


def test_both_sides_have_as_many_bars(tunes: Roll) -> None:
    """The smaller side sets the number of bars of both."""
    judge = Judge(tunes[:30], ["descriptors"])
    assert judge.compare(tunes[30:90])[0].n_items == 30
    assert judge.compare(tunes[30:50])[0].n_items == 20


def test_notation_is_no_difference(tunes: Roll) -> None:
    """Bars that a GAN wrote and their own reading as real bars are at no distance."""
    assert Judge(tunes, ["descriptors"]).compare(tunes)[0].value == pytest.approx(0, abs=1e-9)


def test_the_null_floor_is_drawn_from_real_bars(tunes: Roll) -> None:
    """Against the reference it has the arms' number of bars."""
    reference, train = tunes[:60], tunes[60:]
    judge = Judge(reference, ["descriptors"])
    (held,) = null_floor(train, 60, judge, np.random.default_rng(0))
    assert (held.metric, held.n_items) == ("frechet_musical", 60)
    assert 0 < held.value < 1


def test_bars_that_were_trained_on_can_be_left_out(tunes: Roll) -> None:
    """Unseen bars equal no training bar; the distance to them is that to them alone."""
    reference, train, bars = tunes[:60], tunes[50:120], random_rolls(60)
    known = {bar.tobytes() for bar in train}
    unseen = find_unseen(reference, train)
    assert unseen.tolist() == [bar.tobytes() not in known for bar in reference]
    assert not unseen[50:].any()
    every, some = Judge(reference, ["descriptors"], unseen=unseen).compare(bars)
    assert (every.subset, some.subset) == ("all", "unseen")
    assert every == Judge(reference, ["descriptors"]).compare(bars)[0]
    (alone,) = Judge(reference[unseen], ["descriptors"]).compare(bars)
    assert some.value == pytest.approx(alone.value)
    assert some.n_items == alone.n_items
    # Nothing to tell apart where none or all were seen.
    for same in (np.ones(60, bool), np.zeros(60, bool)):
        assert [m.subset for m in Judge(reference, ["descriptors"], unseen=same).compare(bars)] == [
            "all"
        ]


def test_the_reference_is_a_draw_of_the_held_out_bars(tunes: Roll) -> None:
    """Fewer than all are drawn without repetition; asking for more gives all."""
    drawn = draw_reference(tunes[:50], 20, np.random.default_rng(0))
    assert drawn.shape == (20, 48, 64)
    assert len(draw_reference(tunes[:50], 200, np.random.default_rng(0))) == 50


def test_collapse_is_counted_never_dropped(tunes: Roll) -> None:
    """A run of one bar over and over keeps its score and is told in the ledger."""
    same = np.repeat(tunes[:1], 60, axis=0)
    assert distinct_share(same) < COLLAPSED_BELOW < distinct_share(tunes)
    trial = Trial("original", "run_000", same, 10, 1.0, "cpu", 2)
    (row,) = ledger_rows([trial], "melody")
    assert (row["status"], row["threads"]) == ("ok", 2)
    assert row["note"].startswith("collapsed")


def test_a_diverged_trial_has_rows_without_values(tunes: Roll) -> None:
    """Every metric of a diverged run stands in the table, empty."""
    judge = Judge(tunes, ["descriptors"], unseen=np.arange(len(tunes)) < 9)
    trial = Trial("original", "run_000", None, 10, 1.0, "cpu", 1)
    rows = list(score_rows([trial], {"original": judge}, {"study": "melody"}))
    assert [(row["metric"], row["subset"]) for row in rows] == [
        ("frechet_musical", "all"),
        ("frechet_musical", "unseen"),
        ("distinct_share", "all"),
    ]
    assert {row["status"] for row in rows} == {"diverged"}
    assert all(row["value"] is None for row in rows)


def test_trials_are_gathered_from_bars_and_history() -> None:
    """A chunk's bars and history become one trial a block."""
    told = {
        "blocks": ["run_000", "run_001"],
        "statuses": {"run_000": "ok", "run_001": "diverged"},
        "updates": 7,
        "device": "cpu",
    }
    blocks = ["run_000", "run_000", "run_001"]
    history = pd.DataFrame({"block": blocks, "seconds": [1.0, 2.0, 3.0], "threads": [1, 1, 1]})
    bars = np.zeros((2, 5, 48, 64), np.uint8)
    first, second = gather_trials("original", told, bars, history)
    assert (first.block, first.seconds, first.updates) == ("run_000", 2.0, 7)
    assert first.bars is not None
    assert second.bars is None


def test_inception_features_come_from_fresh_weights_too(tunes: Roll) -> None:
    """The network gives 2048 finite features a bar that depend on the bar."""
    torch.manual_seed(0)
    features = run_features(build_network(), tunes[:2])
    assert features.shape == (2, 2048)
    assert np.isfinite(features).all()
    assert not np.allclose(features[0], features[1])


def test_missing_weights_name_the_file_and_where_to_get_it(tmp_path: Path) -> None:
    """Weights are asked for, never fetched silently."""
    with pytest.raises(ConfigError, match=r"inception_v3_google-0cc3c7bd\.pth") as error:
        find_weights("inception", str(tmp_path))
    assert "https://download.pytorch.org/models/" in str(error.value)
    (tmp_path / "inception_v3_google-0cc3c7bd.pth").touch()
    assert find_weights("inception", str(tmp_path)).parent == tmp_path
