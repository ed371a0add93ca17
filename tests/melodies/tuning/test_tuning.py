"""Searches for songs among the beats of tunes."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.melodies.parameters.song_tuners import SongSearch, SongTuner
from fairtrial.melodies.songs.bits import pack_bars, unpack_bars
from fairtrial.melodies.tuning.forecast import forecast_searches
from fairtrial.melodies.tuning.scoring import choose_tunes
from fairtrial.melodies.tuning.search import search_songs
from fairtrial.melodies.tuning.space import Beats
from tests.melodies.songs.support import goal, tunes
from tests.pipelines.test_songs import tuner_study

WANTED = SongSearch(evaluations=60, progressions=(("C", "G"), ("Am",)))
LUCK = SongTuner.model_validate({"optimizer": "random_search"})
BREEDING = SongTuner.model_validate(
    {"optimizer": "evolution", "population": 20, "edit_share": 0.0, "elitism": 0}
)


def test_a_point_chooses_the_tune_of_each_beat() -> None:
    """Each beat sounds as in its tune; equal numbers give the tune itself."""
    beats = Beats(tunes())
    ordered = unpack_bars(beats.bits)
    rng = np.random.default_rng(0)
    points = rng.uniform(0, len(ordered), size=(50, 4))
    found = unpack_bars(beats.bars(points)) > 0
    for point, bar in zip(points.astype(int), found, strict=True):
        for beat, tune in enumerate(point):
            part = slice(16 * beat, 16 * beat + 16)
            assert np.array_equal(bar[:, part], ordered[tune, :, part] > 0)
    whole = np.repeat(np.arange(len(ordered), dtype=float)[:, None], 4, axis=1)
    assert np.array_equal(beats.bars(whole), beats.bits)


def test_near_numbers_are_near_pitches_and_the_end_is_in_reach() -> None:
    """Tunes are in the order of their mean row; the upper bound is the last tune."""
    beats = Beats(tunes())
    rolls = unpack_bars(beats.bits) > 0
    heights = (rolls.sum(axis=2) @ np.arange(48)) / rolls.sum(axis=(1, 2))
    assert (np.diff(heights) >= -1e-12).all()
    top = beats.task(goal({"density": 1.0}), 0).upper[None]
    assert np.array_equal(beats.bars(top)[0], beats.bits[-1])


def test_a_task_is_one_minus_the_fitness_over_its_own_chord() -> None:
    """The same points over two chords; no constraint is broken."""
    wanted = goal({"chord_tones": 1.0}, chords=("C", "F#m"), bars=2)
    beats = Beats(tunes())
    points = np.random.default_rng(1).uniform(0, 10, size=(20, 4))
    bits = beats.bars(points)
    for bar in (0, 1):
        objective, violation = beats.task(wanted, bar).evaluate(points)
        assert objective == pytest.approx(1 - wanted.judge(bits[None], np.array([bar]))[0])
        assert not violation.any()


@pytest.mark.parametrize("tuner", [LUCK, BREEDING])
def test_a_search_is_a_function_of_its_seed(tuner: SongTuner) -> None:
    """A block's song does not depend on the blocks beside it; its curve only rises."""
    both, _ = search_songs(tunes(), WANTED, tuner, {"run_000": 1, "run_001": 2}, "a")
    alone, history = search_songs(tunes(), WANTED, tuner, {"run_001": 2}, "a")
    assert np.array_equal(both["run_001__bars"], alone["run_001__bars"])
    assert both["run_000__bars"].shape == (2, 48, 64)
    assert alone["run_001__bars"].shape == (1, 48, 64)
    assert history["evaluations"].tolist() == [60]
    curve = both["run_000__best"][~np.isnan(both["run_000__best"])]
    assert (np.diff(curve) >= 0).all()
    assert both["steps"][-1] == 60


def test_the_curve_ends_with_the_fitness_of_the_song() -> None:
    """What is scored is what can be heard."""
    outputs, _ = search_songs(tunes(), WANTED, LUCK, {"run_000": 1}, "luck")
    song = WANTED.song_of("run_000")
    wanted = goal(dict(song.given), chords=song.chords, bars=song.bars)
    bits = pack_bars(outputs["run_000__bars"])[:, None]
    values = wanted.judge(bits, np.arange(song.bars))
    assert outputs["run_000__best"][-1] == pytest.approx(values.mean())


def test_the_probe_is_the_best_whole_bar_for_each_chord() -> None:
    """No bar of the tunes is fitter over its chord."""
    bars, value = choose_tunes(tunes(), WANTED, "run_000")
    song = WANTED.song_of("run_000")
    wanted = goal(dict(song.given), chords=song.chords, bars=song.bars)
    every = np.broadcast_to(pack_bars(tunes()), (song.bars, len(tunes()), 2, 64))
    values = wanted.judge(every, np.arange(song.bars))
    assert value == pytest.approx(values.max(axis=1).mean())
    assert wanted.judge(pack_bars(bars)[:, None], np.arange(song.bars)).mean() == pytest.approx(
        value
    )


def test_blocks_go_through_the_progressions_in_turn() -> None:
    """The third block of two progressions is over the first again; a bar a chord."""
    songs = [WANTED.song_of(f"run_{number:03d}") for number in range(3)]
    assert [song.chords for song in songs] == [("C", "G"), ("Am",), ("C", "G")]
    assert [song.bars for song in songs] == [2, 1, 2]


def test_a_forecast_is_made_of_every_arm() -> None:
    """From a rehearsal of few evaluations, scaled to the budget."""
    study = tuner_study(arms=("luck", "evolution"))
    wanted = WANTED.model_copy(update={"evaluations": 5000})
    found = forecast_searches(study, wanted, {"luck": LUCK, "evolution": BREEDING}, tunes())
    assert set(found) == {"luck", "evolution"}
    assert all(each.seconds > 0 and each.bytes > 0 for each in found.values())
