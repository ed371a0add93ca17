"""An optimiser and its settings, as configuration names them."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from pydantic import ConfigDict, model_validator

from fairtrial.core.errors import ConfigError
from fairtrial.core.parameters import Name, Parameters, check_settings
from fairtrial.optimizers.registry import settings_model


class Recipe(Parameters):
    """An optimiser and its settings; the other keys are those of the optimiser."""

    model_config = ConfigDict(frozen=True, extra="allow")

    optimizer: Name

    @model_validator(mode="after")
    def _settings_fit(self) -> Recipe:
        check_settings(self.optimizer, "an optimizer", settings_model, self.model_extra)
        return self

    @property
    def settings(self) -> Any:
        """The settings as the optimiser's own model."""
        return settings_model(self.optimizer).model_validate(self.model_extra or {})


def check_recipe(recipe: Recipe, budget: int, where: str, budget_key: str) -> None:
    """Refuse a recipe that cannot run or use its budget.

    Args:
        recipe: the optimiser and its settings.
        budget: evaluations of a run.
        where: the recipe's place for the message.
        budget_key: name of the parameter that sets the budget.

    Raises:
        ConfigError: an extra is not installed, a generation is larger than the budget, or the
            budget than the optimiser's largest.
    """
    settings = recipe.settings
    extra = getattr(settings, "extra_package", None)
    if extra is not None and find_spec(extra) is None:
        raise ConfigError(
            f"{where}.optimizer",
            f"the extra that brings {recipe.optimizer}",
            f"{extra} is not installed",
            f"Install it: pip install 'fairtrial[{extra}]'.",
        )
    # Left to itself, an optimiser may choose its population.
    population = getattr(settings, "population", None) or 1
    if population > budget:
        raise ConfigError(
            f"{where}.population",
            f"at most the budget of {budget} evaluations",
            population,
            f"Raise {budget_key} or lower the population.",
        )
    largest = getattr(settings, "largest_budget", budget)
    if budget > largest:
        raise ConfigError(
            f"{where}.optimizer",
            f"another optimizer than {recipe.optimizer}, which takes at most {largest} evaluations",
            budget,
            f"Lower {budget_key}, or leave the arm out.",
        )
