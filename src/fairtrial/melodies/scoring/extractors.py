"""The feature extractors that bars can be compared by. Light: networks are loaded when used.

A package of a user's adds its own through entry points of the group ``fairtrial.extractors``, each
an `Extractor`. Its metrics go by its name there: ``frechet_NAME``, ``kid_NAME``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairtrial.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fairtrial.melodies.piano_roll import Roll

# Trained within the study, on bars that no arm is trained on.
ENCODER = "encoder"


@dataclass(frozen=True)
class Resources:
    """What extractors may need beside the bars.

    Args:
        weights_dir: folder of published weights; torch's own cache where none is given.
        encoder: weights of the study's own encoder by name, where it was trained.
        paper: pictures as the paper's programme fed them, instead of as the weights expect.
        device: where networks run: auto, cpu or cuda.
    """

    weights_dir: str | None = None
    encoder: Mapping[str, NDArray[np.float32]] | None = None
    paper: bool = False
    device: str = "auto"


Extract = Callable[["Roll"], "NDArray[np.float64]"]
"""Bars uint8 (n, 48, 64) to features float64 (n, d), each bar's own."""


@dataclass(frozen=True)
class Published:
    """Weights that someone published.

    Args:
        stem: how names of their files begin.
        url: where they are (the hash is in the name).
    """

    stem: str
    url: str


@dataclass(frozen=True)
class Extractor:
    """What the registry knows of features.

    Args:
        load: makes the function that extracts them, once for all bars.
        weights: that it needs; none if it needs none.
    """

    load: Callable[[Resources], Extract]
    weights: Published | None = None


def _load_descriptors(resources: Resources) -> Extract:
    from fairtrial.melodies.descriptors import describe

    return describe


def _load_inception(resources: Resources) -> Extract:
    from fairtrial.melodies.scoring.inception import load_inception

    return load_inception(resources)


def _load_encoder(resources: Resources) -> Extract:
    from fairtrial.melodies.scoring.encoder import load_encoder

    return load_encoder(resources)


INCEPTION_WEIGHTS = Published(
    "inception_v3", "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth"
)

DESCRIPTORS = Extractor(_load_descriptors)
INCEPTION = Extractor(_load_inception, INCEPTION_WEIGHTS)
TRAINED_ENCODER = Extractor(_load_encoder)

# Whole literals: fingerprints find the modules behind a registry by reading this source.
EXTRACTORS = Registry(
    "fairtrial.extractors",
    {
        "descriptors": "fairtrial.melodies.scoring.extractors:DESCRIPTORS",
        ENCODER: "fairtrial.melodies.scoring.extractors:TRAINED_ENCODER",
        "inception": "fairtrial.melodies.scoring.extractors:INCEPTION",
    },
)


def space_name(extractor: str) -> str:
    """Name of an extractor's features in the names of metrics."""
    return "musical" if extractor == "descriptors" else extractor


def frechet_name(extractor: str) -> str:
    """Metric of the Frechet distance over an extractor's features."""
    return f"frechet_{space_name(extractor)}"


def infinity_name(extractor: str) -> str:
    """Metric of that distance extrapolated to infinitely many bars."""
    return f"{frechet_name(extractor)}_infinity"


def kernel_name(extractor: str) -> str:
    """Metric of the kernel distance over an extractor's features."""
    return f"kid_{space_name(extractor)}"
