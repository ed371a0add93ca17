"""The training set of each arm."""

from __future__ import annotations

from typing import Any

from fairtrial.melodies.parameters import Arm, Augment
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.varying.augment import augment_bars, count_duplicates, replicate_bars


def build_training_set(
    originals: Roll, arm: Arm, parameters: Augment, seed: int
) -> tuple[Roll, dict[str, Any]]:
    """The bars that an arm learns from; the originals always stand first.

    Args:
        originals: bars of the training songs, uint8 (n, 48, 64).
        arm: its training set, and what is left out of the augmentation.
        parameters: of the augmentation.
        seed: of the augmentation's stream.

    Returns:
        uint8 (m, 48, 64) and what it holds: training_set, leave_out, originals, bars, duplicates
        (bars that equal an earlier one), steps (see `augment_bars`; empty without augmentation).
    """
    steps: list[dict[str, Any]] = []
    if arm.training_set == "augmented":
        kept = [step for step in parameters.steps if step.strategy not in arm.leave_out]
        rolls, steps = augment_bars(originals, kept, seed)
    elif arm.training_set == "replicated":
        rolls = replicate_bars(originals, len(originals) * parameters.growth)
    else:
        rolls = originals
    return rolls, {
        "training_set": arm.training_set,
        "leave_out": list(arm.leave_out),
        "originals": len(originals),
        "bars": len(rolls),
        "duplicates": count_duplicates(rolls),
        "steps": steps,
    }
