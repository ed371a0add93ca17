"""Evaluate an image study: predictions, scores, figures, models and the verdict."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Train
from fairtrial.images.ready import PROBE
from fairtrial.pipelines.evaluate.images_figures import create_figure_nodes
from fairtrial.pipelines.evaluate.images_models import create_model_nodes
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.train.images import inputs_of
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models

# Names of the figures beside the verdict's own, in the order of the page.
EXHIBITS = ("recipes", "confusion", "curves", "augmentation", "duplicates")


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
    evaluate: Evaluate,
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
    sources = dict(zip(manifest["item_id"], manifest["source"], strict=True))
    rows = score_rows([*outputs, probe], splits, hashes, evaluate.positive, sources)
    scores = make_scores(rows)
    return scores, make_ledger(ledger_rows(outputs, histories))


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Models to page."""
    nodes = [
        *_create_prediction_nodes(study, groups),
        *_create_scoring_nodes(study),
        *create_figure_nodes(study),
        *create_model_nodes(study),
        *create_judging_nodes(study, Evaluate, EXHIBITS),
    ]
    return Pipeline(nodes)


def _create_prediction_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
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


def _create_scoring_nodes(study: Study) -> list[Node]:
    outputs, histories = (trial_datasets(study, kind) for kind in ("outputs", "history"))
    return [
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
            ["manifest", "splits", "params:evaluate", f"outputs__{PROBE}__0", *outputs, *histories],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            arms=[name for name in study.arms for _ in study.chunks()],
        ),
    ]
