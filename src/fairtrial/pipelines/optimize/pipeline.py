"""Stage optimize: optimisers search; exact and local solvers stand beside them."""

from collections.abc import Mapping
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.optimize.problems import create_problems_pipeline

_KINDS = {
    "problems": create_problems_pipeline,
}


def create_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Nodes of this stage for one study, still without the study's namespace.

    Args:
        study: its structure.
        groups: its checked parameters, see `fairtrial.studies.Plan`.
    """
    return _KINDS[study.kind](study, groups)
