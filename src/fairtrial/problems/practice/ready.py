"""What must hold of ``evaluate.practice`` before a study starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.problems.practice.curves import find_curve


def check_practice(study: Study, groups: Mapping[str, Any]) -> None:
    """Refuse names that nothing goes by.

    Raises:
        ConfigError: a limit curve is not in the library, or an arm not in the study.
    """
    practice = groups["evaluate"].practice
    if practice is None:
        return
    for name in practice.grading.curves if practice.grading else ():
        find_curve(name)
    if practice.map is not None and practice.map.arm not in study.arms:
        raise ConfigError(
            f"parameters_{study.name}.yml: {study.name}.evaluate.practice.map.arm",
            f"an arm of the study ({', '.join(study.arms)})",
            repr(practice.map.arm),
            "Mend the name.",
        )
