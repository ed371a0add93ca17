"""Ingest a table of results that anyone measured, or the ratings of a rating round."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from kedro.pipeline import Pipeline

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.study import Study
from fairtrial.pipelines.wiring import make_node
from fairtrial.statistics.parameters import ScoresIngest

if TYPE_CHECKING:
    import pandas as pd

    from fairtrial.core.records import RawFolder


def list_results(
    raw: "RawFolder", parameters: ScoresIngest, *, arms: list[str]
) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Read the table; return the manifest (one row a result) and the ingest report."""
    from fairtrial.evidence.report import check_report
    from fairtrial.statistics.results import read_results

    name = PurePath(parameters.table or "").name
    if name not in set(raw.files["path"]):
        raise DataError(f"{raw.root}/{name}", "a table", "nothing", "Mend ingest.table.")
    manifest, report = read_results(raw.read(name), name, arms, parameters)
    return manifest, check_report(report)


def list_ratings(
    raw: "RawFolder", parameters: ScoresIngest, *, arms: list[str]
) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Join ratings with their key; return the manifest (one row a rating) and the ingest report."""
    from fairtrial.evidence.report import check_report
    from fairtrial.statistics.ratings import read_ratings

    contents = {path: raw.read(path) for path in raw.files["path"]}
    manifest, report = read_ratings(contents, raw.root, arms, synthetic=parameters.synthetic)
    return manifest, check_report(report)


def create_scores_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """One node; none for a study that ranks other studies, whose scores are there already.

    Raises:
        ConfigError: not exactly one of a table, ratings and other studies is named, or columns of
            arms that the study lacks.
    """
    parameters: ScoresIngest = groups["ingest"]
    where = f"parameters_{study.name}.yml: {study.name}.ingest"
    named = [part for part in (study.of, parameters.table, parameters.ratings) if part]
    if len(named) != 1:
        raise ConfigError(
            f"{where}.table",
            "either a table or ratings here, or other studies in studies.yml (of)",
            "several" if named else "none of them",
            "Set one of them.",
        )
    unknown = sorted(set(parameters.columns) - set(study.arms))
    if unknown:
        raise ConfigError(
            f"{where}.columns.{unknown[0]}",
            f"an arm of the study ({', '.join(study.arms)})",
            "another name",
            "Add the arm in studies.yml, or take the column out.",
        )
    if study.of:
        return Pipeline([])
    return Pipeline(
        [
            make_node(
                list_ratings if parameters.ratings else list_results,
                ["raw", "params:ingest"],
                ["manifest", "ingest_report"],
                stage="ingest",
                name="list_ratings" if parameters.ratings else "list_results",
                arms=list(study.arms),
            )
        ]
    )
