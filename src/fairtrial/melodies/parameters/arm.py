"""What an arm is."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from fairtrial.core.parameters import Parameters


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
