"""The table of training sets."""

from __future__ import annotations

import io
import json

import pandas as pd

from fairtrial.melodies.exhibits.training_sets import training_sets_exhibit
from fairtrial.melodies.parameters import Arm, Augment
from fairtrial.melodies.varying.banks import build_training_set
from tests.melodies.rolls import random_rolls

STEPS = [{"strategy": "time_change", "factor": 2}, {"strategy": "octave_change", "factor": 3}]
ARMS = {
    "original": Arm(training_set="original"),
    "augmented": Arm(training_set="augmented"),
    "no_octaves": Arm(training_set="augmented", leave_out=("octave_change",)),
    "replicated": Arm(training_set="replicated"),
}


def test_every_bar_of_every_set_is_told() -> None:
    """Added bars sum to the set, repeated ones to its duplicates; excess factors are said."""
    originals = random_rolls(10)
    originals[3] = originals[7]
    parameters = Augment.model_validate({"steps": STEPS})
    told = {
        name: build_training_set(originals, arm, parameters, seed=0)[1]
        for name, arm in ARMS.items()
    }
    files = training_sets_exhibit(told)
    table = pd.read_csv(io.BytesIO(files["data.csv"]))
    sums = table.groupby("arm")[["bars added", "repeated"]].sum()
    last = table.groupby("arm")["bars in all"].last()
    for name, counts in told.items():
        assert sums.loc[name, "bars added"] == counts["bars"] == last[name]
        assert sums.loc[name, "repeated"] == counts["duplicates"]
    assert table.loc[table["step"] == "originals", "repeated"].tolist() == [1, 1, 1, 1]
    steps = table[table["arm"] == "augmented"]["step"].tolist()
    assert steps == ["originals", "time change, 2 times", "octave change, 3 times"]
    caption = json.loads(files["figure.json"])["caption"]
    assert "3 copies by octave change, where the paper advises 2 at most" in caption
