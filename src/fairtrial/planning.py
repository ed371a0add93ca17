"""What a run would do, without doing it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kedro.pipeline import Pipeline

from fairtrial.core.errors import FairtrialError
from fairtrial.hooks import check_ready
from fairtrial.pipeline_registry import study_stages
from fairtrial.session import open_catalog
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.fingerprints import expected_fingerprints, stale_outputs
from fairtrial.storage.seals import read_seal
from fairtrial.studies import Plan, read_plans


def plan_run(
    env: str | None, conf_source: str | None, params: dict[str, Any], workers: int
) -> Iterator[str]:
    """Lines that say, study by study, what ``--only-missing-outputs`` would make.

    Time and disk are measured ones: those of the stored versions of the same node, or of another
    node of the same function. Where nothing of the kind has run in the workspace, it says so.
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
    known = _measured(pipeline.nodes, catalog)
    seconds = size = 0.0
    unknown = trials = 0
    for node in todo:
        if (node.namespace or "").endswith((".train", ".optimize")):
            trials += len(getattr(node.func, "keywords", {}).get("blocks", ()))
        measured = known.get(node.name) or known.get(_function(node))
        if measured is None:
            unknown += 1
        else:
            seconds += measured[0]
            size += measured[1]
    line = (
        f"{name}: {len(todo)} of {len(pipeline.nodes)} nodes to run, {trials} trials"
        f"{f', about {seconds:.0f} s and {size / 1e6:.1f} MB' if len(todo) > unknown else ''}"
        f"{f' ({unknown} nodes never measured here: no estimate)' if unknown else ''}{missing}"
    )
    return line, seconds


def _function(node: Any) -> str:
    func = getattr(node.func, "func", node.func)
    return f"{func.__module__}.{func.__qualname__}"


def _measured(nodes: list[Any], catalog: TrialCatalog) -> dict[str, tuple[float, float]]:
    """Node name, and function name -> seconds and bytes of what is stored."""
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
            before = found.get(_function(node), (0.0, 0.0))
            found[_function(node)] = (max(before[0], seconds), max(before[1], size))
    return found
