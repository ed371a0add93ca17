"""Parameters of a melody study, stage by stage."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import (
    Count,
    NonNegative,
    Parameters,
    Positive,
    Share,
    Whole,
)
from fairtrial.statistics.parameters import VerdictParameters

RootSource = Literal["file_name", "marker", "chord_track", "key"]
Strategy = Literal["time_change", "fifth_addition", "octave_change"]


class Ingest(Parameters):
    """How MIDI files become bars.

    Args:
        root: folder of the MIDI files; left out where samples are drawn.
        files: names or patterns (``*``, ``?``) of the files within it; each must match one.
        track: the melody's track: ``auto`` (the only one; else one named melody; else the highest
            by mean pitch that holds no chords), ``all`` of them, or its number.
        chord_root: where the chord under a bar is looked for, in order of trust.
        bar_offset_quarters: length of the pickup before the first bar line.
        bar_offsets_quarters: the same for single files, by path.
        out_of_range: notes outside the 48 rows are dropped, folded by octaves, or their bar is
            left out.
        other_metres: spans whose bar is no four quarters are skipped; shorter bars can be padded.
    """

    root: Annotated[str, Field(exclude=True)] = ""
    files: Annotated[tuple[str, ...], Field(min_length=1)] = ("*.mid",)
    track: Literal["auto", "all"] | Whole = "auto"
    chord_root: Annotated[tuple[RootSource, ...], Field(min_length=1)] = (
        "file_name",
        "marker",
        "chord_track",
        "key",
    )
    bar_offset_quarters: NonNegative = 0.0
    bar_offsets_quarters: dict[str, NonNegative] = Field(default_factory=dict)
    out_of_range: Literal["drop", "fold_octave", "reject"] = "drop"
    other_metres: Literal["skip", "pad"] = "skip"


class Split(Parameters):
    """Which songs nobody trains on.

    Args:
        reference_share: share of the bars, in whole songs, kept as the held-out reference.
    """

    reference_share: Annotated[Share, Field(lt=1)] = 0.3


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


class Train(Parameters):
    """How a GAN is trained.

    Args:
        epochs: passes over an arm's own training set.
        batch_size: bars an update; the last batch of an epoch may be smaller.
        width: channels of both networks as a share of the paper's, 1 for its topology.
        generator_learning_rate: of Adam (beta1 0.5, beta2 0.999, eps 1e-7).
        discriminator_learning_rate: likewise.
        norm_momentum: weight of a batch in the running statistics with which the trained generator
            is used; the paper's 0.01 needs some hundred updates to forget where it began.
        dropout: share of the discriminator's activations dropped in training.
        checkpoint_every: updates between two checkpoints.
        device: auto takes CUDA where it is.
    """

    epochs: Count = 60
    batch_size: Annotated[Count, Field(ge=2)] = 50
    width: Annotated[Positive, Field(le=1)] = 1.0
    generator_learning_rate: Positive = 1e-3
    discriminator_learning_rate: Positive = 2e-3
    norm_momentum: Annotated[Positive, Field(le=1)] = 0.01
    dropout: Annotated[Share, Field(lt=1)] = 0.3
    checkpoint_every: Annotated[Count, Field(exclude=True)] = 500
    device: Annotated[Literal["auto", "cpu", "cuda"], Field(exclude=True)] = "auto"


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


class Arm(Parameters):
    """What an arm's GAN learns from, and for how long.

    Args:
        training_set: the original bars, the augmented ones, or the original ones repeated to
            the augmented set's size.
        updates: ``epochs`` over the arm's own set, or ``equal`` to those of the augmented set.
    """

    training_set: Literal["original", "augmented", "replicated"]
    updates: Literal["epochs", "equal"] = "epochs"

    @model_validator(mode="after")
    def _equal_where_it_matters(self) -> Arm:
        if self.updates == "equal" and self.training_set != "original":
            raise ValueError("updates: equal only with the original set, the only smaller one")
        return self


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "augment": Augment,
    "train": Train,
    "evaluate": Evaluate,
    "arms": Arm,
}
