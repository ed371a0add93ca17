"""How training pictures are varied."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.parameters import Count, Flag, Interval, NonNegative, Parameters, Share

AugmentMode = Literal["on_the_fly", "bank", "none"]


class Augment(Parameters):
    """Random variations of training pictures, each uniform in its range.

    The warp is one resampling, composed of reflection, scaling, shear, rotation and translation;
    then follow contrast, brightness and noise.

    Args:
        mode: new variations for every batch, a bank of stored copies, or none. A frozen arm with
            cached features needs ``bank`` or ``none``.
        copies: varied copies of each picture in the bank.
        rotation_deg: largest rotation either way, degrees.
        scale: range of the magnification.
        shear_deg: largest shear angle either way, degrees.
        translation: largest shift either way along each axis, share of the side.
        flip, flip_vertical: mirrors left and right, or top and bottom, with probability 1/2.
        contrast: largest change either way of the distance from the picture's mean, share of it.
        brightness: largest change either way of every pixel, share of white.
        noise: largest standard deviation of Gaussian noise, share of white.
    """

    mode: AugmentMode = "on_the_fly"
    copies: Count = 4
    rotation_deg: Annotated[NonNegative, Field(le=180)] = 10.0
    scale: Interval = (0.9, 1.1)
    shear_deg: Annotated[NonNegative, Field(lt=60)] = 0.0
    translation: Share = 0.0
    flip: Flag = True
    flip_vertical: Flag = False
    contrast: Share = 0.0
    brightness: Share = 0.0
    noise: Share = 0.0

    @model_validator(mode="after")
    def _positive_scale(self) -> Augment:
        if self.scale[0] <= 0:
            raise ValueError("a scale above 0")
        return self

    @property
    def changes_light(self) -> bool:
        """Whether more than the place of pixels is varied."""
        return max(self.contrast, self.brightness, self.noise) > 0
