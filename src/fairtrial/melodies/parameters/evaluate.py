"""How generated bars are judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count
from fairtrial.statistics.parameters import VerdictParameters


class Evaluate(VerdictParameters):
    """How generated bars are judged.

    Args:
        extractors: features that are compared: descriptors (metric frechet_musical), inception
            (frechet_inception; needs the weights of torchvision's Inception v3).
        n_items: bars of each side at most; the side with fewer sets the number for both.
        protocol: standard compares every arm with the same held-out bars; paper compares each
            with the first bars of its own training set.
        weights_dir: folder of the weights; torch's own cache where left out.
    """

    extractors: Annotated[tuple[str, ...], Field(min_length=1)] = ("descriptors",)
    n_items: Annotated[Count, Field(ge=2)] = 100
    protocol: Literal["standard", "paper"] = "standard"
    weights_dir: Annotated[str | None, Field(exclude=True)] = None
