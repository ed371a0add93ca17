"""Settings of the strategies that vary bars; light, because configuration is read with them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from fairtrial.core.parameters import Count, Parameters
from fairtrial.melodies.varying import STRATEGIES


class StrategySettings(Parameters):
    """Base of a strategy's settings.

    Attributes:
        advised_factor: copies a bar past which a warning is given; none advises nothing.
    """

    advised_factor: ClassVar[int | None] = None


class TimeChangeSettings(StrategySettings):
    """One note of a bar gets longer or shorter.

    Args:
        grid_columns: its new end is a multiple of this (8 columns: an eighth).
    """

    grid_columns: Annotated[Count, Field(le=32)] = 8


class FifthAdditionSettings(StrategySettings):
    """One note of a bar is doubled, above or below.

    Args:
        interval_semitones: distance of the new note; the paper's five are a perfect fourth.
    """

    advised_factor: ClassVar[int | None] = 4  # the paper: more sound unnatural
    interval_semitones: Annotated[Count, Field(le=24)] = 5


class OctaveChangeSettings(StrategySettings):
    """A whole bar moves by an octave."""

    advised_factor: ClassVar[int | None] = 2  # the paper: there are but two directions


class TranspositionSettings(StrategySettings):
    """A whole bar moves against its chord.

    Args:
        most_semitones: it moves up or down by 1 to this many.
    """

    most_semitones: Annotated[Count, Field(le=24)] = 5


# Beside the registry, so that reading a configuration loads no strategy.
_SETTINGS: dict[str, type[StrategySettings]] = {
    "fifth_addition": FifthAdditionSettings,
    "octave_change": OctaveChangeSettings,
    "time_change": TimeChangeSettings,
    "transposition": TranspositionSettings,
}


def settings_model(name: str) -> type[StrategySettings]:
    """Parameter model of the strategy ``name``.

    Raises:
        ConfigError: the name is not known.
    """
    if name in _SETTINGS:
        return _SETTINGS[name]
    model: type[StrategySettings] = STRATEGIES.load(name).settings
    return model
