"""The picture of the augmentations."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest

from fairtrial.melodies.exhibits.augmentation import augmentation_exhibit
from fairtrial.melodies.parameters import Augment
from fairtrial.melodies.varying import STRATEGIES
from tests.melodies.rolls import random_rolls


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """Of bars over the chord G, under the paper's augmentation."""
    rolls = random_rolls(12, low=14, high=34)
    return augmentation_exhibit(rolls, np.full(12, 7), Augment(), np.random.default_rng(0))


def test_every_known_strategy_is_drawn_beside_its_original(files: dict[str, bytes]) -> None:
    """Each has a bar before and after, which differ."""
    notes = pd.read_csv(io.BytesIO(files["data.csv"]))
    assert set(notes["strategy"]) == set(STRATEGIES.names())
    for _, drawn in notes.groupby("strategy"):
        before, after = (
            set(drawn.loc[drawn["bar"] == bar, ["row", "column", "length"]].itertuples(index=False))
            for bar in ("before", "after")
        )
        assert before
        assert before != after


def test_what_the_study_does_without_is_said(files: dict[str, bytes]) -> None:
    """The paper's three are its own; transposition is drawn, and said to be unused."""
    caption = json.loads(files["figure.json"])["caption"]
    assert "This study does without transposition." in caption
