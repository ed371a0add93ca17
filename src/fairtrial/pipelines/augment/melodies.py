"""Make each arm's training set of bars: original, augmented or replicated."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Arm, Augment
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files


def build_bank(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    augment: Augment,
    arm: Arm,
    seed: int,
    *,
    study: str,
) -> "Arrays":
    """Build one arm's training set from the training songs' bars."""
    from fairtrial.core.records import Arrays
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.splits import rows_of
    from fairtrial.melodies.varying.banks import build_training_set

    originals = pack["rolls"][rows_of(manifest, splits, "train")]
    # Arms of the same training set share the stream, hence the set.
    drawn = stream_seed(seed, study, "augmentation")
    rolls, description = build_training_set(originals, arm, augment, drawn)
    return Arrays({"rolls": rolls}, description)


def draw_augmentation(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    augment: Augment,
    seed: int,
    *,
    study: str,
) -> "Files":
    """Draw a bar before and after each augmentation."""
    from fairtrial.core.seeds import stream
    from fairtrial.melodies.exhibits.augmentation import augmentation_exhibit
    from fairtrial.melodies.splits import rows_of

    rows = rows_of(manifest, splits, "train")
    generator = stream(seed, study, "augmentation_picture")
    return augmentation_exhibit(pack["rolls"][rows], pack["roots"][rows], augment, generator)


def tabulate_training_sets(*banks: "Arrays", arms: list[str]) -> "Files":
    """Tell what each arm learns from, and how much of it is no news."""
    from fairtrial.melodies.exhibits.training_sets import training_sets_exhibit

    described = {arm: bank.description for arm, bank in zip(arms, banks, strict=True)}
    return training_sets_exhibit(described)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """One bank an arm, a table of them, and a picture of the augmentations."""
    inputs = ["pack", "manifest", "splits", "params:augment"]
    nodes = [
        make_node(
            build_bank,
            [*inputs, f"params:arms.{arm}", "params:seed"],
            f"bank__{arm}",
            stage="augment",
            name=f"build_bank__{arm}",
            study=study.name,
        )
        for arm in study.arms
    ]
    picture = make_node(
        draw_augmentation,
        [*inputs, "params:seed"],
        "figure__augmentation",
        stage="augment",
        name="draw_augmentation",
        study=study.name,
    )
    table = make_node(
        tabulate_training_sets,
        [f"bank__{arm}" for arm in study.arms],
        "figure__training_sets",
        stage="augment",
        name="tabulate_training_sets",
        arms=list(study.arms),
    )
    return Pipeline([*nodes, picture, table])
