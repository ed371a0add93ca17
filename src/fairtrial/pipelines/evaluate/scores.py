"""Evaluate results that were measured elsewhere, or in other studies."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.wiring import make_node
from fairtrial.statistics.parameters import ScoresIngest, VerdictParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Files


def score_trials(
    manifest: "pd.DataFrame", ingest: ScoresIngest, *, study: str, metric: str
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Turn the listed results into scores and ledger; ratings of a rater are averaged in an arm."""
    from fairtrial.core.hashing import sha256_table
    from fairtrial.statistics.scores import make_ledger, make_scores

    digest = sha256_table(manifest, "item_id")
    used = manifest[manifest["excluded"] == ""]
    groups = used.groupby(["arm", "block"], sort=False)["value"]
    trials = [
        {
            "study": study,
            "arm": arm,
            "block": block,
            "value": values.mean(),
            # Of a table nobody knows on how many items its values stand.
            "n_items": len(values) if ingest.ratings else None,
        }
        for (arm, block), values in groups
    ]
    shared = {
        "metric": metric,
        "higher_is_better": True if ingest.ratings else ingest.higher_is_better,
        "manifest_sha256": digest,
    }
    scores = make_scores({**trial, **shared} for trial in trials)
    return scores, _ledger_without_costs(scores, "measured elsewhere", make_ledger)


def tabulate_ratings(manifest: "pd.DataFrame") -> "Files":
    """Set the runs of each arm beside each other."""
    from fairtrial.evidence.rating_table import ratings_exhibit

    names = {"arm": "arm", "group": "run", "source": "clip", "block": "rater", "value": "rating"}
    used = manifest[manifest["excluded"] == ""]
    return ratings_exhibit(used[list(names)].rename(columns=names))


def gather_scores(
    *inputs: "Any", study: str, arms: list[str], metric: str, others: list[str]
) -> "tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]":
    """Rank other studies together.

    Args:
        inputs: the scores of each of ``others``, then the ingest report of each.
        study: name of this study.
        arms: arms that all of them share.
        metric: their metric.
        others: names of the studies, which become the blocks.
    """
    from fairtrial.statistics.gather import gather_studies
    from fairtrial.statistics.scores import make_ledger

    tables = dict(zip(others, inputs[: len(others)], strict=True))
    reports = dict(zip(others, inputs[len(others) :], strict=True))
    scores = gather_studies(tables, study, arms, metric)
    synthetic = [name for name, report in reports.items() if report["synthetic"]]
    report = {
        "counts": {"listed": len(others), "used": len(others), "excluded": 0},
        "reasons": {},
        "synthetic": bool(synthetic),
        "notes": [
            f"The blocks are the studies {', '.join(others)}; a value is an arm's mean "
            f"{metric} in one of them.",
            *[f"{name} ran on synthetic samples." for name in synthetic],
        ],
        "warnings": [
            f"{name}: {text}"
            for name, other in reports.items()
            for text in other.get("warnings", [])
        ],
    }
    ledger = _ledger_without_costs(scores, "see the ledger of the study", make_ledger)
    return scores, ledger, report


def draw_attainment(*tables: "pd.DataFrame", others: list[str], arms: list[str]) -> "Files":
    """Draw the share of all targets of all runs of all problems that each arm reaches."""
    from fairtrial.evidence.target_figures import attainment_exhibit
    from fairtrial.statistics.targets import attainment, hits_of_studies, spread_grid

    hits = hits_of_studies(dict(zip(others, tables, strict=True)), arms)
    return attainment_exhibit(attainment(hits, spread_grid(hits)), len(others))


def _ledger_without_costs(scores: "pd.DataFrame", note: str, make_ledger: Any) -> "pd.DataFrame":
    keys = ["study", "arm", "block", "status"]
    ledger: pd.DataFrame = make_ledger(
        {**row, "note": note} for row in scores[keys].to_dict("records")
    )
    return ledger


def create_scores_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Scores from the study's table, or from other studies; then the verdict and its page."""
    constants = {"study": study.name, "metric": study.primary_metric}
    if study.of:
        source = make_node(
            gather_scores,
            [f"{name}_of__{other}" for name in ("scores", "ingest_report") for other in study.of],
            ["scores", "ledger", "ingest_report"],
            stage="evaluate",
            name="gather_scores",
            **constants,
            arms=list(study.arms),
            others=list(study.of),
        )
    else:
        source = make_node(
            score_trials,
            ["manifest", "params:ingest"],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            **constants,
        )
    nodes, figures = [source], []
    # Searches that were compared on problems: their targets can be counted together.
    if study.of and study.primary_metric == "relative_gap":
        figures.append("attainment")
        nodes.append(
            make_node(
                draw_attainment,
                [f"scores_of__{other}" for other in study.of],
                "figure__attainment",
                stage="evaluate",
                name="draw_attainment",
                others=list(study.of),
                arms=list(study.arms),
            )
        )
    if groups["ingest"].ratings:
        figures.append("ratings")
        nodes.append(
            make_node(
                tabulate_ratings,
                ["manifest"],
                "figure__ratings",
                stage="evaluate",
                name="tabulate_ratings",
            )
        )
    return Pipeline([*nodes, *create_judging_nodes(study, VerdictParameters, figures)])
