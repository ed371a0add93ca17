"""The training set of each arm."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from fairtrial.melodies.parameters import Arm, Augment
from fairtrial.melodies.varying.banks import build_training_set
from tests.melodies.rolls import random_rolls


@pytest.mark.parametrize(
    ("arm", "bars"),
    [
        (Arm(training_set="original"), 6),
        (Arm(training_set="original", updates="equal"), 6),
        (Arm(training_set="augmented"), 336),
        (Arm(training_set="replicated"), 336),
        (Arm(training_set="augmented", leave_out=("time_change",)), 48),
        (Arm(training_set="augmented", leave_out=("fifth_addition", "time_change")), 12),
    ],
)
def test_training_sets_start_with_the_originals(arm: Arm, bars: int) -> None:
    """Each arm's set has its size, leads with the originals and tells what it holds."""
    originals = random_rolls(6)
    rolls, told = build_training_set(originals, arm, Augment(), seed=0)
    assert len(rolls) == told["bars"] == bars
    assert told["originals"] == 6
    assert np.array_equal(rolls[:6], originals)
    assert told["duplicates"] == len(rolls) - len({roll.tobytes() for roll in rolls})
    named = [step["strategy"] for step in told["steps"]]
    assert not set(named) & set(arm.leave_out)
    if arm.training_set == "replicated":
        assert told["duplicates"] == 330


@pytest.mark.parametrize(
    "values",
    [
        {"training_set": "original", "leave_out": ["time_change"]},
        {"training_set": "replicated", "updates": "equal"},
        {"training_set": "augmented", "updates": "equal"},
    ],
)
def test_an_arm_that_makes_no_sense_is_refused(values: dict[str, object]) -> None:
    """Nothing to leave out of, or equal updates of what already has them."""
    with pytest.raises(ValidationError, match="only with"):
        Arm.model_validate(values)
