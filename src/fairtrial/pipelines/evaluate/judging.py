"""The end of every study: scores become a verdict, figures and a page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Node

from fairtrial.core.study import Study
from fairtrial.pipelines.wiring import make_node
from fairtrial.statistics.parameters import VerdictParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Files


def judge_study(
    scores: "pd.DataFrame",
    ledger: "pd.DataFrame",
    ingest_report: dict[str, Any],
    parameters: VerdictParameters,
    *audits: dict[str, Any],
    design: str,
    primary_metric: str,
) -> dict[str, Any]:
    """Judge the arms by the primary metric; audits add warnings, and what probes see."""
    from fairtrial.evidence.report import check_report
    from fairtrial.statistics.verdict import judge

    report = check_report(ingest_report)
    return judge(
        scores,
        design=design,
        primary_metric=primary_metric,
        parameters=parameters,
        synthetic=report["synthetic"],
        warnings=[*report["warnings"], *(text for audit in audits for text in audit["warnings"])],
        ledger=ledger,
        sees={name: text for audit in audits for name, text in audit["sees"].items()},
    )


def draw_scores(verdict: dict[str, Any]) -> "Files":
    """Draw the values that were compared, arm by arm."""
    from fairtrial.evidence.verdict_figures import scores_exhibit

    return scores_exhibit(verdict)


def draw_ranks(verdict: dict[str, Any]) -> "Files":
    """Draw the ranks with the critical difference, or the differences with their intervals."""
    from fairtrial.evidence.verdict_figures import ranks_exhibit

    return ranks_exhibit(verdict)


def write_page(
    verdict: dict[str, Any],
    scores: "pd.DataFrame",
    ledger: "pd.DataFrame",
    ingest_report: dict[str, Any],
    lineage: dict[str, dict[str, str]],
    *exhibits: "Files",
) -> str:
    """Put verdict, figures, data, costs and versions on one page that needs nothing else."""
    from fairtrial.evidence.page import render_page

    return render_page(verdict, scores, ledger, ingest_report, lineage, exhibits)


def create_judging_nodes(
    study: Study,
    model: type[VerdictParameters],
    exhibits: Sequence[str] = (),
    audits: Sequence[str] = (),
) -> list[Node]:
    """Nodes from ``scores``, ``ledger`` and ``ingest_report`` to ``page``.

    Args:
        study: its structure.
        model: the kind's class of ``params:evaluate``.
        exhibits: names of further figures (``confusion`` for ``figure__confusion``) in the order
            of the page.
        audits: datasets with ``warnings`` for the verdict, and ``sees``, probe -> what it sees.
    """
    judge = make_node(
        judge_study,
        ["scores", "ledger", "ingest_report", "params:evaluate", *audits],
        "verdict",
        stage="evaluate",
        name="judge_study",
        design=study.design,
        primary_metric=study.primary_metric,
    )
    # Kedro builds one object a parameter, for all nodes that read it: the kind's own class.
    judge.func.__annotations__["parameters"] = model
    figures = ["figure__scores", "figure__ranks", *(f"figure__{name}" for name in exhibits)]
    return [
        judge,
        make_node(draw_scores, ["verdict"], "figure__scores", stage="evaluate", name="draw_scores"),
        make_node(draw_ranks, ["verdict"], "figure__ranks", stage="evaluate", name="draw_ranks"),
        make_node(
            write_page,
            ["verdict", "scores", "ledger", "ingest_report", "lineage", *figures],
            "page",
            stage="evaluate",
            name="write_page",
        ),
    ]
