"""How pictures are dealt into train, validation and test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from fairtrial.core.parameters import Parameters, Positive


class Split(Parameters):
    """How pictures are dealt into train, validation and test, by group.

    Args:
        method: the folds take turns as test set, each with about the same share of every class.
        valid_share: share of a fold's remaining pictures that validates.
    """

    method: Literal["stratified_group_kfold"] = "stratified_group_kfold"
    valid_share: Annotated[Positive, Field(le=0.5)] = 0.125
