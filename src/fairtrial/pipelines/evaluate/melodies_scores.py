"""Score a melody study's bars against real ones, and set all scores side by side."""

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.scoring.weights import weights_recipe
from fairtrial.pipelines.train.melodies_encoder import encoder_inputs
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files

# In the order of the page.
SCORE_EXHIBITS = ("quality", "extrapolation", "memory")


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
    weights: dict[str, str | None],
) -> "tuple[pd.DataFrame, ...]":
    """Compare every run's bars with real ones.

    Args:
        pack: the bars.
        manifest: where they come from.
        splits: which are held out.
        parameters: of the evaluation.
        seed: the root seed.
        parts: the generated bars of every arm and chunk, the histories likewise, every arm's
            training set, then, where it is asked for, the encoder.
        study: its name.
        arms: names.
        chunks: names.
        weights: extractor -> first digits of the SHA-256 of its weights.
    """
    from fairtrial.melodies.scoring.study import RealBars, load_spaces, score_study
    from fairtrial.melodies.scoring.trials import gather_trials, ledger_rows
    from fairtrial.melodies.scoring.weights import check_recipe
    from fairtrial.melodies.splits import rows_of
    from fairtrial.statistics.scores import hashes_of, make_ledger, make_scores

    check_recipe(weights, parameters.weights_dir)
    pairs = list(product(arms, chunks))
    count = len(pairs)
    outputs, histories = parts[:count], parts[count : 2 * count]
    banks, encoders = parts[2 * count : 2 * count + len(arms)], parts[2 * count + len(arms) :]
    trials = [
        trial
        for (arm, _), output, history in zip(pairs, outputs, histories, strict=True)
        for trial in gather_trials(arm, output.description, output["bars"], history)
    ]
    held_out = rows_of(manifest, splits, "test")
    real = RealBars(
        train=pack["rolls"][rows_of(manifest, splits, "train")],
        held_out=pack["rolls"][held_out],
        songs=manifest.set_index("row").loc[held_out, "group"].to_numpy(),
        training_sets={arm: bank["rolls"] for arm, bank in zip(arms, banks, strict=True)},
    )
    spaces = load_spaces(parameters, encoders[0].states["encoder"] if encoders else None)
    shared = {"study": study, **hashes_of(manifest, splits)}
    rows, curves, nearest = score_study(trials, real, spaces, parameters, seed, shared)
    return make_scores(rows), make_ledger(ledger_rows(trials, study)), curves, nearest


def audit_copies(nearest: "pd.DataFrame") -> dict[str, Any]:
    """Say which arms' bars are copies, for the verdict."""
    from fairtrial.melodies.scoring.remembered import warn_of_copies

    return {"warnings": warn_of_copies(nearest), "sees": {}}


def draw_quality(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    scores: "pd.DataFrame",
    curves: "pd.DataFrame",
    nearest: "pd.DataFrame",
    *outputs: "Arrays",
    arms: list[str],
    chunks: list[str],
    metric: str,
) -> "tuple[Files, Files, Files]":
    """Set every arm's scores beside those of real bars; draw extrapolations and nearness."""
    from fairtrial.melodies.exhibits.distances import extrapolation_exhibit
    from fairtrial.melodies.exhibits.memory import memory_exhibit
    from fairtrial.melodies.exhibits.pieces import finished_runs
    from fairtrial.melodies.exhibits.quality import quality_exhibit
    from fairtrial.melodies.splits import rows_of, shown_role

    real = pack["rolls"][rows_of(manifest, splits, shown_role(splits))]
    train = pack["rolls"][rows_of(manifest, splits, "train")]
    runs = finished_runs(list(product(arms, chunks)), outputs)
    generated = {arm: list(bars.values()) for arm, bars in runs.items()}
    return (
        quality_exhibit(real, train, generated, scores, metric),
        extrapolation_exhibit(curves),
        memory_exhibit(nearest),
    )


def create_score_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    """Bars to ``scores``, ``ledger``, the audit of copies and the figures of `SCORE_EXHIBITS`."""
    evaluate: Evaluate = groups["evaluate"]
    arms, chunks = list(study.arms), list(study.chunks())
    data, names = ["pack", "manifest", "splits"], {"arms": arms, "chunks": chunks}
    outputs, histories = trial_datasets(study, "outputs"), trial_datasets(study, "history")
    banks = [f"bank__{arm}" for arm in arms]
    parts = [*outputs, *histories, *banks, *encoder_inputs(groups)]
    return [
        make_node(
            score_trials,
            [*data, "params:evaluate", "params:seed", *parts],
            ["scores", "ledger", "curves", "nearest"],
            stage="evaluate",
            name="score_trials",
            study=study.name,
            weights=weights_recipe(evaluate.extractors, evaluate.weights_dir),
            **names,
        ),
        make_node(audit_copies, ["nearest"], "audit", stage="evaluate", name="audit_copies"),
        make_node(
            draw_quality,
            [*data, "scores", "curves", "nearest", *outputs],
            [f"figure__{name}" for name in SCORE_EXHIBITS],
            stage="evaluate",
            name="draw_quality",
            metric=study.primary_metric,
            **names,
        ),
    ]
