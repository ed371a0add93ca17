"""Parameters of ``kind: problems``; light, because configuration is read with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from fairtrial.core.parameters import Count, Flag, Parameters, Positive
from fairtrial.optimizers.recipe import Recipe
from fairtrial.statistics.parameters import VerdictParameters


class IngestParameters(Parameters):
    """The problem.

    Args:
        definition: path of the problem file below the folder of an environment of conf.
    """

    definition: Annotated[str, Field(pattern=r"^([^/\\]+/)*[^/\\]+\.ya?ml$")]


class OptimizeParameters(Parameters):
    """What every arm and reference is given.

    Args:
        evaluations: of objective and constraints together, a run; everything is counted.
    """

    evaluations: Count


def _descending(targets: tuple[float, ...]) -> tuple[float, ...]:
    if any(later >= earlier for earlier, later in pairwise(targets)):
        raise ValueError("targets from the loosest to the tightest, each once")
    return targets


class EvaluateParameters(VerdictParameters):
    """How runs are scored.

    Args:
        targets: relative gaps whose first evaluation is recorded.
        gap_resolution: smaller relative gaps count as this step's multiple, so that the last
            bits of a float decide no rank.
        sieve_curve: draw the grading curves of a blend whose table is by ``sieve_mm``.
    """

    targets: Annotated[tuple[Positive, ...], AfterValidator(_descending)] = (0.1, 0.01, 1e-4)
    gap_resolution: Positive = 1e-9
    sieve_curve: Flag = False


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": IngestParameters,
    "optimize": OptimizeParameters,
    "evaluate": EvaluateParameters,
    "arms": Recipe,
    "references": Recipe,
}
