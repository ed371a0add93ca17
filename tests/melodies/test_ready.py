"""What a melody study is told before it begins."""

from __future__ import annotations

from typing import Any

import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.melodies.parameters import PARAMETERS, Arm
from fairtrial.melodies.ready import check_ready

STUDY = Study(
    name="tunes",
    kind="melodies",
    arms=("augmented", "less"),
    blocks={"runs": 5},
    design="blocked",
    primary_metric="frechet_musical",
    samples="folk_tunes",
)


def groups(*leave_out: str) -> dict[str, Any]:
    """Defaults, and an arm that leaves strategies out."""
    plain = {
        name: model() for name, model in PARAMETERS.items() if name not in ("arms", "optimize")
    }
    less = Arm(training_set="augmented", leave_out=leave_out)
    return {**plain, "arms": {"augmented": Arm(training_set="augmented"), "less": less}}


def test_an_arm_may_leave_out_what_the_augmentation_has() -> None:
    """One strategy, or all but one."""
    check_ready(STUDY, groups("time_change"))
    check_ready(STUDY, groups("time_change", "octave_change"))


@pytest.mark.parametrize(
    ("leave_out", "message"),
    [
        (("transposition",), "arms.less.leave_out: expected strategies of augment.steps: time_"),
        (("time_change", "fifth_addition", "octave_change"), "at least one strategy left in"),
    ],
)
def test_an_arm_cannot_leave_out_more(leave_out: tuple[str, ...], message: str) -> None:
    """What no step does cannot be left out, nor everything."""
    with pytest.raises(ConfigError, match=message):
        check_ready(STUDY, groups(*leave_out))
