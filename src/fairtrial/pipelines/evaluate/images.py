"""Evaluate an image study: predictions, scores, figures, models and the verdict."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate, Train
from fairtrial.pipelines.evaluate.images_audit import create_audit_nodes, probe_outputs
from fairtrial.pipelines.evaluate.images_figures import create_figure_nodes
from fairtrial.pipelines.evaluate.images_leakage import (
    create_leakage_nodes,
    leakage_exhibits,
    protocol_probes,
    protocol_trials,
)
from fairtrial.pipelines.evaluate.images_models import create_model_nodes
from fairtrial.pipelines.evaluate.images_networks import create_network_nodes, layer_exhibits
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.train.images import inputs_of
from fairtrial.pipelines.wiring import make_node

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Models

# Names of the figures beside the verdict's own, in the order of the page.
EXHIBITS = (
    "shortcuts",
    "lead",
    "recipes",
    "metrics",
    "confusion",
    "classes",
    "areas",
    "calibration",
    "agreement",
    "by_source",
    "gallery",
    "mistakes",
    "heat",
    "costs",
    "curves",
    "augmentation",
    "duplicates",
    "balance",
    "sizes",
    "sources",
    "model_card",
    "data_sheet",
)


def predict_items(
    inputs: "Arrays",
    models: "Models",
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    train: Train,
) -> "Arrays":
    """Predict the validation and test items of a chunk's trials."""
    from fairtrial.images.trials.predict import predict_trials

    return predict_trials(inputs, models, manifest, splits, train.device)


def score_trials(
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    evaluate: Evaluate,
    *tables: "Arrays | pd.DataFrame",
    arms: list[str],
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Score every trial on exactly its items.

    ``tables``: all outputs, all histories, then the outputs of the probes; ``arms`` names each
    output's arm.
    """
    from fairtrial.images.audit.scoring import probe_rows
    from fairtrial.images.scoring.scores import ledger_rows, score_rows, sources_of
    from fairtrial.statistics.scores import hashes_of, make_ledger, make_scores

    count = len(arms)
    outputs: Any = tables[:count]
    histories: Any = zip(arms, tables[count : 2 * count], strict=True)
    probes: Any = tables[2 * count :]
    hashes, sources = hashes_of(manifest, splits), sources_of(manifest)
    rows = score_rows(outputs, splits, hashes, evaluate.positive, sources)
    rows += probe_rows(probes, splits, hashes, evaluate.positive, sources)
    scores = make_scores(rows)
    return scores, make_ledger(ledger_rows(outputs, histories))


def create_images_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Models to page."""
    exhibits = [*EXHIBITS, *layer_exhibits(study, groups), *leakage_exhibits(groups)]
    nodes = [
        *_create_prediction_nodes(study, groups),
        *_create_scoring_nodes(study, groups),
        *create_audit_nodes(study, groups),
        *create_leakage_nodes(study, groups),
        *create_figure_nodes(study, groups),
        *create_network_nodes(study, groups),
        *create_model_nodes(study),
        *create_judging_nodes(study, Evaluate, exhibits, audits=["audit"]),
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
        for name, chunk in _trials(study, groups)
    ]


def _trials(study: Study, groups: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Arm and chunk of all trainings; the blocks of a further protocol are one chunk."""
    own = [(name, chunk) for name in study.arms for chunk in study.chunks()]
    return [*own, *protocol_trials(groups)]


def _create_scoring_nodes(study: Study, groups: Mapping[str, Any]) -> list[Node]:
    trials = _trials(study, groups)
    outputs = [f"outputs__{name}__{chunk}" for name, chunk in trials]
    histories = [f"history__{name}__{chunk}" for name, chunk in trials]
    probes = [*probe_outputs(groups), *protocol_probes(groups)]
    return [
        make_node(
            score_trials,
            ["manifest", "splits", "params:evaluate", *outputs, *histories, *probes],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            arms=[name for name, _ in trials],
        ),
    ]
