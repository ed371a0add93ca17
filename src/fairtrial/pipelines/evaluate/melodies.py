"""Judge GANs by the bars they write: bars, scores, figures."""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Evaluate, Train
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.evaluate.melodies_listening import create_listening_nodes
from fairtrial.pipelines.wiring import make_node

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


def score_trials(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    parameters: Evaluate,
    seed: int,
    *parts: "Any",
    study: str,
    arms: list[str],
    chunks: list[str],
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Compare every run's bars with real ones.

    Args:
        pack: the bars.
        manifest: where they come from.
        splits: which are held out.
        parameters: of the evaluation.
        seed: the root seed.
        parts: the generated bars of every arm and chunk, the histories likewise, then, under the
            paper's protocol, every arm's training set.
        study: its name.
        arms: names.
        chunks: names.
    """
    from fairtrial.core.seeds import stream
    from fairtrial.melodies.scoring import trials as domain
    from fairtrial.melodies.scoring.judge import Judge, find_unseen
    from fairtrial.melodies.splits import rows_of
    from fairtrial.statistics.scores import hashes_of, make_ledger, make_scores

    pairs = list(product(arms, chunks))
    outputs, histories = parts[: len(pairs)], parts[len(pairs) : 2 * len(pairs)]
    trials = [
        trial
        for (arm, _), output, history in zip(pairs, outputs, histories, strict=True)
        for trial in domain.gather_trials(arm, output.description, output["bars"], history)
    ]
    n_items = parameters.n_items
    rolls = pack["rolls"]
    train = rolls[rows_of(manifest, splits, "train")]
    extractors, weights_dir = parameters.extractors, parameters.weights_dir
    if parameters.protocol == "paper":
        banks = dict(zip(arms, parts[2 * len(pairs) :], strict=True))
        # Every arm against the first bars of its own training set, as the paper did.
        judges = {
            arm: Judge(bank["rolls"][:n_items], extractors, weights_dir)
            for arm, bank in banks.items()
        }
    else:
        held_out = rolls[rows_of(manifest, splits, "test")]
        reference = domain.draw_reference(held_out, n_items, stream(seed, study, "reference_bars"))
        unseen = find_unseen(reference, train)
        judges = dict.fromkeys(arms, Judge(reference, extractors, weights_dir, unseen))
    shared = {
        "study": study,
        "protocol": parameters.protocol,
        **hashes_of(manifest, splits),
    }
    rows = list(domain.score_rows(trials, judges, shared))
    # Under the paper's protocol no real bars are left that stand to an arm's own as its bars do.
    if parameters.protocol == "standard":
        blocks = list(dict.fromkeys(trial.block for trial in trials))
        draws = {block: stream(seed, study, block, "null_floor") for block in blocks}
        rows += domain.floor_rows(blocks, train, judges[arms[0]], n_items, draws, shared)
    return make_scores(rows), make_ledger(domain.ledger_rows(trials, study))


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


def tabulate_quality(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    scores: "pd.DataFrame",
    *outputs: "Arrays",
    arms: list[str],
    chunks: list[str],
    metric: str,
) -> "Files":
    """Set the arms' bars beside real ones, descriptor by descriptor."""
    from fairtrial.melodies.exhibits.pieces import finished_runs
    from fairtrial.melodies.exhibits.quality import quality_exhibit
    from fairtrial.melodies.splits import rows_of, shown_role

    real = pack["rolls"][rows_of(manifest, splits, shown_role(splits))]
    train = pack["rolls"][rows_of(manifest, splits, "train")]
    runs = finished_runs(list(product(arms, chunks)), outputs)
    generated = {arm: list(bars.values()) for arm, bars in runs.items()}
    return quality_exhibit(real, train, generated, scores, metric)


def create_melodies_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Bars of every arm and chunk; scores, players, figures, verdict and page of the study."""
    arms, chunks = list(study.arms), list(study.chunks())
    pairs = [f"{arm}__{chunk}" for arm, chunk in product(arms, chunks)]
    outputs = [f"outputs__{pair}" for pair in pairs]
    histories = [f"history__{pair}" for pair in pairs]
    paper = groups["evaluate"].protocol == "paper"
    banks = [f"bank__{arm}" for arm in arms] if paper else []
    data = ["pack", "manifest", "splits"]
    names = {"arms": arms, "chunks": chunks}
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
    scores = make_node(
        score_trials,
        [*data, "params:evaluate", "params:seed", *outputs, *histories, *banks],
        ["scores", "ledger"],
        stage="evaluate",
        name="score_trials",
        study=study.name,
        **names,
    )
    figures = [
        make_node(
            draw_losses,
            ["params:train", *histories],
            "figure__losses",
            stage="evaluate",
            name="draw_losses",
            **names,
        ),
        make_node(
            tabulate_quality,
            [*data, "scores", *outputs],
            "figure__quality",
            stage="evaluate",
            name="tabulate_quality",
            metric=study.primary_metric,
            **names,
        ),
    ]
    judging = create_judging_nodes(
        study, Evaluate, exhibits=["listening", "quality", "augmentation", "losses"]
    )
    listening = create_listening_nodes(study)
    return Pipeline([*generators, *listening, scores, *figures, *judging])
