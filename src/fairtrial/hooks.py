"""What happens around a run: where raw data lies, what is stale, what was done."""

from __future__ import annotations

import importlib
import json
import logging
import shutil
import time
from pathlib import Path
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from fairtrial.configuration import use_configuration, workspace
from fairtrial.core.checkpoints import checkpoint_folder, set_checkpoint_folder
from fairtrial.core.files import locked
from fairtrial.pipeline_registry import study_stages
from fairtrial.session import RUNS
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.fingerprints import expected_fingerprints, stale_outputs
from fairtrial.storage.kaggle import KaggleDataset
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.seals import faults, read_seal, software, write_beside_checksum
from fairtrial.storage.staging import remove_leftovers
from fairtrial.studies import Plan, raw_place, read_plans

_LOG = logging.getLogger("fairtrial")

# Light modules that look for what a study needs before it starts (weights, plug-ins).
_READY = {
    "images": "fairtrial.images.ready",
    "tuners": "fairtrial.images.tuning.ready",
    "melodies": "fairtrial.melodies.ready",
    "song_tuners": "fairtrial.melodies.tuning.ready",
    "problems": "fairtrial.problems.ready",
}


class TrialHooks:
    """Registered in settings.py, in the main process and in every worker."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        use_configuration(context.config_loader)

    @hook_impl
    def after_catalog_created(self, catalog: TrialCatalog) -> None:
        catalog.workspace = workspace()
        for name, plan in read_plans().items():
            place = raw_place(plan)
            home = catalog.workspace / "_cache"
            settings: dict[str, Any] = {
                "cache": str(home / f"{name}_raw.json"),
                "metadata": {"kedro-viz": {"layer": "raw"}},
            }
            if place is not None and place.kaggle:
                catalog[f"{name}.raw"] = KaggleDataset(
                    handle=place.kaggle, record=str(home / f"{name}_kaggle.json"), **settings
                )
            elif place is not None:
                catalog[f"{name}.raw"] = RawFolderDataset(
                    filepath=str(place.folder), pattern=place.pattern, **settings
                )

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: TrialCatalog
    ) -> None:
        remove_leftovers(catalog.workspace)
        for name in sorted(pipeline.inputs()):
            dataset = catalog.get(name)
            if isinstance(dataset, RawFolderDataset):
                # Before the fingerprints, which are of the items.
                dataset.fetch()
        catalog.fingerprints = expected_fingerprints(pipeline, catalog)
        catalog.stale = stale_outputs(catalog, catalog.fingerprints)
        for name in sorted(catalog.stale):
            _LOG.info("stale, made by another recipe: %s", name)
        _warn_of_libraries(pipeline, catalog)
        _warn_of_old_inputs(pipeline, catalog)
        _check_ready(pipeline, catalog, bool(run_params.get("only_missing_outputs")))
        _write_run(run_params, pipeline, catalog, "started")

    @hook_impl
    def before_node_run(self, node: Node, catalog: TrialCatalog) -> None:
        fingerprint = catalog.fingerprints.get(node.outputs[0]) if node.outputs else None
        folder = catalog.workspace / "_checkpoints" / fingerprint[:16] if fingerprint else None
        set_checkpoint_folder(folder)
        catalog.started = time.monotonic()
        _LOG.info("running %s", node.name)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        folder = checkpoint_folder()
        if folder is not None and dataset_name == node.outputs[-1]:
            shutil.rmtree(folder, ignore_errors=True)

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: TrialCatalog
    ) -> None:
        _write_run(run_params, pipeline, catalog, "finished")
        _LOG.info("report: %s", write_index(catalog.workspace))

    @hook_impl
    def on_pipeline_error(
        self,
        error: Exception,
        run_params: dict[str, Any],
        pipeline: Pipeline,
        catalog: TrialCatalog,
    ) -> None:
        _write_run(run_params, pipeline, catalog, f"failed: {error}")
        write_index(catalog.workspace)


def chosen_studies(pipeline: Pipeline) -> list[str]:
    """Names of the studies that have a node in ``pipeline``."""
    return sorted({(node.namespace or "").partition(".")[0] for node in pipeline.nodes})


def check_ready(plan: Plan, pipeline: Pipeline, catalog: TrialCatalog, fetch: bool) -> None:
    """Raise ConfigError or DataError if the study lacks something that its nodes will need.

    Args:
        plan: the study.
        pipeline: its nodes that are to run.
        catalog: where its raw items are looked for.
        fetch: whether published weights may be downloaded now.
    """
    for name in pipeline.inputs():
        dataset = catalog.get(name) if name.startswith(f"{plan.study.name}.") else None
        if isinstance(dataset, RawFolderDataset):
            dataset.require()
    if plan.study.form in _READY:
        ready = importlib.import_module(_READY[plan.study.form])
        ready.check_ready(plan.study, plan.groups, fetch=fetch)


def _check_ready(pipeline: Pipeline, catalog: TrialCatalog, only_missing: bool) -> None:
    plans = read_plans()
    for name in chosen_studies(pipeline):
        outputs = [output for output in pipeline.all_outputs() if output.startswith(f"{name}.")]
        if not only_missing or any(not catalog.exists(output) for output in outputs):
            check_ready(plans[name], pipeline, catalog, fetch=True)


def _warn_of_old_inputs(pipeline: Pipeline, catalog: TrialCatalog) -> None:
    """Tell which stored inputs of a chosen stage were made by a recipe that has changed since."""
    inputs = {name for name in pipeline.inputs() if catalog.versioned(name) is not None}
    if not inputs:
        return
    plans = read_plans()
    old: set[str] = set()
    for name in chosen_studies(pipeline):
        whole = sum(study_stages(plans[name]).values(), Pipeline([]))
        expected = expected_fingerprints(whole, catalog)
        here = {key: value for key, value in expected.items() if key in inputs}
        old |= stale_outputs(catalog, here)
    if old:
        _LOG.warning(
            "made by a recipe that has changed since, and used as it is: %s. "
            "Run the stages before it too, or everything with --only-missing-outputs.",
            ", ".join(sorted(old)),
        )


def _warn_of_libraries(pipeline: Pipeline, catalog: TrialCatalog) -> None:
    changed: dict[str, str] = {}
    for name in pipeline.all_outputs():
        folder = catalog.latest(name)
        if folder is None or name in catalog.stale:
            continue
        for library, found in (read_seal(folder) or {}).get("software", {}).items():
            if found != software().get(library):
                changed[library] = f"{library} {found}, now {software().get(library)}"
    if changed:
        _LOG.warning("stored results were made with %s", "; ".join(sorted(changed.values())))


def _write_run(
    run_params: dict[str, Any], pipeline: Pipeline, catalog: TrialCatalog, status: str
) -> None:
    """Write run.json: which version of each dataset the run loaded or saved.

    Tasks that an orchestrator runs under one id add to one file, so it is merged under a lock.
    """
    run_id = run_params["run_id"]
    folder = catalog.workspace / RUNS / run_id
    folder.mkdir(parents=True, exist_ok=True)
    datasets = {
        name: {"version": version, "use": "loaded"} for name, version in catalog.loaded.items()
    }
    for name in pipeline.all_outputs():
        latest = catalog.latest(name)
        if latest is not None and latest.name == run_id:
            datasets[name] = {"version": run_id, "use": "saved"}
    with locked(folder):
        path = folder / "run.json"
        before = json.loads(path.read_bytes())["datasets"] if path.is_file() else {}
        record = {
            "run_id": run_id,
            "status": status,
            "env": run_params.get("env"),
            "pipelines": run_params.get("pipeline_names"),
            "namespaces": list(run_params.get("namespaces") or []),
            "runtime_params": run_params.get("runtime_params") or {},
            "software": software(),
            "datasets": {**before, **datasets},
        }
        write_beside_checksum(path, json.dumps(record, indent=1, sort_keys=True).encode() + b"\n")


def write_index(folder: Path) -> Path:
    """Rewrite the workspace's index.html from the stored verdicts; returns its path."""
    from fairtrial.evidence.index import render_index

    entries = []
    for home in sorted((folder / "07_model_output").glob("*/verdict.json")):
        version = max(home.glob("[!.]*"), key=lambda path: path.name, default=None)
        if version is None:
            continue
        fault = next(faults(version), None)
        if fault is not None:
            # A report of the rest is worth having; the altered one is named, and never shown.
            _LOG.warning("left out of the index: %s", fault)
            continue
        verdict = json.loads((version / home.name).read_bytes())
        entries.append(
            {
                "verdict": verdict,
                "link": _page_of(folder, home.parent.name, "page", version.name),
                "song": _page_of(folder, home.parent.name, "song_page"),
                "version": version.name,
            }
        )
    path = folder / "08_reporting" / "index.html"
    write_beside_checksum(path, render_index(entries).encode())
    return path


def _page_of(folder: Path, study: str, name: str, oldest: str = "") -> str | None:
    """Link from the index to a study's newest page, unless it is older than ``oldest``."""
    pages = (folder / "08_reporting" / study / f"{name}.html").glob(f"[!.]*/{name}.html")
    newest = max(pages, key=lambda path: path.parent.name, default=None)
    if newest is None or newest.parent.name < oldest:
        return None
    return newest.relative_to(folder / "08_reporting").as_posix()
