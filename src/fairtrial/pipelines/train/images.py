"""Train the trials of an image study: one node an arm and chunk of blocks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.pipelines.augment.images import uses_copies, weights_of
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models


def train_arm(
    inputs: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    arm_parameters: Arm,
    train: Train,
    augment: Augment,
    seed: int,
    copies: "Arrays | None" = None,
    *,
    study: str,
    arm: str,
    blocks: list[str],
    weights_sha256: str | None,
) -> "tuple[Models, pd.DataFrame]":
    """Train one arm on the blocks of a chunk."""
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.images.train import Trials, train_trials

    trials = Trials(study, arm, blocks, seed, arm_parameters, train, augment, weights_sha256)
    return train_trials(trials, inputs, copies, manifest, splits, checkpoint_folder())


def inputs_of(name: str, arm: Arm) -> str:
    """What an arm is fed with: its cached features if its base is frozen, else the pictures."""
    return f"bank__{name}" if arm.init == "frozen" else "pack"


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pack and splits to models and histories."""
    augment: Augment = groups["augment"]
    nodes = []
    for name in study.arms:
        arm: Arm = groups["arms"][name]
        weights = weights_of(study, groups, name) if arm.init == "finetune" else None
        copies = [] if arm.init == "frozen" else uses_copies(arm, augment)
        for chunk, blocks in study.chunks().items():
            nodes.append(
                make_node(
                    train_arm,
                    [
                        inputs_of(name, arm),
                        "manifest",
                        "splits",
                        f"params:arms.{name}",
                        "params:train",
                        "params:augment",
                        "params:seed",
                        *copies,
                    ],
                    [f"model__{name}__{chunk}", f"history__{name}__{chunk}"],
                    stage="train",
                    name=f"train_arm__{name}__{chunk}",
                    study=study.name,
                    arm=name,
                    blocks=list(blocks),
                    weights_sha256=weights,
                )
            )
    return Pipeline(nodes)
