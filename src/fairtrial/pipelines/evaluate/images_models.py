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
    pack: "Arrays",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    ingest_report: dict[str, Any],
    ingest: Ingest,
    train: Train,
    evaluate: Evaluate,
    *models: "Models",
    primary_metric: str,
) -> "Files":
    """Export the trial that is best on validation items, for use without this project."""
    from fairtrial.images.export import choose_best
    from fairtrial.images.exported import export_trained
    from fairtrial.images.trained import Origin, describe_trained, find_trial

    origin = Origin(pack, manifest, splits, ingest, evaluate, ingest_report["synthetic"])
    arm, block = choose_best(scores, primary_metric)
    chosen, weights = find_trial(models, arm, block, train.weights_dir)
    trained = describe_trained(chosen, block, weights, origin)
    return export_trained(trained, evaluate.export_onnx)


def create_model_nodes(study: Study) -> list[Node]:
    """Scores and models to the best model's files."""
    return [
        make_node(
            export_best,
            [
                "scores",
                "pack",
                "manifest",
                "splits",
                "ingest_report",
                "params:ingest",
                "params:train",
                "params:evaluate",
                *trial_datasets(study, "model"),
            ],
            "model__best",
            stage="evaluate",
            name="export_best",
            primary_metric=study.primary_metric,
        )
    ]
