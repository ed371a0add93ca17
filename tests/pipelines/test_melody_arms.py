"""From songs to arms: no held-out bar is learnt from, and equal updates are equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.records import Arrays
from fairtrial.melodies.parameters import Arm, Augment, Train
from fairtrial.pipelines.augment.melodies import build_bank
from fairtrial.pipelines.train.melodies import train_gan
from tests.melodies.rolls import random_rolls

ARMS = {
    "original": {"training_set": "original"},
    "original_equal_updates": {"training_set": "original", "updates": "equal"},
    "augmented": {"training_set": "augmented"},
    "no_octaves": {"training_set": "augmented", "leave_out": ["octave_change"]},
    "no_octaves_equal_updates": {
        "training_set": "augmented",
        "leave_out": ["octave_change"],
        "updates": "equal",
    },
    "replicated": {"training_set": "replicated"},
}
AUGMENT = Augment.model_validate(
    {
        "steps": [
            {"strategy": "time_change", "factor": 1},
            {"strategy": "octave_change", "factor": 1},
        ]
    }
)
TRAIN = Train(width=0.02, batch_size=8, epochs=1, device="cpu")


@pytest.fixture(scope="module")
def banks() -> dict[str, Arrays]:
    """Training sets of bars of which each song has a row range of its own."""
    learnt, held_out = random_rolls(10, low=24, high=30), random_rolls(6, low=2, high=8)
    songs = ["a"] * 4 + ["b"] * 6 + ["c"] * 6
    items = [f"{song}:{bar}" for bar, song in enumerate(songs)]
    pack = Arrays({"rolls": np.concatenate([learnt, held_out])})
    manifest = pd.DataFrame({"item_id": items, "song": songs, "row": range(16), "excluded": ""})
    roles = np.where(np.array(songs) == "c", "test", "train")
    splits = pd.DataFrame({"block": "all", "item_id": items, "role": roles})
    return {
        name: build_bank(pack, manifest, splits, AUGMENT, Arm.model_validate(arm), 7, study="tunes")
        for name, arm in ARMS.items()
    }


def test_songs_are_held_out_before_anything_is_varied(banks: dict[str, Arrays]) -> None:
    """No arm's set has a note of the held-out song, an octave up or down included."""
    for bank in banks.values():
        rows = bank["rolls"].any(axis=(0, 2))
        assert not rows[:12].any()
        assert rows[24:30].any()


def test_augmented_arms_share_what_they_have_in_common(banks: dict[str, Arrays]) -> None:
    """Without octaves the set is the beginning of the whole one: the same draws."""
    less, whole = banks["no_octaves"]["rolls"], banks["augmented"]["rolls"]
    assert len(less) == 20
    assert np.array_equal(less, whole[:20])


def test_equal_updates_are_those_of_the_full_augmented_set(banks: dict[str, Arrays]) -> None:
    """40 bars in batches of 8 are 5 updates; arms of smaller sets get them where asked."""
    updates = {}
    for name, arm in ARMS.items():
        model, history = _train(banks[name], arm)
        updates[name] = model.description["updates"]
        assert history["update"].max() == updates[name]
    assert updates == {
        "original": 2,
        "original_equal_updates": 5,
        "augmented": 5,
        "no_octaves": 3,
        "no_octaves_equal_updates": 5,
        "replicated": 5,
    }


def _train(bank: Arrays, arm: dict[str, Any]) -> Any:
    recipe = Arm.model_validate(arm)
    return train_gan(bank, TRAIN, AUGMENT, recipe, 7, study="tunes", arm="one", blocks=["run_000"])
