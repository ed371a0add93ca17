"""Train one GAN a run, several runs a node."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Arm, Augment, Train
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
    """Train the runs of one arm and chunk; a run that diverges is recorded, and the rest go on."""
    import pandas as pd

    from fairtrial.core.checkpoints import checkpoint_folder
    from fairtrial.core.records import Models
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.gan.training import RunSeeds, count_updates, train_run
    from fairtrial.training.device import pick_device

    rolls = bank["rolls"]
    full = bank.description["originals"] * augment.growth
    updates = count_updates(full if recipe.updates == "equal" else len(rolls), parameters)
    folder = checkpoint_folder()
    states, histories, statuses = {}, [], {}
    for block in blocks:
        # No arm in the names: arms of a block share initial weights and noise.
        uses = ("initial_weights", "noise", "dropout", "batches")
        run = train_run(
            rolls,
            updates,
            parameters,
            RunSeeds(*(stream_seed(seed, study, block, use) for use in uses)),
            checkpoint=folder / f"{block}.pt" if folder else None,
            label=f"{study} {arm} {block}",
        )
        statuses[block] = run.status
        if run.state is not None:
            states[block] = run.state
        histories.append(run.history.assign(arm=arm, block=block))
    description = {
        "network": "generator",
        "width": parameters.width,
        "updates": updates,
        "statuses": statuses,
        "training_bars": len(rolls),
        "device": pick_device(parameters.device).type,
    }
    return Models(states, description), pd.concat(histories, ignore_index=True)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """One node an arm and chunk of runs."""
    return Pipeline(
        [
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
        ]
    )
