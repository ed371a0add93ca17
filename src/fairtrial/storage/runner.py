"""A runner over spawned workers that goes on past a failed node and says exactly what happened."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from kedro.io import CatalogProtocol, MemoryDataset
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.runner import AbstractRunner
from kedro.runner.task import Task

from fairtrial.core.cores import usable_cores
from fairtrial.core.errors import ConfigError, TrialError
from fairtrial.storage.catalog import TrialCatalog

_ENVIRONMENT = {
    # Two threads on a busy machine can be many times slower than one: a worker is one core.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # glibc otherwise maps and unmaps every large tensor, and most of a forward pass on large
    # pictures goes into page faults. Other allocators do not read these.
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**26),
}

# What each worker keeps between nodes: its copy of the catalog, its hooks, the run's id.
_worker: dict[str, Any] = {}


def prepare_environment() -> None:
    """Set what processes started from now on inherit: one thread each, memory that is kept."""
    os.environ.update(_ENVIRONMENT)


def _die_with_parent() -> None:
    """End this worker when its parent is gone; else it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start_worker(package: str | None, catalog: CatalogProtocol, run_id: str | None) -> None:
    """Set up a spawned process: project, logging, hooks, catalog."""
    # An interrupt reaches the whole group; the parent alone decides what to do with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    # Hooks are registered as Kedro's own session does it; there is no public way.
    from kedro.framework.hooks.manager import (
        _create_hook_manager,
        _register_hooks,
        _register_hooks_entry_points,
    )
    from kedro.framework.project import LOGGING, configure_logging, configure_project, settings

    configure_project(str(package))
    configure_logging(dict(LOGGING))
    hooks = _create_hook_manager()
    _register_hooks(hooks, settings.HOOKS)
    _register_hooks_entry_points(hooks, settings.DISABLE_HOOKS_FOR_PLUGINS)
    _worker.update(catalog=catalog, hooks=hooks, run_id=run_id)


def _run_node(pickled: bytes) -> dict[str, str]:
    """Run one node here; returns which versions this worker has loaded so far."""
    Task(
        node=pickle.loads(pickled),
        catalog=_worker["catalog"],
        is_async=False,
        hook_manager=_worker["hooks"],
        run_id=_worker["run_id"],
    ).execute()
    return dict(_worker["catalog"].loaded)


class SpawnRunner(AbstractRunner):
    """Runs independent nodes at the same time, each in a spawned process of one thread.

    A node that fails holds back only what depends on it. At the end the log names what was done,
    what failed and what waited, and the run fails if anything did.

    Args:
        max_workers: number of processes; as many as cores when left out.
    """

    def __init__(self, max_workers: int | None = None, is_async: bool = False) -> None:
        super().__init__(is_async=False)
        if is_async:
            raise ConfigError(
                "runner-params: is_async", "false", "true", "Workers already run side by side."
            )
        self._max_workers = self._validate_max_workers(max_workers or usable_cores())

    def _get_executor(self, max_workers: int) -> ProcessPoolExecutor:
        raise ConfigError("SpawnRunner", "a catalog to start workers with", "none", "Call run().")

    def _run(
        self,
        pipeline: Pipeline,
        catalog: TrialCatalog,  # type: ignore[override]
        hook_manager: Any = None,
        run_id: str | None = None,
    ) -> None:
        if not pipeline.nodes:
            return
        _check_persistent(pipeline, catalog)
        from kedro.framework.project import PACKAGE_NAME

        prepare_environment()
        workers = min(self._max_workers, max(len(group) for group in pipeline.grouped_nodes))
        # Study by study, so that the first verdicts come early; whoever waits takes the next one.
        todo = sorted(pipeline.nodes, key=lambda node: str(node.namespace).partition(".")[0])
        parents = pipeline.node_dependencies
        done: set[Node] = set()
        failed: dict[Node, BaseException] = {}
        running: dict[Future[dict[str, str]], Node] = {}
        with ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(PACKAGE_NAME, catalog, run_id),
        ) as pool:
            try:
                while True:
                    ready = [node for node in todo if parents[node] <= done]
                    for node in ready[: workers - len(running)]:
                        todo.remove(node)
                        # The pool's own pickler strips the name off a partial function.
                        running[pool.submit(_run_node, pickle.dumps(node))] = node
                    if not running:
                        break
                    finished, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in finished:
                        node = running.pop(future)
                        error = future.exception()
                        if error is None:
                            done.add(node)
                            catalog.loaded.update(future.result())
                            self._logger.info(
                                "%d/%d done: %s", len(done), len(pipeline.nodes), node.name
                            )
                        else:
                            failed[node] = error
                            self._logger.error("failed: %s: %s", node.name, error)
                            if isinstance(error, BrokenProcessPool):
                                todo.clear()
            finally:
                # Everything that was to be saved is saved, or an interrupt wants an end; workers
                # would take seconds to unload their libraries.
                pool.shutdown(wait=False, cancel_futures=True)
                for process in multiprocessing.active_children():
                    process.kill()
        if failed:
            waited = sorted(set(pipeline.nodes) - done - set(failed))
            raise _failure(done, failed, waited)


def _check_persistent(pipeline: Pipeline, catalog: CatalogProtocol) -> None:
    """Refuse results that would vanish with the worker that made them."""
    for name in sorted(pipeline.all_outputs()):
        if name not in catalog or isinstance(catalog.get(name), MemoryDataset):
            raise ConfigError(
                f"output {name}",
                "an entry in catalog.yml",
                "none",
                "Add one, or mend the name: its result would be thrown away.",
            )


def _names(nodes: Iterable[Node], most: int = 8) -> str:
    """Names of the nodes, the first few of many."""
    names = sorted(node.name for node in nodes)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "none") + more


def _failure(done: set[Node], failed: dict[Node, BaseException], waited: list[Node]) -> TrialError:
    first = next(iter(failed.values()))
    remedy = (
        "Mend the cause and repeat the command with --only-missing-outputs: "
        f"what is done stays done. First cause: {type(first).__name__}: {first}"
    )
    if isinstance(first, BrokenProcessPool):
        remedy = (
            "A worker was killed, most often for want of memory: repeat the command with "
            "--only-missing-outputs and fewer workers (--runner-params=max_workers=1)."
        )
    error = TrialError(
        f"{len(failed)} of {len(done) + len(failed) + len(waited)} nodes",
        "to finish",
        f"{len(done)} done; failed: {_names(failed)}; waiting for them: {_names(waited)}",
        remedy,
    )
    error.__cause__ = first
    return error
