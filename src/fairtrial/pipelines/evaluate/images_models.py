"""The best trained model of an image study as files, with its card and the data's sheet."""

from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Ingest, Train
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files, Models


def export_best(
    scores: "pd.DataFrame",
    ledger: "pd.DataFrame",
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    ingest_report: dict[str, Any],
    ingest: Ingest,
    train: Train,
    evaluate: Evaluate,
    *models: "Models",
    primary_metric: str,
) -> "tuple[Files, Files, Files]":
    """Export the trial that is best on validation items, with its card and its data's sheet."""
    from fairtrial.images.prediction.documents import data_sheet, model_card
    from fairtrial.images.prediction.export import choose_best
    from fairtrial.images.prediction.exported import export_trained
    from fairtrial.images.prediction.trained import Origin, describe_trained, find_trial

    origin = Origin(pack, manifest, splits, ingest, evaluate, ingest_report["synthetic"])
    arm, block = choose_best(scores, primary_metric)
    chosen, weights = find_trial(models, arm, block, train.weights_dir)
    trained = describe_trained(chosen, block, weights, origin)
    files = export_trained(trained, evaluate.export_onnx)
    card, card_exhibit = model_card(trained, scores, ledger, ingest_report, evaluate)
    sheet, sheet_exhibit = data_sheet(trained, manifest, splits, ingest_report, evaluate)
    return {**files, **card, **sheet}, card_exhibit, sheet_exhibit


def create_model_nodes(study: Study) -> list[Node]:
    """Scores and models to the best model's files."""
    return [
        make_node(
            export_best,
            [
                "scores",
                "ledger",
                "pack",
                "manifest",
                "splits",
                "ingest_report",
                "params:ingest",
                "params:train",
                "params:evaluate",
                *trial_datasets(study, "model"),
            ],
            ["model__best", "figure__model_card", "figure__data_sheet"],
            stage="evaluate",
            name="export_best",
            primary_metric=study.primary_metric,
        )
    ]
