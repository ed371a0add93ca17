"""Train the trials of an image study: one node an arm and chunk of blocks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Arm, Augment, Split, Train
from fairtrial.pipelines.augment.images import uses_copies, weights_of
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models


def measure_compute(
    pack: "Arrays", manifest: "pd.DataFrame", arm_parameters: Arm, train: Train, *, where: str
) -> dict[str, Any]:
    """Measure once in which precision and memory format an arm is fastest here."""
    from fairtrial.images.trials.compute import measure_compute as measure

    return measure(pack, manifest, arm_parameters, train, where)


def train_arm(
    inputs: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    arm_parameters: Arm,
    train: Train,
    augment: Augment,
    seed: int,
    *more: "Arrays | dict[str, Any]",
    study: str,
    arm: str,
    blocks: list[str] | None = None,
    protocol: str = "standard",
    measured: bool = False,
    weights_sha256: str | None,
) -> "tuple[Models, pd.DataFrame]":
    """Train one arm on the blocks of a chunk, or on all blocks of a further protocol.

    ``more``: the bank of copies where the arm draws from it, then its compute plan where that is
    ``measured``.
    """
    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.images.splitting.protocols import blocks_of
    from fairtrial.images.trials.train import Trials, train_trials
    from fairtrial.training.compute import ComputePlan
    from fairtrial.training.device import pick_device

    # How many sources can be left out is known from the splits alone.
    blocks = blocks_of(splits, protocol) if blocks is None else blocks
    rest: list[Any] = list(more)
    plan = None
    if measured:
        where = f"{study}.compute_plan__{arm}"
        plan = ComputePlan.read(rest.pop(), pick_device(train.device), where)
    copies = rest.pop() if rest else None
    trials = Trials(study, arm, blocks, seed, arm_parameters, train, augment, weights_sha256, plan)
    return train_trials(trials, inputs, copies, manifest, splits, checkpoint_folder())


def inputs_of(name: str, arm: Arm) -> str:
    """What an arm is fed with: its cached features if its base is frozen, else the pictures."""
    return f"bank__{name}" if arm.init == "frozen" else "pack"


def _is_measured(arm: Arm, train: Train) -> bool:
    """Whether an arm's compute plan is measured: the head of a frozen base has none."""
    return train.compute == "measured" and arm.init != "frozen"


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Pack and splits to models and histories."""
    augment: Augment = groups["augment"]
    split: Split = groups["split"]
    train: Train = groups["train"]
    nodes = []
    for name in study.arms:
        arm: Arm = groups["arms"][name]
        weights = weights_of(study, groups, name) if arm.init == "finetune" else None
        copies = [] if arm.init == "frozen" else uses_copies(arm, augment)
        measured = _is_measured(arm, train)
        plan = [f"compute_plan__{name}"] if measured else []
        if measured:
            nodes.append(
                make_node(
                    measure_compute,
                    ["pack", "manifest", f"params:arms.{name}", "params:train"],
                    plan[0],
                    stage="train",
                    name=f"measure_compute__{name}",
                    where=f"{study.name}.arms.{name}",
                )
            )
        inputs = [
            inputs_of(name, arm),
            "manifest",
            "splits",
            f"params:arms.{name}",
            "params:train",
            "params:augment",
            "params:seed",
            *copies,
            *plan,
        ]
        common: dict[str, Any] = {
            "stage": "train",
            "study": study.name,
            "arm": name,
            "measured": measured,
            "weights_sha256": weights,
        }
        chunks: dict[str, dict[str, Any]] = {
            **{chunk: {"blocks": list(blocks)} for chunk, blocks in study.chunks().items()},
            **{protocol: {"protocol": protocol} for protocol in split.protocols_of(name)},
        }
        nodes += [
            make_node(
                train_arm,
                inputs,
                [f"model__{name}__{chunk}", f"history__{name}__{chunk}"],
                name=f"train_arm__{name}__{chunk}",
                **which,
                **common,
            )
            for chunk, which in chunks.items()
        ]
    return Pipeline(nodes)
