"""Optimise hyper-parameters: one node a tuner and block, one for the recipe as it stands."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.images.parameters.tune import Tune
from fairtrial.optimizers.recipe import Recipe
from fairtrial.pipelines.augment.images import uses_copies
from fairtrial.pipelines.augment.tuners import FEATURES, weights_of_recipe
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models


def tune_recipe(
    inputs: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    optimize: Tune,
    tuner_parameters: Recipe,
    train: Train,
    augment: Augment,
    seed: int,
    copies: "Arrays | None" = None,
    *,
    study: str,
    tuner: str,
    blocks: list[str],
    weights_sha256: str | None,
) -> "tuple[Models, pd.DataFrame, pd.DataFrame]":
    """Let one tuner look for the best recipe of the one block of a chunk."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.images.tuning.search import Data, Search, tune_block
    from fairtrial.images.tuning.space import Space

    (block,) = blocks
    search = Search(study, seed, Space(optimize, train, augment), weights_sha256)
    data = Data(inputs, copies, manifest, splits)
    return tune_block(search, tuner, tuner_parameters, block, data, checkpoint_folder())


def train_untuned(
    inputs: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    optimize: Tune,
    train: Train,
    augment: Augment,
    seed: int,
    copies: "Arrays | None" = None,
    *,
    study: str,
    blocks: list[str],
    weights_sha256: str | None,
) -> "tuple[Models, pd.DataFrame]":
    """Train the recipe as it stands on every block."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.images.tuning.search import Data, Search
    from fairtrial.images.tuning.search import train_untuned as train_recipe
    from fairtrial.images.tuning.space import Space

    search = Search(study, seed, Space(optimize, train, augment), weights_sha256)
    data = Data(inputs, copies, manifest, splits)
    return train_recipe(search, blocks, data, checkpoint_folder())


def inputs_of(recipe: Arm) -> str:
    """What trials are fed with: cached features if the base is frozen, else the pictures."""
    return FEATURES if recipe.init == "frozen" else "pack"


def create_tuners_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pack (or features) and splits to chosen models and tables of trials."""
    recipe: Arm = groups["optimize"].recipe
    data = [inputs_of(recipe), "manifest", "splits", "params:optimize"]
    shared = ["params:train", "params:augment", "params:seed"]
    copies = [] if recipe.init == "frozen" else uses_copies(recipe, groups["augment"])
    weights = weights_of_recipe(study, groups) if recipe.init == "finetune" else None
    nodes = [
        make_node(
            tune_recipe,
            [*data, f"params:arms.{tuner}", *shared, *copies],
            [f"{kind}__{tuner}__{chunk}" for kind in ("model", "history", "trials")],
            stage="optimize",
            name=f"tune_recipe__{tuner}__{chunk}",
            study=study.name,
            tuner=tuner,
            blocks=list(blocks),
            weights_sha256=weights,
        )
        for tuner in study.arms
        for chunk, blocks in study.chunks().items()
    ]
    nodes.append(
        make_node(
            train_untuned,
            [*data, *shared, *copies],
            ["model__untuned__0", "history__untuned__0"],
            stage="optimize",
            name="train_untuned",
            study=study.name,
            blocks=[block for blocks in study.chunks().values() for block in blocks],
            weights_sha256=weights,
        )
    )
    return Pipeline(nodes)
