"""Augment pictures: a sheet of samples, a bank of copies, and features of frozen bases."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.pipelines.wiring import make_node
from fairtrial.training.weights import recipe_digits

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files

# The bank of warped pixels; `fairtrial.images.ready` keeps arms from taking its name.
COPIES = "bank__copies"


def draw_augmentation(
    pack: "Arrays", manifest: "pd.DataFrame", parameters: Augment, seed: int, *, study: str
) -> "Files":
    """Show what augmentation does to a few pictures."""
    from fairtrial.images.exhibits.augmentation import augmentation_sheet

    return augmentation_sheet(pack, manifest, parameters, study, seed)


def warp_copies(pack: "Arrays", parameters: Augment, seed: int, *, study: str) -> "Arrays":
    """Store warped copies of every picture."""
    from fairtrial.images.trials.bank import make_copies

    return make_copies(pack, parameters, study, seed)


def cache_features(
    pack: "Arrays",
    arm_parameters: Arm,
    train: Train,
    copies: "Arrays | None" = None,
    *,
    study: str,
    arm: str,
    weights_sha256: str | None,
) -> "Arrays":
    """Compute the features of every picture, and of its copies, once for a frozen base."""
    from fairtrial.images.trials.bank import cache_features as cache

    return cache(pack, copies, arm_parameters, train, f"{study}.arms.{arm}", weights_sha256)


def uses_copies(arm: Arm, augment: Augment) -> list[str]:
    """The bank of copies as an input, where the arm draws from it."""
    return [COPIES] if arm.mode(augment) == "bank" else []


def weights_of(study: Study, groups: Mapping[str, Any], name: str) -> str | None:
    """SHA-256 (or its first digits) of an arm's weights: part of the recipe, as the folder is not.

    Without the file there is none, and the study's check stops the run.
    """
    arm: Arm = groups["arms"][name]
    train: Train = groups["train"]
    return recipe_digits(wanted_weights(arm, train.weights_dir, f"{study.name}.arms.{name}"))


def create_variation_nodes(study: Study, banked: bool) -> list[Node]:
    """The sheet of samples and, where some recipe draws from it, the bank of copies."""
    sheet = make_node(
        draw_augmentation,
        ["pack", "manifest", "params:augment", "params:seed"],
        "figure__augmentation",
        stage="augment",
        name="draw_augmentation",
        study=study.name,
    )
    if not banked:
        return [sheet]
    return [
        sheet,
        make_node(
            warp_copies,
            ["pack", "params:augment", "params:seed"],
            COPIES,
            stage="augment",
            name="warp_copies",
            study=study.name,
        ),
    ]


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pack to sample sheet and banks."""
    augment: Augment = groups["augment"]
    arms: Mapping[str, Arm] = {name: groups["arms"][name] for name in study.arms}
    banked = any(arm.mode(augment) == "bank" for arm in arms.values())
    nodes = create_variation_nodes(study, banked)
    nodes += [
        make_node(
            cache_features,
            ["pack", f"params:arms.{name}", "params:train", *uses_copies(arm, augment)],
            f"bank__{name}",
            stage="augment",
            name=f"cache_features__{name}",
            study=study.name,
            arm=name,
            weights_sha256=weights_of(study, groups, name),
        )
        for name, arm in arms.items()
        if arm.init == "frozen"
    ]
    return Pipeline(nodes)
