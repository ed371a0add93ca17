"""What a run would do, without doing it."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.errors import FairtrialError
from fairtrial.core.study import Study
from fairtrial.hooks import check_ready
from fairtrial.pipeline_registry import study_stages
from fairtrial.session import open_catalog
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.fingerprints import expected_fingerprints, stale_outputs
from fairtrial.storage.seals import read_seal
from fairtrial.studies import Plan, raw_place, read_plans


def plan_run(
    env: str | None, conf_source: str | None, params: dict[str, Any], workers: int
) -> Iterator[str]:
    """Lines that say, study by study, what ``--only-missing-outputs`` would make.

    Time and disk are measured ones: those of the stored versions of the same node, or of another
    node of the same function; of trials, those of the same arm by the block. Trials of an arm of
    which none has run in the workspace are rehearsed: a small part of the first one is run and
    scaled up. Of other nodes that never ran it says so.
    """
    catalog = open_catalog(env, conf_source, params)
    total = 0.0
    for plan in read_plans().values():
        line, seconds = _plan_study(plan, catalog)
        total += seconds
        yield line
    free = shutil.disk_usage(_existing(catalog.workspace)).free
    yield (
        f"together about {total / workers:.0f} s of measured work with {workers} worker(s); "
        f"{free / 1e9:.1f} GB free at {catalog.workspace}"
    )


def find_stale(plan: Plan, catalog: TrialCatalog) -> set[str]:
    """Stored datasets of a study that its parameters, code and data of now would make otherwise."""
    pipeline = sum(study_stages(plan).values(), Pipeline([]))
    return stale_outputs(catalog, expected_fingerprints(pipeline, catalog))


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


def _plan_study(plan: Plan, catalog: TrialCatalog) -> tuple[str, float]:
    name = plan.study.name
    pipeline = sum(study_stages(plan).values(), Pipeline([]))
    try:
        check_ready(plan, pipeline, catalog, fetch=False)
        missing = ""
    except FairtrialError as error:
        missing = f"; NOT READY: {error}"
    try:
        catalog.stale = stale_outputs(catalog, expected_fingerprints(pipeline, catalog))
    except FairtrialError as error:
        return f"{name}: NOT READY: {error}", 0.0
    todo = [node for node in pipeline.nodes if any(not catalog.exists(out) for out in node.outputs)]
    known = _measured(pipeline.nodes, plan.study, catalog)
    unmeasured = [node for node in todo if _foreseen(node, plan.study, known) is None]
    rehearsed = {} if missing else _rehearse(plan, unmeasured, catalog)
    costs = [_foreseen(node, plan.study, known) or rehearsed.get(node.name) for node in todo]
    found = [cost for cost in costs if cost is not None]
    seconds, size = sum(cost[0] for cost in found), sum(cost[1] for cost in found)
    trials = sum(_trials(node, plan.study) for node in todo)
    how = ", trials rehearsed" if rehearsed else ""
    rest = len(todo) - len(found)
    line = (
        f"{name}: {len(todo)} of {len(pipeline.nodes)} nodes to run, {trials} trials"
        f"{f', about {seconds:.0f} s and {size / 1e6:.1f} MB{how}' if found else ''}"
        f"{f' ({rest} nodes not in it, as none of the kind has run here)' if rest else ''}"
        f"{missing}"
    )
    return line, seconds


def _trials(node: Any, study: Study) -> int:
    """How many trials a node runs; none for nodes of other stages.

    A naive protocol has the folds of the study. How many sources can be left out is known from
    the pictures alone: such a node counts as one trial.
    """
    if not (node.namespace or "").endswith((".train", ".optimize")):
        return 0
    constants = getattr(node.func, "keywords", {})
    if "blocks" in constants:
        return len(constants["blocks"])
    if "protocol" not in constants:
        return 0
    folds = study.blocks.folds if study.blocks else None
    return folds or 1 if constants["protocol"] == "naive" else 1


def _rehearse(
    plan: Plan, nodes: list[Any], catalog: TrialCatalog
) -> dict[str, tuple[float, float]]:
    """Node name -> forecast seconds and bytes, of nodes that run trials of an arm."""
    wanted = [node for node in nodes if _trials(node, plan.study)]
    if not wanted:
        return {}
    name = plan.study.name
    raw = catalog.load(f"{name}.raw") if raw_place(plan) is not None else None
    forecast = importlib.import_module(f"fairtrial.{plan.study.kind}.forecast").forecast_trials
    forecasts = forecast(plan.study, plan.groups, raw)
    found = {}
    for node in wanted:
        constants = node.func.keywords
        arm = forecasts.get(constants.get("arm") or constants.get("tuner", ""))
        if arm is not None:
            trials = _trials(node, plan.study)
            found[node.name] = (arm.seconds * trials, arm.bytes * trials)
    return found


def _function(node: Any) -> str:
    func = getattr(node.func, "func", node.func)
    return f"{func.__module__}.{func.__qualname__}"


def _kind(node: Any, study: Study) -> str:
    """What nodes of alike cost share: the function, and of those that run trials the arm."""
    if not _trials(node, study):
        return _function(node)
    constants = node.func.keywords
    return f"{_function(node)} {constants.get('arm') or constants.get('tuner', '')}"


def _foreseen(
    node: Any, study: Study, known: dict[str, tuple[float, float]]
) -> tuple[float, float] | None:
    """Seconds and bytes of a node from measured ones; none where nothing like it has run."""
    if node.name in known:
        return known[node.name]
    if (each := known.get(_kind(node, study))) is None:
        return None
    times = _trials(node, study) or 1
    return each[0] * times, each[1] * times


def _measured(
    nodes: list[Any], study: Study, catalog: TrialCatalog
) -> dict[str, tuple[float, float]]:
    """Node name -> seconds and bytes of what is stored; and kind -> those of one trial or node."""
    found: dict[str, tuple[float, float]] = {}
    for node in nodes:
        seals = []
        for output in node.outputs:
            folder = catalog.latest(output)
            seal = read_seal(folder) if folder is not None else None
            if seal is not None and seal.get("seconds") is not None:
                seals.append(seal)
        if seals:
            seconds = max(seal["seconds"] for seal in seals)
            size = sum(file["size"] for seal in seals for file in seal["files"].values())
            found[node.name] = (seconds, size)
            kind, times = _kind(node, study), _trials(node, study)
            # How many trials a further protocol made is not known for sure.
            if times and "protocol" in node.func.keywords:
                continue
            times = times or 1
            before = found.get(kind, (0.0, 0.0))
            found[kind] = (max(before[0], seconds / times), max(before[1], size / times))
    return found
