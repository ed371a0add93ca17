"""The training set of each kind of arm."""

from __future__ import annotations

from typing import Any

import numpy as np

from fairtrial.melodies.parameters import Augment
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.varying.augment import augment_bars, count_duplicates, replicate_bars


def build_training_set(
    originals: Roll, training_set: str, parameters: Augment, generator: np.random.Generator
) -> tuple[Roll, dict[str, Any]]:
    """The bars one kind of arm learns from; the originals always stand first.

    Args:
        originals: bars of the training songs, uint8 (n, 48, 64).
        training_set: original, augmented, or replicated to the augmented set's size.
        parameters: of the augmentation.
        generator: draws the augmentation.

    Returns:
        uint8 (m, 48, 64) and what it holds: training_set, originals, bars, duplicates (bars that
        equal an earlier one), steps (of the augmentation; empty without one).
    """
    steps: list[dict[str, Any]] = []
    if training_set == "augmented":
        rolls, counts = augment_bars(originals, parameters, generator)
        steps = counts["steps"]
    elif training_set == "replicated":
        rolls = replicate_bars(originals, len(originals) * parameters.growth)
    else:
        rolls = originals
    return rolls, {
        "training_set": training_set,
        "originals": len(originals),
        "bars": len(rolls),
        "duplicates": count_duplicates(rolls),
        "steps": steps,
    }
