"""Train one GAN a run, several runs a node."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Arm, Augment, Train
from fairtrial.pipelines.train.melodies_encoder import create_encoder_nodes
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models


def train_gan(
    bank: "Arrays",
    parameters: Train,
    augment: Augment,
    recipe: Arm,
    seed: int,
    *,
    study: str,
    arm: str,
    blocks: list[str],
) -> "tuple[Models, pd.DataFrame]":
    """Train the runs of one arm and chunk."""
    import pandas as pd

    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.core.records import Models
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.gan.trainee import RunSeeds
    from fairtrial.melodies.gan.training import count_at_once, count_updates, train_runs
    from fairtrial.training.device import pick_device

    rolls = bank["rolls"]
    full = bank.description["originals"] * augment.growth
    updates = count_updates(full if recipe.updates == "equal" else len(rolls), parameters)
    # No arm in the names: arms of a block share initial weights and noise.
    uses = ("initial_weights", "noise", "dropout", "batches")
    seeds = {
        block: RunSeeds(*(stream_seed(seed, study, block, use) for use in uses)) for block in blocks
    }
    folder, label = checkpoint_folder(), f"{study} {arm}"
    runs = train_runs(rolls, updates, parameters, seeds, checkpoints=folder, label=label)
    description = {
        "network": "gan",
        "width": parameters.width,
        "updates": updates,
        "statuses": {block: run.status for block, run in runs.items()},
        "training_bars": len(rolls),
        "device": pick_device(parameters.device).type,
        "precision": parameters.precision,
        "runs_at_once": count_at_once(parameters, len(blocks)),
    }
    states = {block: run.state for block, run in runs.items() if run.state is not None}
    histories = [run.history.assign(arm=arm, block=block) for block, run in runs.items()]
    return Models(states, description), pd.concat(histories, ignore_index=True)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """One node an arm and chunk of runs; the study's own encoder, where it is asked for."""
    return Pipeline(
        [
            *create_encoder_nodes(study, groups),
            *(
                make_node(
                    train_gan,
                    [
                        f"bank__{arm}",
                        "params:train",
                        "params:augment",
                        f"params:arms.{arm}",
                        "params:seed",
                    ],
                    [f"model__{arm}__{chunk}", f"history__{arm}__{chunk}"],
                    stage="train",
                    name=f"train_gan__{arm}__{chunk}",
                    study=study.name,
                    arm=arm,
                    blocks=list(blocks),
                )
                for arm in study.arms
                for chunk, blocks in study.chunks().items()
            ),
        ]
    )
