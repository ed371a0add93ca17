"""Stage evaluate: outputs become scores, scores a verdict, and all of it a page."""

from collections.abc import Mapping
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.evaluate.images import create_images_pipeline
from fairtrial.pipelines.evaluate.melodies import create_melodies_pipeline
from fairtrial.pipelines.evaluate.problems import create_problems_pipeline
from fairtrial.pipelines.evaluate.scores import create_scores_pipeline

_KINDS = {
    "images": create_images_pipeline,
    "melodies": create_melodies_pipeline,
    "problems": create_problems_pipeline,
    "scores": create_scores_pipeline,
}


def create_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Nodes of this stage for one study, still without the study's namespace.

    Args:
        study: its structure.
        groups: its checked parameters, see `fairtrial.studies.Plan`.
    """
    return _KINDS[study.kind](study, groups)
