"""How bars are varied."""

from __future__ import annotations

from math import prod
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from fairtrial.core.parameters import Count, Name, Parameters, check_settings
from fairtrial.melodies.parameters.strategies import StrategySettings, settings_model


class Step(Parameters):
    """One strategy of the augmentation: n bars become n (factor + 1).

    The other keys are settings of the strategy, see `fairtrial.melodies.parameters.strategies`.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    strategy: Name
    factor: Count

    @model_validator(mode="after")
    def _settings_fit(self) -> Step:
        check_settings(self.strategy, "a strategy", settings_model, self.model_extra)
        return self

    @property
    def settings(self) -> StrategySettings:
        """The settings as the strategy's own model."""
        return settings_model(self.strategy).model_validate(self.model_extra or {})

    @property
    def growth(self) -> int:
        """How many times larger the set is after this step."""
        return self.factor + 1


class Augment(Parameters):
    """The augmentation of the paper, in the order and with the factors of its test.

    Args:
        steps: strategies in order; originals included, 55 bars become 3080.
    """

    steps: Annotated[tuple[Step, ...], Field(min_length=1)] = (
        Step(strategy="time_change", factor=6),
        Step(strategy="fifth_addition", factor=3),
        Step(strategy="octave_change", factor=1),
    )

    @property
    def growth(self) -> int:
        """How many times larger the augmented set is."""
        return prod(step.growth for step in self.steps)
