"""Figures that only some problems have, by the names that ``evaluate.exhibits`` uses.

A new one is a function here, a name in `fairtrial.problems.parameters.EvaluateParameters`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fairtrial.core.records import Files
from fairtrial.problems.exhibits.binding import costs_exhibit
from fairtrial.problems.exhibits.facilities import facilities_exhibit
from fairtrial.problems.exhibits.grading import sieve_curve_exhibit
from fairtrial.problems.exhibits.printed import printed_exhibit
from fairtrial.problems.exhibits.two_objectives import two_objectives_exhibit
from fairtrial.problems.printed import PrintedRows
from fairtrial.problems.problem import Problem
from fairtrial.problems.records import Trial


@dataclass(frozen=True)
class Shown:
    """What the figures of a problem are made of."""

    problem: Problem
    certificate: Mapping[str, Any]
    trials: Sequence[Trial]
    printed: PrintedRows | None


OPTIONAL: dict[str, Callable[[Shown], Files]] = {
    "printed": lambda s: printed_exhibit(s.problem, s.printed),
    "prices": lambda s: costs_exhibit(s.problem, s.certificate),
    "facilities": lambda s: facilities_exhibit(s.problem, s.certificate, s.trials),
    "sieve_curve": lambda s: sieve_curve_exhibit(s.problem, s.certificate, s.trials),
    "two_objectives": lambda s: two_objectives_exhibit(s.problem, s.trials),
}
