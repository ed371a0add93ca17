"""Judge GANs by the bars they write: bars, scores, figures."""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Evaluate, Train
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.evaluate.melodies_listening import create_listening_nodes
from fairtrial.pipelines.evaluate.melodies_scores import SCORE_EXHIBITS, create_score_nodes
from fairtrial.pipelines.evaluate.melodies_tunes import create_tunes_nodes
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, Models


def generate_bars(
    model: "Models",
    train: Train,
    evaluate: Evaluate,
    seed: int,
    *,
    study: str,
    blocks: list[str],
) -> "Arrays":
    """Let every run of one arm and chunk write its bars; a diverged run's are silent."""
    import numpy as np

    from fairtrial.core.records import Arrays
    from fairtrial.core.seeds import stream_seed
    from fairtrial.melodies.gan.writing import generate_bars as generate
    from fairtrial.melodies.piano_roll import COLUMNS, ROWS

    bars = np.zeros((len(blocks), evaluate.n_items, ROWS, COLUMNS), np.uint8)
    for index, block in enumerate(blocks):
        if block in model.states:
            noise = stream_seed(seed, study, block, "noise_of_bars")
            bars[index] = generate(model.states[block], train.width, evaluate.n_items, noise)
    return Arrays({"bars": bars}, {**model.description, "blocks": blocks})


def draw_losses(
    train: Train, *histories: "pd.DataFrame", arms: list[str], chunks: list[str]
) -> "Files":
    """Draw the losses of every run."""
    from fairtrial.melodies.exhibits.losses import losses_exhibit

    pairs = zip(product(arms, chunks), histories, strict=True)
    by_arm: dict[str, list] = {arm: [] for arm in arms}
    for (arm, _), history in pairs:
        by_arm[arm].append(history)
    return losses_exhibit(by_arm, train)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Bars of every arm and chunk; scores, players, figures, verdict and page of the study."""
    arms, chunks = list(study.arms), list(study.chunks())
    generators = [
        make_node(
            generate_bars,
            [f"model__{arm}__{chunk}", "params:train", "params:evaluate", "params:seed"],
            f"outputs__{arm}__{chunk}",
            stage="evaluate",
            name=f"generate_bars__{arm}__{chunk}",
            study=study.name,
            blocks=list(blocks),
        )
        for arm in arms
        for chunk, blocks in study.chunks().items()
    ]
    losses = make_node(
        draw_losses,
        ["params:train", *trial_datasets(study, "history")],
        "figure__losses",
        stage="evaluate",
        name="draw_losses",
        arms=arms,
        chunks=chunks,
    )
    exhibits = ["listening", *SCORE_EXHIBITS, "augmentation", "training_sets", "losses", "tunes"]
    judging = create_judging_nodes(study, Evaluate, exhibits, audits=["audit"])
    listening, scores = create_listening_nodes(study), create_score_nodes(study, groups)
    return Pipeline([*generators, *listening, *scores, losses, *create_tunes_nodes(), *judging])
