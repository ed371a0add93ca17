"""What the trials of a melody study will cost."""

from __future__ import annotations

from fairtrial.core.study import Study
from fairtrial.melodies.forecast import forecast_trials
from fairtrial.melodies.parameters import Arm, Augment, Ingest, Split, Train

ARMS = {
    "original": Arm(training_set="original"),
    "augmented": Arm(training_set="augmented"),
    "replicated": Arm(training_set="replicated"),
    "less": Arm(training_set="augmented", leave_out=("time_change",)),
    "less_equal_updates": Arm(
        training_set="augmented", leave_out=("time_change",), updates="equal"
    ),
}


def test_larger_sets_are_forecast_to_cost_more() -> None:
    """Augmented and replicated sets cost alike, many times the original one, whatever the arm."""
    study = Study(
        name="tunes",
        kind="melodies",
        arms=tuple(ARMS),
        blocks={"runs": 2},
        design="blocked",
        primary_metric="frechet_musical",
        samples="folk_tunes",
    )
    groups = {
        "ingest": Ingest(),
        "split": Split(),
        "augment": Augment(),
        "train": Train(epochs=4, width=0.0625),
        "arms": ARMS,
    }
    found = forecast_trials(study, groups, None)
    assert found["augmented"] == found["replicated"]
    assert found["augmented"] == found["less_equal_updates"]
    assert found["augmented"].seconds > found["less"].seconds > found["original"].seconds > 0
    assert found["original"].bytes > 1000
