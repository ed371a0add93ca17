"""What every pipeline of every environment keeps: names, persisted outputs, no loose ends."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pytest
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from fairtrial import configuration, pipeline_registry, studies
from fairtrial.core.parameters import NAME_PATTERN, Parameters
from fairtrial.hooks import TrialHooks
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.lineage import LineageDataset
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.studies import Plan

ENVIRONMENTS = ("base", "test", "real", "paper")
MOST_NODES = 200


@dataclass(frozen=True)
class Project:
    """What Kedro builds of one environment before it runs anything."""

    plans: Mapping[str, Plan]
    pipelines: Mapping[str, Pipeline]
    catalog: TrialCatalog

    @property
    def nodes(self) -> list[Node]:
        return self.pipelines["__default__"].nodes


@cache
def project(env: str) -> Project:
    """Plans, pipelines and catalog of one environment."""
    with pytest.MonkeyPatch.context() as patch:
        loader = configuration.open_configuration(env)
        patch.setattr(configuration, "_configuration", loader)
        catalog = TrialCatalog.from_config(
            loader["catalog"], save_version="2026-01-01T00.00.00.000Z"
        )
        TrialHooks().after_catalog_created(catalog)
        return Project(studies.read_plans(), pipeline_registry.register_pipelines(), catalog)


@pytest.fixture(params=ENVIRONMENTS)
def built(request: pytest.FixtureRequest) -> Project:
    return project(request.param)


def test_every_environment_has_studies(built: Project) -> None:
    """No environment is empty, so that the claims below are about something."""
    assert built.plans
    assert {node.namespace.split(".")[0] for node in built.nodes} == set(built.plans)


def test_every_output_is_persisted_and_versioned(built: Project) -> None:
    """A result that no catalog entry keeps would vanish with the run."""
    lost = [
        name
        for name in sorted(built.pipelines["__default__"].all_outputs())
        if built.catalog.versioned(name) is None
        and not isinstance(built.catalog.get(name), RawFolderDataset)
    ]
    assert lost == []


def test_only_raw_items_and_lineage_come_from_outside(built: Project) -> None:
    """Everything else that a node reads is a parameter or made by another node."""
    free = [
        name
        for name in sorted(built.pipelines["__default__"].inputs())
        if not name.startswith("params:")
        and not isinstance(built.catalog.get(name), RawFolderDataset | LineageDataset)
    ]
    assert free == []


def test_a_study_reads_nothing_of_another_but_scores(built: Project) -> None:
    """Studies are independent; only one that ranks others reads theirs, and only scores."""
    for name, plan in built.plans.items():
        nodes = built.pipelines["__default__"].only_nodes_with_namespaces([name])
        foreign = {
            source
            for source in nodes.inputs()
            if not source.startswith("params:") and not source.startswith(f"{name}.")
        }
        gathered = ("scores", "ingest_report")
        assert foreign == {f"{other}.{name}" for other in plan.study.of for name in gathered}
        assert {
            source
            for source in nodes.inputs()
            if source.startswith("params:") and not source.startswith(f"params:{name}.")
        } <= {"params:seed"}


def test_no_catalog_pattern_is_an_orphan() -> None:
    """Each pattern of the catalog serves a dataset of some study in some environment."""
    patterns: set[str] = set()
    matched: set[str | None] = set()
    for built in map(project, ENVIRONMENTS):
        resolver = built.catalog.config_resolver
        patterns |= set(resolver.list_patterns()) - set(built.catalog.default_runtime_patterns)
        matched |= {
            resolver.match_dataset_pattern(name)
            for name in built.pipelines["__default__"].datasets()
        }
    assert sorted(patterns - matched) == []


def test_no_parameter_is_unused_everywhere() -> None:
    """Each group and each arm of each study is the input of a node in some environment."""
    wanted: set[str] = set()
    used: set[str] = set()
    for built in map(project, ENVIRONMENTS):
        for name, plan in built.plans.items():
            for group, value in plan.groups.items():
                if plan.study.of and group == "ingest":
                    continue  # it has nothing to ingest: the scores are there
                entries = value if isinstance(value, Mapping) else {}
                wanted |= {f"params:{name}.{group}.{entry}" for entry in entries}
                wanted |= set() if isinstance(value, Mapping) else {f"params:{name}.{group}"}
        for node in built.nodes:
            used |= {source for source in node.inputs if source.startswith("params:")}
    assert sorted(wanted - used) == []


def test_parameters_reach_nodes_checked(built: Project) -> None:
    """A node's argument for ``params:`` is annotated with its model, so Kedro checks it first."""
    unchecked = []
    for node in built.nodes:
        function = getattr(node.func, "func", node.func)
        constants = getattr(node.func, "keywords", {})
        bound = inspect.signature(function).bind(*node.inputs, **constants)
        for argument, source in bound.arguments.items():
            if str(source).startswith("params:") and source != "params:seed":
                model = node.func.__annotations__.get(argument)
                if not (isinstance(model, type) and issubclass(model, Parameters)):
                    unchecked.append(f"{node.name}({argument})")
    assert unchecked == []


def test_node_names_tell_study_stage_arm_and_chunk(built: Project) -> None:
    """``STUDY.STAGE.verb_noun`` or ``STUDY.STAGE.verb_noun__ARM__CHUNK``."""
    for node in built.nodes:
        study, stage, name = node.name.split(".")
        plan = built.plans[study]
        assert stage in plan.stages
        assert node.namespace == f"{study}.{stage}"
        task, *rest = name.split("__")
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", task), node.name
        assert all(re.fullmatch(NAME_PATTERN, part) for part in rest), node.name
        if rest:
            assert rest[0] in {*plan.study.arms, *plan.groups.get("references", ())}, node.name
            split = plan.groups.get("split")
            chunks = {*plan.study.chunks(), *getattr(split, "protocols", ())}
            assert len(rest) == 1 or rest[1] in chunks, node.name


def test_stages_are_pipelines_and_together_everything(built: Project) -> None:
    """``--pipelines=train`` runs the nodes of that stage, and no node is in two."""
    stages = {name: nodes for name, nodes in built.pipelines.items() if name != "__default__"}
    assert set(stages) == {"ingest", "augment", "train", "optimize", "evaluate"}
    for stage, pipeline in stages.items():
        assert {node.namespace.split(".")[1] for node in pipeline.nodes} <= {stage}
    assert sum(len(pipeline.nodes) for pipeline in stages.values()) == len(built.nodes)


def test_base_stays_small_enough_to_draw() -> None:
    """A node costs time to start and room in the drawing: about 200 at most in base."""
    assert len(project("base").nodes) <= MOST_NODES
