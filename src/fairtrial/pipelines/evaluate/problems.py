"""Evaluate optimisers on a problem: the answer with its proof, then how they compare."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node, Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.evaluate.judging import create_judging_nodes
from fairtrial.pipelines.evaluate.problems_practice import practice_figures, practice_nodes
from fairtrial.pipelines.wiring import make_node
from fairtrial.problems.parameters import EvaluateParameters, OptimizeParameters
from fairtrial.problems.ready import factorial_arms

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Files

# Figures of every problem, in the order of the page; those that only some have stand between.
ANSWER = ("answer", "certificate", "binding", "sensitivity")
COMPARISON = ("convergence", "targets", "gaps")


def certify_answer(pack: "Any", evaluate: EvaluateParameters, *outputs: "Any") -> "dict[str, Any]":
    """Prove the best answer of all runs, price its limits and judge what others claim."""
    from fairtrial.problems.certificates.certificate import certify
    from fairtrial.problems.compile import from_pack

    return certify(from_pack(pack), _trials(outputs), evaluate.batch_step)


def score_trials(
    pack: "Any",
    manifest: "pd.DataFrame",
    certificate: "dict[str, Any]",
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
    trials, problem = _trials(results[:half]), from_pack(pack)
    optimum = certificate["optimum"]
    rows = metric_rows(
        problem,
        trials,
        evaluate.targets,
        evaluate.gap_resolution,
        study=study,
        budget=optimize.evaluations,
        manifest_sha256=sha256_table(manifest, "item_id"),
        optimum=problem.point(optimum["point"]) if optimum and optimum["unique"] else None,
    )
    return make_scores(rows), make_ledger(ledger_rows(trials, results[half:], study=study))


def draw_answer(
    pack: "Any", certificate: "dict[str, Any]", *outputs: "Any", more: "list[str]"
) -> "tuple[Files, ...]":
    """Draw the answer, its certificate, what binds, what it owes to what; then ``more``."""
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.exhibits.answer import answer_exhibit
    from fairtrial.problems.exhibits.binding import binding_exhibit, sensitivity_exhibit
    from fairtrial.problems.exhibits.optional import OPTIONAL, Shown
    from fairtrial.problems.exhibits.proofs import certificate_exhibit
    from fairtrial.problems.printed import printed_rows

    problem, trials = from_pack(pack), _trials(outputs)
    shown = Shown(problem, certificate, trials, printed_rows(pack))
    return (
        answer_exhibit(problem, certificate, trials),
        certificate_exhibit(problem, certificate),
        binding_exhibit(problem, certificate),
        sensitivity_exhibit(problem, certificate),
        *(OPTIONAL[name](shown) for name in more),
    )


def draw_comparison(
    pack: "Any",
    scores: "pd.DataFrame",
    optimize: OptimizeParameters,
    evaluate: EvaluateParameters,
    seed: int,
    *outputs: "Any",
    study: str,
) -> "tuple[Files, Files, Files]":
    """Draw progress by evaluations, how soon targets are reached, and how far off runs end."""
    from fairtrial.core.seeds import stream
    from fairtrial.problems.compile import from_pack
    from fairtrial.problems.exhibits.progress import convergence_exhibit
    from fairtrial.problems.exhibits.targets import gaps_exhibit, targets_exhibit

    problem = from_pack(pack)
    generator = stream(seed, study, "running_times")
    return (
        convergence_exhibit(
            problem, _trials(outputs), optimize.evaluations, evaluate.gap_resolution
        ),
        targets_exhibit(scores, evaluate.alpha, evaluate.resamples, generator),
        gaps_exhibit(scores, evaluate.alpha, is_mix=problem.definition.blend is not None),
    )


def draw_factors(
    scores: "pd.DataFrame", evaluate: EvaluateParameters, *, arms: "list[str]"
) -> "Files":
    """Draw what each mechanism does, alone and together with others."""
    from fairtrial.problems.exhibits.factors import factors_exhibit

    return factors_exhibit(scores[scores["arm"].isin(arms)], evaluate.factors, evaluate.alpha)


def _trials(outputs: "tuple[Any, ...]") -> "list[Any]":
    from fairtrial.problems.records import unpack_runs

    return [trial for output in outputs for trial in unpack_runs(output)]


def create_problems_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Certificate, scores and ledger, the figures of a problem, the verdict and its page."""
    suffixes = [f"{arm}__{chunk}" for arm in study.arms for chunk in study.chunks()]
    suffixes += [f"{name}__0" for name in groups["references"]]
    outputs = [f"outputs__{suffix}" for suffix in suffixes]
    histories = [f"history__{suffix}" for suffix in suffixes]
    evaluate: EvaluateParameters = groups["evaluate"]
    more = list(evaluate.exhibits)
    settings = ["params:optimize", "params:evaluate"]
    nodes: list[Node] = [
        make_node(
            certify_answer,
            ["pack", "params:evaluate", *outputs],
            "certificate",
            stage="evaluate",
            name="certify_answer",
        ),
        make_node(
            score_trials,
            ["pack", "manifest", "certificate", *settings, *outputs, *histories],
            ["scores", "ledger"],
            stage="evaluate",
            name="score_trials",
            study=study.name,
        ),
        make_node(
            draw_answer,
            ["pack", "certificate", *outputs],
            [f"figure__{name}" for name in (*ANSWER, *more)],
            stage="evaluate",
            name="draw_answer",
            more=more,
        ),
        make_node(
            draw_comparison,
            ["pack", "scores", *settings, "params:seed", *outputs],
            [f"figure__{name}" for name in COMPARISON],
            stage="evaluate",
            name="draw_comparison",
            study=study.name,
        ),
    ]
    nodes += practice_nodes(study, evaluate, outputs)
    figures = [*ANSWER, *practice_figures(evaluate), *more, *COMPARISON]
    if groups["optimize"].sweep is not None:
        figures.append("sweep")
    if evaluate.factors:
        figures.append("factors")
        nodes.append(
            make_node(
                draw_factors,
                ["scores", "params:evaluate"],
                "figure__factors",
                stage="evaluate",
                name="draw_factors",
                arms=factorial_arms(study, groups),
            )
        )
    judging = create_judging_nodes(study, EvaluateParameters, figures, audits=["certificate"])
    return Pipeline([*nodes, *judging])
