"""What an arm is."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from fairtrial.core.parameters import Name, Parameters


class Arm(Parameters):
    """What an arm's GAN learns from, and for how long.

    Args:
        training_set: the original bars, the augmented ones, or the original ones repeated to
            the augmented set's size.
        leave_out: strategies of the augmentation that this arm does without.
        updates: ``epochs`` over the arm's own set, or ``equal`` to those of the full augmented set.
    """

    training_set: Literal["original", "augmented", "replicated"]
    leave_out: tuple[Name, ...] = ()
    updates: Literal["epochs", "equal"] = "epochs"

    @model_validator(mode="after")
    def _makes_a_difference(self) -> Arm:
        if self.leave_out and self.training_set != "augmented":
            raise ValueError("leave_out only with the augmented set")
        if self.updates == "equal" and self.training_set != "original" and not self.leave_out:
            raise ValueError(
                "updates: equal only with a smaller set: the original one, or an augmented one "
                "with leave_out"
            )
        return self
