"""The feature extractors that a Frechet distance can be taken over."""

from __future__ import annotations

from fairtrial.core.registry import Registry

# An extractor is a callable (rolls uint8 (n, 48, 64), weights_dir) -> float64 (n, d).
EXTRACTORS = Registry(
    "fairtrial.extractors",
    {
        "descriptors": "fairtrial.melodies.descriptors:extract_descriptors",
        "inception": "fairtrial.melodies.scoring.inception:extract_inception",
    },
)


def metric_name(extractor: str) -> str:
    """Name of the Frechet distance over an extractor's features, as in the scores table."""
    return "frechet_musical" if extractor == "descriptors" else f"frechet_{extractor}"
