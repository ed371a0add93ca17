"""How generated bars are judged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Count
from fairtrial.statistics.parameters import VerdictParameters


class Evaluate(VerdictParameters):
    """How generated bars are judged.

    Args:
        extractors: features that are compared, each as a Frechet distance, the same extrapolated to
            infinitely many bars, and a kernel distance: descriptors (metrics frechet_musical,
            frechet_musical_infinity, kid_musical), encoder (frechet_encoder and so on; trained on
            the held-out bars), inception (needs the weights of torchvision's Inception v3), or a
            plug-in's.
        n_items: bars of each side at most; the side with fewer sets the number for both.
        protocol: standard compares every arm with the same held-out bars; paper compares each
            with the first bars of its own training set.
        weights_dir: folder of the weights; torch's own cache where left out.
        device: where inception runs; auto takes CUDA where it is.
    """

    extractors: Annotated[tuple[str, ...], Field(min_length=1)] = ("descriptors",)
    n_items: Annotated[Count, Field(ge=4)] = 100
    protocol: Literal["standard", "paper"] = "standard"
    weights_dir: Annotated[str | None, Field(exclude=True)] = None
    device: Annotated[Literal["auto", "cpu", "cuda"], Field(exclude=True)] = "auto"
