"""What a study of optimisers of songs needs before any of its work begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.melodies.parameters.song_tuners import METRIC, SongSearch
from fairtrial.melodies.parameters.songs import Breeding
from fairtrial.melodies.ready import check_samples
from fairtrial.optimizers.recipe import check_recipe
from fairtrial.optimizers.registry import SOLVERS


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Check samples, the metric, and that every arm can use its budget.

    Args:
        study: its structure; its arms are optimisers.
        groups: its checked parameters.
        fetch: as every kind is asked; nothing is fetched.

    Raises:
        ConfigError: naming the first thing that does not fit.
    """
    wanted: SongSearch = groups["optimize"]
    where = f"parameters_{study.name}.yml: {study.name}"
    check_samples(study)
    if study.primary_metric != METRIC:
        raise ConfigError(
            f"studies.yml: {study.name}.primary_metric", METRIC, study.primary_metric, "Correct it."
        )
    budget_key = f"{where}.optimize.evaluations"
    for name in study.arms:
        arm, place = groups["arms"][name], f"{where}.arms.{name}"
        recipe = arm.recipe
        if isinstance(recipe, Breeding):
            # Less than one generation of children is no evolution.
            needed = 2 * recipe.population - recipe.elitism
            if wanted.evaluations < needed:
                raise ConfigError(
                    f"{place}.population",
                    f"a first population and one of children within {wanted.evaluations} "
                    "evaluations",
                    needed,
                    f"Raise {budget_key} or lower the population.",
                )
        elif arm.optimizer in SOLVERS:
            raise ConfigError(
                f"{place}.optimizer",
                "an optimizer that needs nothing but values",
                arm.optimizer,
                "Choose another one, or leave the arm out.",
            )
        else:
            check_recipe(recipe, wanted.evaluations, place, budget_key)
