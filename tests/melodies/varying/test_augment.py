"""The pipeline of strategies: sizes, originals, counts, streams, plug-ins."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from fairtrial.core import registry
from fairtrial.core.errors import DataError
from fairtrial.melodies.parameters import Augment, Step
from fairtrial.melodies.parameters.strategies import StrategySettings
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.varying.augment import augment_bars, count_duplicates, replicate_bars, vary
from tests.melodies.rolls import random_rolls, roll


def steps(*pairs: tuple[str, int]) -> Sequence[Step]:
    return [Step(strategy=name, factor=k) for name, k in pairs]


def test_the_example_of_the_paper_has_its_counts() -> None:
    """10 -> 70 -> 140 -> 560 for factors 6, 1, 3 (the paper misprints 40 and 80)."""
    example = steps(("time_change", 6), ("octave_change", 1), ("fifth_addition", 3))
    rolls, told = augment_bars(random_rolls(10), example, seed=0)
    assert [step["bars"] for step in told] == [70, 140, 560]
    assert [step["added"] for step in told] == [60, 70, 420]
    assert len(rolls) == 560


def test_55_bars_become_3080_by_default() -> None:
    """The test of the paper: factors 6, 3, 1."""
    rolls, _ = augment_bars(random_rolls(55), Augment().steps, seed=0)
    assert len(rolls) == 3080
    assert Augment().growth * 55 == 3080


def test_any_order_and_any_factors_give_their_size() -> None:
    """Sizes multiply, whatever the order; a strategy may come twice and draws anew."""
    for order in permutations((("time_change", 2), ("octave_change", 1), ("transposition", 3))):
        rolls, _ = augment_bars(random_rolls(3), steps(*order), seed=0)
        assert len(rolls) == 3 * 3 * 2 * 4
    originals = random_rolls(30)
    twice, told = augment_bars(originals, steps(("time_change", 1), ("time_change", 1)), seed=0)
    assert [step["bars"] for step in told] == [60, 120]
    assert not np.array_equal(twice[30:60], twice[60:90])


def test_originals_stand_first_and_stay_as_they_are() -> None:
    """No augmentation touches its input, and each step keeps the bars so far, bit for bit."""
    originals = random_rolls(20)
    before = originals.copy()
    rolls, _ = augment_bars(originals, Augment().steps, seed=1)
    assert np.array_equal(originals, before)
    assert np.array_equal(rolls[:20], before)
    shorter, _ = augment_bars(originals, Augment().steps[:2], seed=1)
    assert np.array_equal(rolls[: len(shorter)], shorter)


def test_the_same_seed_gives_the_same_set() -> None:
    """All randomness comes from the seed."""
    originals = random_rolls(5)
    first, again, other = (augment_bars(originals, Augment().steps, seed)[0] for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_leaving_a_strategy_out_moves_the_others_little() -> None:
    """Without fifths, the octave of a bar that stands at the same place is the same one."""
    originals = random_rolls(40, low=14, high=34)
    whole = augment_bars(originals, steps(("fifth_addition", 1), ("octave_change", 1)), seed=0)[0]
    alone = augment_bars(originals, steps(("octave_change", 1)), seed=0)[0]
    assert np.array_equal(whole[80:120], alone[40:80])


def test_no_ops_and_duplicates_are_counted_by_strategy() -> None:
    """A copy that cannot change is unchanged; one that equals any earlier bar is a duplicate."""
    silent = np.zeros((4, 48, 64), np.uint8)
    _, told = augment_bars(silent, steps(("time_change", 2), ("octave_change", 1)), seed=0)
    assert [(step["added"], step["unchanged"], step["duplicates"]) for step in told] == [
        (8, 8, 8),
        # A silent bar fits an octave higher, where it is the same bar.
        (12, 12, 12),
    ]
    only_up = roll((3, 0, 8))[None]  # two copies that each go up: changed, and alike
    _, told = augment_bars(only_up, steps(("octave_change", 2)), seed=0)
    assert (told[0]["unchanged"], told[0]["duplicates"]) == (0, 1)
    assert count_duplicates(np.stack([roll((1, 0, 1)), roll((2, 0, 1)), roll((1, 0, 1))])) == 1


def test_factors_past_the_advised_ones_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    """The paper advises octaves at most twice and fifths at most four times."""
    with caplog.at_level(logging.WARNING):
        augment_bars(random_rolls(2), steps(("octave_change", 2), ("fifth_addition", 4)), seed=0)
        assert caplog.text == ""
        augment_bars(random_rolls(2), steps(("octave_change", 3)), seed=0)
        assert "a factor of 3 for octave_change passes the 2" in caplog.text
        augment_bars(random_rolls(2), steps(("fifth_addition", 5)), seed=0)
        assert "a factor of 5 for fifth_addition passes the 4" in caplog.text


def test_a_replicated_set_has_exactly_the_augmented_size() -> None:
    """The originals in turn, cut at the asked size."""
    originals = random_rolls(7)
    rolls = replicate_bars(originals, 20)
    assert np.array_equal(rolls[:7], originals)
    assert np.array_equal(rolls[14:], originals[:6])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"strategy": "time_chnage", "factor": 1}, "Known: fifth_addition, octave_change"),
        (
            {"strategy": "time_change", "factor": 1, "grid": 8},
            "settings of time_change (grid_columns), not grid",
        ),
        ({"strategy": "time_change", "factor": 1, "grid_columns": 33}, "less than or equal to 32"),
        ({"strategy": "octave_change", "factor": 0}, "greater than or equal to 1"),
    ],
)
def test_a_bad_step_is_told_with_its_rule(values: dict[str, Any], message: str) -> None:
    """Unknown strategies and settings are named with those there are."""
    with pytest.raises(ValidationError) as caught:
        Step.model_validate(values)
    assert message in str(caught.value)


class Settings(StrategySettings):
    """Of the strategies below."""

    value: int = 1


def fill(rolls: Roll, generator: np.random.Generator, settings: Settings) -> Roll:
    return np.full_like(rolls, settings.value)


def overwrite(rolls: Roll, generator: np.random.Generator, settings: Settings) -> Roll:
    rolls[:] = 0
    return rolls


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two strategies that a package of a user's offers."""
    fill.settings = overwrite.settings = Settings  # type: ignore[attr-defined]  # functions as plug-ins
    found = [
        EntryPoint(name, f"{__name__}:{name}", "fairtrial.bar_strategies")
        for name in ("fill", "overwrite")
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: found)


@pytest.mark.usefixtures("plugins")
def test_a_strategy_of_a_users_own_joins_by_its_entry_point() -> None:
    """It is named in a step with settings of its own and applied like any other."""
    step = Step.model_validate({"strategy": "fill", "factor": 1, "value": 2})
    rolls, told = augment_bars(random_rolls(3), [step], seed=0)
    assert (rolls[3:] == 2).all()
    assert told[0]["strategy"] == "fill"
    with pytest.raises(ValidationError, match="settings of fill"):
        Step.model_validate({"strategy": "fill", "factor": 1, "other": 2})


@pytest.mark.usefixtures("plugins")
def test_a_strategy_that_breaks_the_rules_is_refused() -> None:
    """Cells out of range are named; an input is never altered."""
    rolls, generator = random_rolls(3), np.random.default_rng(0)
    out_of_range = Step.model_validate({"strategy": "fill", "factor": 1, "value": 3})
    with pytest.raises(DataError, match="strategy fill.*rolls of 0, 1 and 2"):
        vary(out_of_range, rolls, generator)
    with pytest.raises(ValueError, match="read-only"):
        vary(Step(strategy="overwrite", factor=1), rolls, generator)
