"""Parameters of ``kind: problems``; light, because configuration is read with them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, model_validator

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import Count, Flag, Name, Parameters, Positive
from fairtrial.optimizers.registry import settings_model
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


class Recipe(Parameters):
    """An optimiser and its settings; the other keys are those of the optimiser."""

    model_config = ConfigDict(frozen=True, extra="allow")

    optimizer: Name

    @model_validator(mode="after")
    def _settings_fit(self) -> Recipe:
        try:
            model = settings_model(self.optimizer)
        except ConfigError as error:
            raise ValueError(f"{error.args[1]} of an optimizer. {error.args[3]}") from None
        try:
            model.model_validate(self.model_extra or {})
        except ValidationError as error:
            unknown = [f for f in error.errors() if f["type"] == "extra_forbidden"]
            if unknown:
                known = ", ".join(sorted(model.model_fields)) or "no settings"
                raise ValueError(
                    f"settings of {self.optimizer} ({known}), not {unknown[0]['loc'][0]}"
                ) from None
            raise  # pydantic keeps the place of each fault
        return self

    @property
    def settings(self) -> Any:
        """The settings as the optimiser's own model."""
        return settings_model(self.optimizer).model_validate(self.model_extra or {})


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
