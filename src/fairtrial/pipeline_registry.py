"""One namespaced pipeline a study, put together from the stage templates."""

from __future__ import annotations

import warnings

from kedro.pipeline import Pipeline

from fairtrial.pipelines.augment import pipeline as augment
from fairtrial.pipelines.evaluate import pipeline as evaluate
from fairtrial.pipelines.ingest import pipeline as ingest
from fairtrial.pipelines.optimize import pipeline as optimize
from fairtrial.pipelines.train import pipeline as train
from fairtrial.studies import Plan, read_plans

_TEMPLATES = {
    "ingest": ingest.create_pipeline,
    "augment": augment.create_pipeline,
    "train": train.create_pipeline,
    "optimize": optimize.create_pipeline,
    "evaluate": evaluate.create_pipeline,
}


def study_stages(plan: Plan) -> dict[str, Pipeline]:
    """Stage -> the study's nodes of that stage, in the study's namespace."""
    study = plan.study
    stages: dict[str, Pipeline] = {}
    for stage in plan.stages:
        nodes = _TEMPLATES[stage](study, plan.groups)
        # Results of other studies are read where those studies write them.
        others = {
            f"{name}_of__{other}": f"{other}.{name}"
            for other in study.of
            for name in ("scores", "ingest_report")
        }
        used = {name: target for name, target in others.items() if name in nodes.inputs()}
        seed = {"params:seed"} & nodes.inputs()
        with warnings.catch_warnings():
            # Kedro wants dots for namespaces alone: here they are another study's.
            warnings.filterwarnings("ignore", "One or more dataset names contain", UserWarning)
            stages[stage] = Pipeline(nodes, namespace=study.name, inputs=used, parameters=seed)
    return stages


def register_pipelines() -> dict[str, Pipeline]:
    """``__default__`` (everything) and one pipeline a stage; studies are their namespaces.

    Raises:
        ConfigError: studies.yml and the parameters do not fit each other.
    """
    pipelines = {stage: Pipeline([]) for stage in _TEMPLATES}
    for plan in read_plans().values():
        for stage, pipeline in study_stages(plan).items():
            pipelines[stage] = pipelines[stage] + pipeline
    everything = sum(pipelines.values(), Pipeline([]))
    return {"__default__": everything, **pipelines}
