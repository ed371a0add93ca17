"""Which trivial models stand beside the arms, and what each of them is allowed to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Probe:
    """A model made to see too little, or to learn nothing.

    Attributes:
        role: its role in the scores: ``probe``, or ``floor`` for what chance reaches.
        sees: what it sees, to follow "sees" or "which sees" in a sentence.
        target: what it predicts: the class, or the source of a picture.
        conclusion: what to think where it does far better than chance; empty where that alone
            means nothing, as a colour may belong to the class.
    """

    role: Literal["probe", "floor"]
    sees: str
    target: Literal["label", "source"] = "label"
    conclusion: str = ""


# The frame is 1 cell wide in a grid of 16, the mask 12: lungs and fish lie within it.
PROBES: dict[str, Probe] = {
    "trivial_features": Probe("probe", "aspect ratio, brightness, contrast and shares of colours"),
    "colour_histogram": Probe("probe", "shares of colours and nothing of where they are"),
    "border_only": Probe(
        "probe",
        "only a frame around each picture (a sixteenth of the side wide)",
        conclusion="Something at the edge (a mark, a caption, a margin, a background) tells of the "
        "class, and a network may have learned that instead of the subject.",
    ),
    "centre_masked": Probe(
        "probe",
        "each picture without its middle (three quarters of each side)",
        conclusion="What surrounds the subject tells of the class. Where the subject fills the "
        "picture this may be its own outer part; elsewhere a network may have learned the "
        "surroundings.",
    ),
    "shuffled_labels": Probe(
        "floor",
        "small pictures whose training labels were shuffled",
        conclusion="No model can learn from shuffled labels: test labels leak into training, and "
        "no score of this study can be trusted.",
    ),
}

# Only where the pictures' sources are known.
SOURCE_PROBES: dict[str, Probe] = {
    "source_alone": Probe("probe", "the name of each picture's source and no pixel"),
    "source_from_pixels": Probe("probe", "small pictures, to tell their sources", target="source"),
}

ALL_PROBES = {**PROBES, **SOURCE_PROBES}
