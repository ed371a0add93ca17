"""How pictures are dealt into train, validation and test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import Count, Flag, Name, Parameters, Positive

Method = Literal["stratified_group_kfold", "holdout", "counts", "fixed"]
Protocol = Literal["naive", "by_source"]

_Part = Annotated[Positive, Field(lt=1)]


class Shares(Parameters):
    """Share of the pictures in each part; together 1."""

    train: _Part
    valid: _Part
    test: _Part

    @model_validator(mode="after")
    def _whole(self) -> Shares:
        if abs(self.train + self.valid + self.test - 1) > 1e-6:
            raise ValueError("train, valid and test that add up to 1")
        return self


class Counts(Parameters):
    """Pictures of each class in each part."""

    train: Count
    valid: Count
    test: Count


class Duplicates(Parameters):
    """Search for pictures that are copies of each other.

    Args:
        search: looks for turned, mirrored, rescaled and recompressed copies, whose clusters join
            the groups.
        turned_at: width by height at which pictures may have been turned by odd angles before they
            were stored in another shape, beside the shape in which they are found. Photographs of
            3 by 4 are so common that their copies are looked for unless it is empty.
    """

    search: Flag = True
    turned_at: tuple[Positive, ...] = (4 / 3,)


class Split(Parameters):
    """How pictures are dealt into train, validation and test, by group.

    Args:
        method: ``stratified_group_kfold``: the folds take turns as test set, each with about the
            same share of every class. ``holdout``: a random division by ``shares`` a fold.
            ``counts``: a random division with exactly ``counts`` pictures a class. ``fixed``: the
            division that the folders or the table of the pictures state.
        repeats: of the k-fold, how many times it is dealt anew: 10 folds and 2 repeats are two
            divisions into 5.
        valid_share: share that validates of a fold's pictures outside the test: of the k-fold, of
            ``80/20``, and of a fixed division that names no validation.
        shares: of a holdout: ``7:2:1`` of train, test and validation; ``80/20`` of which
            validation comes from the 80; or three shares of your own.
        counts: pictures of each class in each part; the rest are not used.
        duplicates: the search for copies.
        protocols: what else is tried, and with which arms: ``naive`` deals the pictures without
            regard to groups into parts of the same sizes; ``by_source`` leaves each source out in
            turn.
    """

    method: Method = "stratified_group_kfold"
    repeats: Count = 1
    valid_share: Annotated[Positive, Field(le=0.5)] = 0.125
    shares: Literal["7:2:1", "80/20"] | Shares = "7:2:1"
    counts: Counts | None = None
    duplicates: Duplicates = Duplicates()
    protocols: dict[Protocol, Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _consistent(self) -> Split:
        if (self.counts is not None) != (self.method == "counts"):
            raise ValueError(
                "counts (train, valid and test pictures a class) exactly with method: counts"
            )
        if "shares" in self.model_fields_set and self.method != "holdout":
            raise ValueError("shares only with method: holdout")
        if self.repeats > 1 and self.method != "stratified_group_kfold":
            raise ValueError("repeats only with method: stratified_group_kfold")
        return self

    def holdout_shares(self) -> Shares:
        """The shares of a holdout in numbers."""
        if isinstance(self.shares, Shares):
            return self.shares
        if self.shares == "7:2:1":
            return Shares(train=0.7, valid=0.1, test=0.2)
        valid = 0.8 * self.valid_share
        return Shares(train=0.8 - valid, valid=valid, test=0.2)

    def check_folds(self, folds: int, study: str) -> None:
        """Raise ConfigError unless the method can make so many folds."""
        where = f"studies.yml: {study}.blocks.folds"
        if self.method == "stratified_group_kfold":
            self._check_kfold(folds, where)
        if self.method == "fixed" and folds != 1:
            raise ConfigError(
                where,
                "1 with split.method: fixed, which is one division",
                folds,
                "Set blocks: {folds: 1}; seeds repeat the trainings.",
            )

    def _check_kfold(self, folds: int, where: str) -> None:
        if folds < 2 * self.repeats or folds % self.repeats:
            rule = "two folds or more"
            if self.repeats > 1:
                rule = f"split.repeats = {self.repeats} times {rule}"
            raise ConfigError(where, rule, folds, f"Set blocks: {{folds: {5 * self.repeats}}}.")

    def protocols_of(self, arm: str) -> list[Protocol]:
        """Further protocols under which an arm is trained."""
        return [protocol for protocol, arms in self.protocols.items() if arm in arms]
