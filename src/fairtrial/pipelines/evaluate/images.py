"""Evaluate an image study: predictions, scores, figures, and the best model as a file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Train
from fairtrial.images.ready import PROBE
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.train.images import inputs_of
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, Models


def predict_items(
    inputs: "Arrays",
    models: "Models",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    train: Train,
) -> "Arrays":
    """Predict the validation and test items of a chunk's trials."""
    from fairtrial.images.predict import predict_trials

    return predict_trials(inputs, models, manifest, splits, train.device)


def probe_trivial(
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    seed: int,
    *,
    study: str,
    arm: str,
    blocks: list[str],
) -> "Arrays":
    """Predict every block from brightness, colour and shape alone."""
    from fairtrial.images.probe import probe_trivial as probe

    return probe(pack, manifest, splits, study, arm, blocks, seed)


def score_trials(
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    probe: "Arrays",
    *tables: "Arrays | pd.DataFrame",
    arms: list[str],
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Score every trial on exactly its items; the tables are all outputs, then all histories."""
    from fairtrial.core.hashing import sha256_table
    from fairtrial.images.scoring import ledger_rows, score_rows
    from fairtrial.statistics.scores import make_ledger, make_scores

    outputs: Any = tables[: len(arms)]
    histories: Any = zip(arms, tables[len(arms) :], strict=True)
    hashes = {
        "manifest_sha256": sha256_table(manifest, "item_id"),
        "splits_sha256": sha256_table(splits, ["block", "item_id"]),
    }
    scores = make_scores(score_rows([*outputs, probe], splits, hashes))
    return scores, make_ledger(ledger_rows(outputs, histories))


def draw_confusion(*outputs: "Arrays") -> "Files":
    """Draw the confusion matrix of every arm."""
    from fairtrial.images.exhibits import confusion_exhibit

    return confusion_exhibit(outputs)


def draw_curves(*histories: "pd.DataFrame", arms: list[str]) -> "Files":
    """Draw the learning curves of every trial."""
    from fairtrial.images.exhibits import curves_exhibit

    return curves_exhibit(list(zip(arms, histories, strict=True)))


def list_recipes(train: Train, *arms_and_outputs: Any, arms: list[str]) -> "Files":
    """Tabulate what each arm is: the parameters of every arm come first, then all outputs."""
    from fairtrial.images.exhibits import recipes_exhibit

    recipes = dict(zip(arms, arms_and_outputs[: len(arms)], strict=True))
    return recipes_exhibit(arms_and_outputs[len(arms) :], recipes, train)


def export_best(
    scores: "pd.DataFrame", train: Train, *models: "Models", primary_metric: str
) -> "Files":
    """Export the trial that is best on validation items, for use without this project."""
    from fairtrial.images.export import choose_best, export_model

    return export_model(models, choose_best(scores, primary_metric), train.weights_dir)


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Models to page."""
    trials = [(name, chunk) for name in study.arms for chunk in study.chunks()]
    arms = [name for name, _ in trials]
    outputs = [f"outputs__{name}__{chunk}" for name, chunk in trials]
    histories = [f"history__{name}__{chunk}" for name, chunk in trials]
    models = [f"model__{name}__{chunk}" for name, chunk in trials]
    nodes = [
        *_prediction_nodes(study, groups),
        make_node(
            probe_trivial,
            ["pack", "manifest", "splits", "params:seed"],
            f"outputs__{PROBE}__0",
            stage="evaluate",
            name="probe_trivial",
            study=study.name,
            arm=PROBE,
            blocks=[block for blocks in study.chunks().values() for block in blocks],
        ),
        make_node(
            score_trials,
            ["manifest", "splits", f"outputs__{PROBE}__0", *outputs, *histories],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            arms=arms,
        ),
        make_node(
            draw_confusion,
            outputs,
            "figure__confusion",
            stage="evaluate",
            name="draw_confusion",
        ),
        make_node(
            draw_curves,
            histories,
            "figure__curves",
            stage="evaluate",
            name="draw_curves",
            arms=arms,
        ),
        make_node(
            list_recipes,
            ["params:train", *(f"params:arms.{name}" for name in study.arms), *outputs],
            "figure__recipes",
            stage="evaluate",
            name="list_recipes",
            arms=list(study.arms),
        ),
        make_node(
            export_best,
            ["scores", "params:train", *models],
            "model__best",
            stage="evaluate",
            name="export_best",
            primary_metric=study.primary_metric,
        ),
        *create_judging_nodes(study, Evaluate, ["recipes", "confusion", "curves", "augmentation"]),
    ]
    return Pipeline(nodes)


def _prediction_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    return [
        make_node(
            predict_items,
            [
                inputs_of(name, groups["arms"][name]),
                f"model__{name}__{chunk}",
                "manifest",
                "splits",
                "params:train",
            ],
            f"outputs__{name}__{chunk}",
            stage="evaluate",
            name=f"predict_items__{name}__{chunk}",
        )
        for name in study.arms
        for chunk in study.chunks()
    ]
