"""What must hold before a study of tuners starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairtrial.core.errors import ConfigError
from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm
from fairtrial.images.parameters.tune import Tune
from fairtrial.images.ready import TAKEN, check_arm
from fairtrial.images.ready import check_ready as check_recipes
from fairtrial.images.tuning.space import Space
from fairtrial.optimizers.recipe import Recipe, check_recipe
from fairtrial.optimizers.registry import SOLVERS

# Names of what is stored beside the tuners' own.
RECIPE = "recipe"
_TAKEN = (*TAKEN, RECIPE, "untuned")


def check_ready(study: Study, groups: Mapping[str, Any], fetch: bool = True) -> None:
    """Check the whole study across its parameters.

    Args:
        study: its structure; its arms are tuners.
        groups: its parameters: those of an image study, and optimize.
        fetch: whether published weights are downloaded now; else the run will do it.

    Raises:
        ConfigError: the first fault.
        StorageError: downloaded weights are damaged.
    """
    tune: Tune = groups["optimize"]
    where = f"{study.name}.optimize"
    if study.chunk != 1:
        raise ConfigError(
            f"studies.yml: {study.name}.chunk",
            "1, as every block may end with another recipe",
            study.chunk,
            "Set chunk: 1.",
        )
    if groups["split"].protocols:
        raise ConfigError(
            f"{study.name}.split.protocols",
            "none, as arms that are tuners have no recipe of their own to try there",
            ", ".join(groups["split"].protocols),
            "Take them out, or set them in a study whose arms are recipes.",
        )
    if groups["train"].compute != "fixed":
        raise ConfigError(
            f"{study.name}.train.compute",
            "fixed, as a plan is measured for an arm that is a recipe",
            groups["train"].compute,
            "Set compute: fixed, and precision and channels_last as a plan of the network says.",
        )
    _check_recipe(study, groups, tune.recipe, fetch)
    space = Space(tune, groups["train"], groups["augment"])
    space.check(f"{where}.search")
    for name, dimension in tune.search.items():
        group, _, field = name.partition(".")
        for value in dimension.ends() if group == "arm" else ():
            changed = tune.recipe.model_copy(update={field: value})
            check_arm(f"{where}.search.arm", RECIPE, changed, groups["ingest"], groups["augment"])
    for name in study.arms:
        _check_tuner(f"{study.name}.arms.{name}", name, groups["arms"][name], tune)


def _check_recipe(study: Study, groups: Mapping[str, Any], recipe: Arm, fetch: bool) -> None:
    """Check the tuned recipe as the only arm of an image study; faults name its own place."""
    alone = study.model_copy(update={"arms": (RECIPE,)})
    try:
        check_recipes(alone, {**groups, "arms": {RECIPE: recipe}}, fetch)
    except ConfigError as error:
        place, *rest = error.args
        mended = place.replace(f"{study.name}.arms.{RECIPE}", f"{study.name}.optimize.recipe")
        raise ConfigError(mended, *rest) from None


def _check_tuner(where: str, name: str, recipe: Recipe, tune: Tune) -> None:
    if name in _TAKEN:
        raise ConfigError(
            where, f"another name than {', '.join(_TAKEN)}", name, "Rename the tuner."
        )
    if recipe.optimizer in SOLVERS:
        raise ConfigError(
            f"{where}.optimizer",
            "one that needs values alone",
            f"{recipe.optimizer}, which asks for a linear program or single constraints",
            "Name a search such as gsa, cma_es, tpe or random_search.",
        )
    check_recipe(recipe, tune.trials, where, "optimize.trials")
