"""The space that tuners search: points of a unit box become recipes. Light: no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import Parameters, check_parameters
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.images.parameters.tune import Tune

# They decide what is stored before the search (banks, features, weights), or on what to compute.
_FIXED = {
    "arm.network",
    "arm.init",
    "arm.weights",
    "arm.augment",
    "augment.mode",
    "augment.copies",
    "train.compute",
    "train.precision",
    "train.channels_last",
    "train.threads",
}


class Infeasible(Exception):  # noqa: N818 - an outcome that a trial records, not a failure
    """Values that each are allowed, but not together."""


@dataclass(frozen=True)
class Tried:
    """A recipe with the shared parameters that hold for it."""

    arm: Arm
    train: Train
    augment: Augment


@dataclass(frozen=True)
class Space:
    """Hyper-parameters with their ranges, around one recipe.

    Args:
        tune: the recipe and its search.
        train, augment: the study's parameters.
    """

    tune: Tune
    train: Train
    augment: Augment

    @property
    def names(self) -> list[str]:
        """The hyper-parameters in the order of the box's variables."""
        return list(self.tune.search)

    def untuned(self) -> Tried:
        """The recipe as it stands."""
        return Tried(self.tune.recipe, self.train, self.augment)

    def values(self, point: Sequence[float]) -> dict[str, Any]:
        """Hyper-parameter -> value at a point (D,) of the unit box."""
        pairs = zip(self.tune.search.items(), point, strict=True)
        return {name: dimension.value(float(place)) for (name, dimension), place in pairs}

    def recipe(self, values: Mapping[str, Any]) -> Tried:
        """The recipe with these values.

        Raises:
            Infeasible: they break a rule together.
        """
        groups = {"arm": self.tune.recipe, "train": self.train, "augment": self.augment}
        changed = {group: _fields(model) for group, model in groups.items()}
        for name, value in values.items():
            group, _, field = name.partition(".")
            changed[group][field] = value
        try:
            return Tried(
                Arm.model_validate(changed["arm"]),
                Train.model_validate(changed["train"]),
                Augment.model_validate(changed["augment"]),
            )
        except ValidationError as error:
            raise Infeasible(error.errors()[0]["msg"]) from None

    def check(self, where: str) -> None:
        """Refuse a search that names what is not there, changes nothing, or leaves the rules.

        Args:
            where: name of the search for messages, e.g. ``fish_tuning.optimize.search``.

        Raises:
            ConfigError: the first fault.
        """
        for name, dimension in self.tune.search.items():
            model = self._model_of(name, f"{where}.{name}")
            self._check_effect(name, f"{where}.{name}")
            group, _, field = name.partition(".")
            for value in dimension.ends():
                check_parameters(type(model), {**_fields(model), field: value}, f"{where}.{group}")

    def _model_of(self, name: str, where: str) -> Parameters:
        groups: dict[str, Parameters] = {
            "arm": self.tune.recipe,
            "train": self.train,
            "augment": self.augment,
        }
        known = [
            f"{key}.{each}"
            for key, model in groups.items()
            for each, info in type(model).model_fields.items()
            # What is left out of fingerprints says where to work, not what is trained.
            if not info.exclude and f"{key}.{each}" not in _FIXED
        ]
        if name not in known:
            raise ConfigError(
                where,
                "a hyper-parameter that can be tuned",
                repr(name),
                f"Known: {', '.join(known)}.",
            )
        return groups[name.partition(".")[0]]

    def _check_effect(self, name: str, where: str) -> None:
        """Refuse a hyper-parameter that no training would read."""
        group, _, field = name.partition(".")
        recipe = self.tune.recipe
        if group == "train" and getattr(recipe, field, None) is not None:
            raise ConfigError(
                where,
                "a parameter that the recipe does not set for itself",
                f"optimize.recipe.{field}: {getattr(recipe, field)}",
                f"Search arm.{field} instead.",
            )
        if f"arm.{field}" in self.names and group == "train":
            raise ConfigError(
                where, "each parameter once", f"arm.{field} beside it", "Take one of them out."
            )
        if group == "augment" and recipe.mode(self.augment) != "on_the_fly":
            raise ConfigError(
                where,
                "pictures that are varied in training (augment: on_the_fly)",
                f"mode {recipe.mode(self.augment)}, whose pictures are made before the search",
                "Take it out of the search, or set optimize.recipe.augment.",
            )
        if name == "arm.image_side_px" and recipe.init == "frozen":
            raise ConfigError(
                where,
                "a base that is computed in every trial",
                "init: frozen, whose features are computed once",
                "Take it out of the search.",
            )


def _fields(model: Parameters) -> dict[str, Any]:
    """Every field as it is: a dump would leave out those that only say where to work."""
    return {name: getattr(model, name) for name in type(model).model_fields}
