"""What must hold before a study of problems starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.optimizers.recipe import check_recipe
from fairtrial.optimizers.registry import DETERMINISTIC

PRIMARY = ("relative_gap", "best_objective")


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Stop what would fail after hours or mean nothing.

    Args:
        study: its structure.
        groups: its checked parameters.
        fetch: as every kind is asked; a problem fetches nothing.

    Raises:
        ConfigError: naming the parameter.
    """
    if study.primary_metric not in PRIMARY:
        raise ConfigError(
            f"studies.yml: {study.name}.primary_metric",
            f"one of {', '.join(PRIMARY)}",
            repr(study.primary_metric),
            "Set it to relative_gap.",
        )
    for name in study.arms:
        where = f"parameters_{study.name}.yml: {study.name}.arms.{name}"
        budget = groups["optimize"].evaluations
        recipe = groups["arms"][name]
        check_recipe(recipe, budget, where, "optimize.evaluations")
        if recipe.optimizer in DETERMINISTIC:
            raise ConfigError(
                f"{where}.optimizer",
                "one whose runs differ by their seed",
                recipe.optimizer,
                "Move it to references: one run says all there is.",
            )
    both = sorted(set(groups["references"]) & set(study.arms))
    if both:
        raise ConfigError(
            f"parameters_{study.name}.yml: {study.name}.references.{both[0]}",
            "a name that no arm has",
            both[0],
            "Rename the reference.",
        )
