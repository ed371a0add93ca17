"""Finds the template of a stage for a kind of study: ``pipelines/<stage>/<kind>.py``."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.study import Stage, Study


def create_stage(stage: Stage, study: Study, groups: Mapping[str, Any]) -> Pipeline:
    """Nodes of one stage for one study, still without the study's namespace.

    Args:
        stage: a stage that the study's kind has.
        study: structure.
        groups: its checked parameters, see `fairtrial.studies.Plan`.
    """
    module = importlib.import_module(f"fairtrial.pipelines.{stage}.{study.kind}")
    create = getattr(module, f"create_{study.kind}_pipeline")
    pipeline: Pipeline = create(study, groups)
    return pipeline
