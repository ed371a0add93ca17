"""Augment for tuners: what their one recipe needs before a search starts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.images.parameters.tune import Tune
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.pipelines.augment.images import create_variation_nodes, uses_copies
from fairtrial.pipelines.wiring import make_node
from fairtrial.training.weights import recipe_digits

if TYPE_CHECKING:
    from fairtrial.core.records import Arrays

FEATURES = "bank__recipe"


def cache_features(
    pack: "Arrays",
    recipe: Arm,
    train: Train,
    copies: "Arrays | None" = None,
    *,
    study: str,
    weights_sha256: str | None,
) -> "Arrays":
    """Compute the features of every picture, and of its copies, once for all trials."""
    from fairtrial.images.trials.bank import cache_features as cache

    return cache(pack, copies, recipe, train, f"{study}.optimize.recipe", weights_sha256)


def weights_of_recipe(study: Study, groups: Mapping[str, Any]) -> str | None:
    """SHA-256 (or its first digits) of the weights that the tuned recipe starts from."""
    tune: Tune = groups["optimize"]
    train: Train = groups["train"]
    where = f"{study.name}.optimize.recipe"
    return recipe_digits(wanted_weights(tune.recipe, train.weights_dir, where))


def create_tuners_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pack to sample sheet, bank of copies and features, as far as the recipe uses them."""
    augment: Augment = groups["augment"]
    recipe: Arm = groups["optimize"].recipe
    copies = uses_copies(recipe, augment)
    nodes = create_variation_nodes(study, bool(copies))
    if recipe.init == "frozen":
        nodes.append(
            make_node(
                cache_features,
                ["pack", "params:optimize.recipe", "params:train", *copies],
                FEATURES,
                stage="augment",
                name="cache_features",
                study=study.name,
                weights_sha256=weights_of_recipe(study, groups),
            )
        )
    return Pipeline(nodes)
