"""Parameters of an image study. Light: read whenever the registry is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import (
    Count,
    Flag,
    Interval,
    NonNegative,
    Parameters,
    Positive,
    Share,
    Whole,
)
from fairtrial.statistics.parameters import VerdictParameters

Side = Annotated[int, Field(strict=True, ge=8, le=2048)]
Colour = tuple[Whole, Whole, Whole]
AugmentMode = Literal["on_the_fly", "bank", "none"]
Schedule = Literal["one_cycle", "constant"]


class Ingest(Parameters):
    """How a folder of pictures becomes a manifest and a pack of pixels.

    Args:
        root: folder of the pictures; says where they lie, not what they are.
        layout: ``folders`` takes the first folder of a path as its class; ``metadata`` takes both
            from ``metadata.csv`` (columns ``file`` and ``label``).
        classes: folder (or label in the table) -> label; two folders of one label are merged.
            Empty: every folder that is not ignored is a class of its own name.
        ignore: names or patterns (``* GT``) of folders that hold no class.
        group: columns of ``metadata.csv``; pictures that share a value of any of them never part.
        source: column of ``metadata.csv`` that says where a picture comes from.
        image_side_px: side of the stored square, at least the largest input of an arm.
        fit: squash to the square, crop its middle, or pad it. Padding reveals the aspect ratio.
        channels: 3 for RGB, 1 for grey.
        bit_depth: 10, 12, 14 or 16 for pictures of more than 8 bits; ``maximum`` scales each by
            its own largest value; none refuses them.
        background: RGB colour, 0-255, behind transparent and padded pixels.
        largest_megapixels: pictures above this size are excluded unread.
        sample_pictures: how many pictures are drawn where the study has embedded samples.
    """

    root: str | None = Field(default=None, exclude=True)
    layout: Literal["folders", "metadata"] = "folders"
    classes: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    source: str | None = None
    image_side_px: Side = 224
    fit: Literal["squash", "crop", "pad"] = "squash"
    channels: Literal[1, 3] = 3
    bit_depth: Literal[10, 12, 14, 16, "maximum"] | None = None
    background: Colour = (0, 0, 0)
    largest_megapixels: Positive = 50.0
    sample_pictures: Count = 240

    @model_validator(mode="after")
    def _colour(self) -> Ingest:
        if max(self.background) > 255:
            raise ValueError("a background of three numbers from 0 to 255")
        return self


class Split(Parameters):
    """How pictures are dealt into train, validation and test, by group.

    Args:
        method: the folds take turns as test set, each with about the same share of every class.
        valid_share: share of a fold's remaining pictures that validates.
    """

    method: Literal["stratified_group_kfold"] = "stratified_group_kfold"
    valid_share: Annotated[Positive, Field(le=0.5)] = 0.125


class Augment(Parameters):
    """Random warps of training pictures, all in one resampling.

    Args:
        mode: new warps for every batch, a bank of stored copies, or none. A frozen arm with cached
            features needs ``bank`` or ``none``.
        copies: warped copies of each picture in the bank.
        rotation_deg: largest rotation either way, degrees.
        scale: range of the magnification.
        shear_deg: largest shear angle either way, degrees.
        translation: largest shift either way along each axis, share of the side.
        flip: mirrors left and right with probability 1/2.
    """

    mode: AugmentMode = "on_the_fly"
    copies: Count = 4
    rotation_deg: Annotated[NonNegative, Field(le=180)] = 10.0
    scale: Interval = (0.9, 1.1)
    shear_deg: Annotated[NonNegative, Field(lt=60)] = 0.0
    translation: Share = 0.0
    flip: Flag = True

    @model_validator(mode="after")
    def _positive_scale(self) -> Augment:
        if self.scale[0] <= 0:
            raise ValueError("a scale above 0")
        return self


class Train(Parameters):
    """What all arms share in training; an arm may set some of it for itself.

    Args:
        epochs: passes over the training pictures; incomplete last batches are left out.
        batch_size: pictures in an update.
        learning_rate: Adam's rate, the highest of the cycle with ``one_cycle``.
        schedule: one cycle up and down, or constant.
        validate_every_epochs: epochs between two looks at the validation pictures; the best is
            kept. The last epoch is always looked at.
        precise_batch_norm: before each look, estimates the normalisation statistics of arms
            trained from scratch anew on clean training pictures. For short training.
        precision: number format of the forward pass.
        channels_last: memory format of pictures and weights.
        checkpoint_every: updates between two checkpoints.
        device: cpu, cuda, or auto for CUDA where it is.
        weights_dir: folder of pretrained weights, from the root of the project; none lets
            torchvision download its own.
    """

    epochs: Count = 25
    batch_size: Annotated[int, Field(strict=True, ge=2)] = 32
    learning_rate: Positive = 3.0e-4
    schedule: Schedule = "one_cycle"
    validate_every_epochs: Count = 1
    precise_batch_norm: Flag = False
    precision: Literal["fp32", "bf16"] = "fp32"
    channels_last: Flag = False
    checkpoint_every: Count = Field(default=50, exclude=True)
    device: Literal["auto", "cpu", "cuda"] = Field(default="auto", exclude=True)
    weights_dir: str | None = Field(default=None, exclude=True)


class Evaluate(VerdictParameters):
    """How scores become a verdict."""


class Arm(Parameters):
    """One recipe: a network, where its weights start, and what it sees.

    Args:
        network: name in the registry of networks.
        init: random weights, a pretrained base that stays as it is, or one that is trained on.
        weights: file in ``train.weights_dir``; by default the only one named after the network.
        image_side_px: side of the network's input, at most the stored one; by default that.
        dropout: share of features dropped before the last layer in training.
        augment: mode of this arm instead of ``augment.mode``.
        epochs, batch_size, learning_rate, schedule: of this arm instead of ``train``.
    """

    network: str
    init: Literal["scratch", "frozen", "finetune"] = "scratch"
    weights: str | None = None
    image_side_px: Side | None = None
    dropout: Annotated[Share, Field(lt=1)] = 0.0
    augment: AugmentMode | None = None
    epochs: Count | None = None
    batch_size: Annotated[int, Field(strict=True, ge=2)] | None = None
    learning_rate: Positive | None = None
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Arm:
        if self.init == "scratch" and self.weights is not None:
            raise ValueError("weights only with init: frozen or finetune")
        if self.init == "frozen" and self.augment == "on_the_fly":
            raise ValueError(
                "augment: bank or none with init: frozen, whose features are computed once"
            )
        return self

    def mode(self, augment: Augment) -> AugmentMode:
        """The mode of augmentation that holds for this arm."""
        return self.augment or augment.mode


class Recipe(Parameters):
    """The training settings that hold for one arm: its own, else those of ``train``."""

    epochs: Count
    batch_size: Count
    learning_rate: Positive
    schedule: Schedule


def recipe_of(arm: Arm, train: Train) -> Recipe:
    """Merge an arm's own training settings into the shared ones."""
    return Recipe(
        epochs=arm.epochs or train.epochs,
        batch_size=arm.batch_size or train.batch_size,
        learning_rate=arm.learning_rate or train.learning_rate,
        schedule=arm.schedule or train.schedule,
    )


PARAMETERS: dict[str, type[Parameters]] = {
    "ingest": Ingest,
    "split": Split,
    "augment": Augment,
    "train": Train,
    "evaluate": Evaluate,
    "arms": Arm,
}
