"""Ingest a problem: its file is checked and compiled."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.wiring import make_node
from fairtrial.problems.parameters import IngestParameters

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import Arrays, RawFolder


def compile_problem(
    raw: "RawFolder", ingest: IngestParameters
) -> "tuple[Arrays, pd.DataFrame, dict[str, Any]]":
    """Compile the definition; list its variables and constraints."""
    from fairtrial.evidence.report import check_report
    from fairtrial.problems.listing import list_problem, read_from
    from fairtrial.problems.printed import with_printed
    from fairtrial.problems.reading.problem_file import read_problem

    name = PurePosixPath(ingest.definition).name
    read = read_from(raw, name)
    problem, pack = read_problem(name, read)
    manifest, report = list_problem(problem, pack)
    return with_printed(pack, problem, read), manifest, check_report(report)


def create_problems_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """The problem file becomes ``pack``, with its ``manifest``."""
    return Pipeline(
        [
            make_node(
                compile_problem,
                ["raw", "params:ingest"],
                ["pack", "manifest", "ingest_report"],
                stage="ingest",
                name="compile_problem",
            )
        ]
    )
