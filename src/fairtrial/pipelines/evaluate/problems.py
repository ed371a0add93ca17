"""Evaluate optimisers on a problem: scores, progress, and the answer itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.wiring import make_node
from fairtrial.problems.parameters import EvaluateParameters, OptimizeParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Files


def score_trials(
    pack: "Any",
    manifest: "pd.DataFrame",
    optimize: OptimizeParameters,
    evaluate: EvaluateParameters,
    *results: "Any",
    study: str,
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Score every run from its stored improvements.

    ``results``: the outputs of all arms and references, then their histories in the same order.
    """
    from fairtrial.core.hashing import sha256_table
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.scoring import ledger_rows, metric_rows
    from fairtrial.statistics.scores import make_ledger, make_scores

    half = len(results) // 2
    trials = _trials(results[:half])
    rows = metric_rows(
        from_pack(pack),
        trials,
        evaluate.targets,
        evaluate.gap_resolution,
        study=study,
        budget=optimize.evaluations,
        manifest_sha256=sha256_table(manifest, "item_id"),
    )
    return make_scores(rows), make_ledger(ledger_rows(trials, results[half:], study=study))


def draw_convergence(
    pack: "Any", optimize: OptimizeParameters, evaluate: EvaluateParameters, *outputs: "Any"
) -> "Files":
    """Draw the best gap against the evaluations spent."""
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.figures import convergence_exhibit

    return convergence_exhibit(
        from_pack(pack), _trials(outputs), optimize.evaluations, evaluate.gap_resolution
    )


def draw_answer(pack: "Any", *outputs: "Any") -> "Files":
    """Tabulate the best points, the references and what others claim."""
    from fairtrial.problems.answer import answer_exhibit
    from fairtrial.problems.compile import from_pack

    return answer_exhibit(from_pack(pack), _trials(outputs))


def draw_sieve_curve(pack: "Any", *outputs: "Any") -> "Files":
    """Draw the grading curves within the limits."""
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.figures import sieve_curve_exhibit

    return sieve_curve_exhibit(from_pack(pack), _trials(outputs))


def _trials(outputs: "tuple[Any, ...]") -> "list[Any]":
    from fairtrial.problems.records import unpack_runs

    return [trial for output in outputs for trial in unpack_runs(output)]


def create_problems_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Scores and ledger, the figures of a problem, the verdict and its page."""
    suffixes = [f"{arm}__{chunk}" for arm in study.arms for chunk in study.chunks()]
    suffixes += [f"{name}__0" for name in groups["references"]]
    outputs = [f"outputs__{suffix}" for suffix in suffixes]
    histories = [f"history__{suffix}" for suffix in suffixes]
    figures = {
        "answer": (draw_answer, ["pack"]),
        "convergence": (draw_convergence, ["pack", "params:optimize", "params:evaluate"]),
    }
    if groups["evaluate"].sieve_curve:
        figures["sieve_curve"] = (draw_sieve_curve, ["pack"])
    nodes: list[Node] = [
        make_node(
            score_trials,
            ["pack", "manifest", "params:optimize", "params:evaluate", *outputs, *histories],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            study=study.name,
        )
    ]
    for name, (draw, inputs) in figures.items():
        nodes.append(
            make_node(
                draw,
                [*inputs, *outputs],
                f"figure__{name}",
                stage="evaluate",
                name=f"draw_{name}",
            )
        )
    return Pipeline([*nodes, *create_judging_nodes(study, EvaluateParameters, list(figures))])
