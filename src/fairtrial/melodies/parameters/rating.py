"""How a rating round is put together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from fairtrial.core.parameters import Count, Parameters


class Rating(Parameters):
    """A rating round: clips of every arm and of real bars, for people to judge.

    Args:
        clips: of each arm, and as many of real bars; spread over the arm's runs.
        bars: of each clip.
        highest: ratings are whole numbers from 1 to this.
    """

    clips: Annotated[Count, Field(le=20)] = 5
    bars: Annotated[Count, Field(le=16)] = 4
    highest: Annotated[Count, Field(ge=2, le=10)] = 5
