"""How pictures become a manifest and a pack."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Parameters, Positive, Whole

Side = Annotated[int, Field(strict=True, ge=8, le=2048)]
Colour = tuple[Whole, Whole, Whole]


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
