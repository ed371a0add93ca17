"""Stage train: one node trains the trials of one arm and chunk."""

from collections.abc import Mapping
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Study
from fairtrial.pipelines.train.images import create_images_pipeline
from fairtrial.pipelines.train.melodies import create_melodies_pipeline

_KINDS = {
    "images": create_images_pipeline,
    "melodies": create_melodies_pipeline,
}


def create_pipeline(study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Nodes of this stage for one study, still without the study's namespace.

    Args:
        study: its structure.
        groups: its checked parameters, see `fairtrial.studies.Plan`.
    """
    return _KINDS[study.kind](study, groups)
