"""Evaluate tuners: what their chosen recipes reach on test pictures, and how they got there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.images.parameters import Evaluate
from fairtrial.images.parameters.tune import Tune
from fairtrial.pipelines.evaluate.images import predict_items
from fairtrial.pipelines.evaluate.images_audit import create_probe_node
from fairtrial.pipelines.evaluate.images_models import create_model_nodes
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.optimize.tuners import inputs_of
from fairtrial.pipelines.wiring import make_node, trial_datasets

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, Files

# Chosen recipes stand beside this one trivial model.
PROBE = "trivial_features"

EXHIBITS = (
    "search_progress",
    "chosen",
    "validation_gap",
    "landscape",
    "augmentation",
    "duplicates",
    "model_card",
    "data_sheet",
)
_DRAWN = tuple(f"figure__{name}" for name in EXHIBITS[:4])


def score_chosen(
    manifest: "pd.DataFrame",
    splits: "pd.DataFrame",
    optimize: Tune,
    evaluate: Evaluate,
    probe: "Arrays",
    *tables: "Arrays | pd.DataFrame",
    arms: list[str],
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Score every chosen recipe and the untuned one on exactly their items.

    ``tables``: all outputs, all histories, then the trials of the tuners; ``arms`` names each
    output's arm.
    """
    from fairtrial.images.scoring.scores import ledger_rows, score_rows, sources_of
    from fairtrial.images.tuning.scores import with_search_costs, with_trials
    from fairtrial.statistics.scores import hashes_of, make_ledger, make_scores

    count = len(arms)
    outputs: Any = tables[:count]
    histories: Any = zip(arms, tables[count : 2 * count], strict=True)
    searches: Any = tables[2 * count :]
    hashes, sources = hashes_of(manifest, splits), sources_of(manifest)
    rows = score_rows([*outputs, probe], splits, hashes, evaluate.positive, sources)
    costs = with_search_costs(ledger_rows(outputs, histories), searches)
    return make_scores(with_trials(rows, optimize.trials)), make_ledger(costs)


def draw_searches(
    scores: "pd.DataFrame", optimize: Tune, *searches: "pd.DataFrame", primary_metric: str
) -> "tuple[Files, Files, Files, Files]":
    """Draw the progress of the searches, what was chosen and is left of it, all that was tried."""
    from fairtrial.images.tuning import exhibits

    return (
        exhibits.progress_exhibit(searches, optimize),
        exhibits.chosen_exhibit(searches, optimize),
        exhibits.gap_exhibit(scores, primary_metric),
        exhibits.landscape_exhibit(searches, optimize),
    )


def create_tuners_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Chosen models to page."""
    fed = inputs_of(groups["optimize"].recipe)
    suffixes = {f"{arm}__{chunk}": arm for arm in study.arms for chunk in study.chunks()}
    everything = {**suffixes, "untuned__0": "untuned"}
    outputs, histories = (
        [f"{kind}__{suffix}" for suffix in everything] for kind in ("outputs", "history")
    )
    nodes = [
        *(_create_prediction_node(fed, suffix) for suffix in everything),
        create_probe_node(study, [PROBE]),
        make_node(
            score_chosen,
            [
                "manifest",
                "splits",
                "params:optimize",
                "params:evaluate",
                f"outputs__{PROBE}__0",
                *outputs,
                *histories,
                *trial_datasets(study, "trials"),
            ],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_chosen",
            arms=list(everything.values()),
        ),
        make_node(
            draw_searches,
            ["scores", "params:optimize", *trial_datasets(study, "trials")],
            list(_DRAWN),
            stage="evaluate",
            name="draw_searches",
            primary_metric=study.primary_metric,
        ),
        *create_model_nodes(study),
        *create_judging_nodes(study, Evaluate, EXHIBITS, audits=["audit"]),
    ]
    return Pipeline(nodes)


def _create_prediction_node(fed: str, suffix: str) -> Node:
    name = "predict_untuned" if suffix == "untuned__0" else f"predict_items__{suffix}"
    return make_node(
        predict_items,
        [fed, f"model__{suffix}", "manifest", "splits", "params:train"],
        f"outputs__{suffix}",
        stage="evaluate",
        name=name,
    )
