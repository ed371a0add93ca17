"""What the trials of a melody study will cost."""

from __future__ import annotations

from fairtrial.core.study import Study
from fairtrial.melodies.forecast import forecast_trials
from fairtrial.melodies.parameters import Arm, Augment, Ingest, Split, Train


def test_larger_sets_are_forecast_to_cost_more() -> None:
    """Augmented and replicated sets cost alike, many times the original one, whatever the arm."""
    study = Study(
        name="tunes",
        kind="melodies",
        arms=("original", "augmented", "replicated"),
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
        "arms": {name: Arm(training_set=name) for name in study.arms},
    }
    found = forecast_trials(study, groups, None)
    assert found["augmented"] == found["replicated"]
    assert found["augmented"].seconds > found["original"].seconds > 0
    assert found["original"].bytes > 1000
