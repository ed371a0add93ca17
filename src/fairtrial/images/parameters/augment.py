"""How training pictures are varied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Flag, Interval, NonNegative, Parameters, Share

AugmentMode = Literal["on_the_fly", "bank", "none"]


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
