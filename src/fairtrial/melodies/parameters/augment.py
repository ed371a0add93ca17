"""How bars are varied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count, Parameters

Strategy = Literal["time_change", "fifth_addition", "octave_change"]


class Step(Parameters):
    """One strategy of the augmentation: n bars become n (factor + 1)."""

    strategy: Strategy
    factor: Count


class Augment(Parameters):
    """The augmentation of the paper, in the order and with the factors of its test.

    Args:
        steps: strategies in order; originals included, 55 bars become 3080.
        grid_columns: a time change ends on a multiple of this (8 columns: an eighth).
        interval_semitones: distance of the note that a fifth addition adds; the paper's five
            semitones are a perfect fourth.
    """

    steps: tuple[Step, ...] = (
        Step(strategy="time_change", factor=6),
        Step(strategy="fifth_addition", factor=3),
        Step(strategy="octave_change", factor=1),
    )
    grid_columns: Annotated[Count, Field(le=32)] = 8
    interval_semitones: Annotated[Count, Field(le=24)] = 5

    @property
    def growth(self) -> int:
        """How many times larger the augmented set is."""
        growth = 1
        for step in self.steps:
            growth *= step.factor + 1
        return growth
