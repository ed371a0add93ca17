"""How pictures become a manifest and a pack."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Parameters, Positive, Whole

Side = Annotated[int, Field(strict=True, ge=8, le=2048)]
Colour = tuple[Whole, Whole, Whole]

# OWNER/NAME of a Kaggle data set, where it is wanted of one version.
_KAGGLE = r"^[A-Za-z0-9-]+/[A-Za-z0-9-]+(/versions/[0-9]+)?$"


class Ingest(Parameters):
    """How a folder of pictures becomes a manifest and a pack of pixels.

    Args:
        root: folder or archive of the pictures; says where they lie, not what they are.
        kaggle: ``OWNER/NAME`` of a Kaggle data set in the place of a folder, of its newest version
            or of ``OWNER/NAME/versions/N``.
        layout: ``folders`` takes a class a folder: the first level of folders that differ, below
            those that wrap everything and those named train, valid or test. ``metadata`` takes
            files and labels from the table.
        table: path of a CSV with the columns ``file`` (relative to the table) and ``label``, and
            those named by ``group``, ``source`` and ``split``.
        classes: folder (or label in the table) -> label; two folders of one label are merged.
            Empty: every folder that is not ignored is a class of its own name. Folders that are
            classes on several levels must be named here.
        ignore: names, paths or patterns (``* GT``) of folders that hold no class, at any depth;
            with ``layout: metadata`` labels that do not count.
        group: columns of the table; pictures that share a value of any of them are dealt together
            (a data set's own division, ``split.method: fixed``, may part them: it is warned of).
        group_pattern: regular expression with one group in parentheses; pictures in whose paths
            that captures the same text are dealt together: ``([a-z_]+/g[0-9]+)_`` for
            ``bass/g07_2.jpg``.
        source: column of the table that says where a picture comes from.
        split: column of the table that deals the pictures (train, valid or test).
        image_side_px: side of the stored square, at least the largest input of an arm.
        fit: squash to the square, crop its middle, or pad it. Padding reveals the aspect ratio.
        channels: 3 for RGB, 1 for grey.
        bit_depth: 10, 12, 14 or 16 for pictures of more than 8 bits; ``maximum`` scales each by
            its own largest value; none refuses them. DICOM files tell their own.
        background: RGB colour, 0-255, behind transparent and padded pixels.
        largest_megapixels: pictures of more pixels are excluded unread.
        largest_megabytes: files above this size are excluded unread.
        sample_pictures: how many pictures are drawn where the study has embedded samples.
    """

    root: str | None = Field(default=None, exclude=True)
    kaggle: str | None = Field(default=None, exclude=True, pattern=_KAGGLE)
    layout: Literal["folders", "metadata"] = "folders"
    table: str = "metadata.csv"
    classes: dict[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    group_pattern: str | None = None
    source: str | None = None
    split: str | None = None
    image_side_px: Side = 224
    fit: Literal["squash", "crop", "pad"] = "squash"
    channels: Literal[1, 3] = 3
    bit_depth: Literal[10, 12, 14, 16, "maximum"] | None = None
    background: Colour = (0, 0, 0)
    largest_megapixels: Positive = 50.0
    largest_megabytes: Positive = 256.0
    sample_pictures: Count = 240

    @model_validator(mode="after")
    def _pattern(self) -> Ingest:
        if self.group_pattern is not None:
            try:
                groups = re.compile(self.group_pattern).groups
            except re.error as error:
                raise ValueError(f"a regular expression as group_pattern ({error})") from None
            if groups != 1:
                raise ValueError("a group_pattern with exactly one group in parentheses")
        return self

    @model_validator(mode="after")
    def _colour(self) -> Ingest:
        if max(self.background) > 255:
            raise ValueError("a background of three numbers from 0 to 255")
        return self
