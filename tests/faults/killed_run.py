"""Runs the project again and again, each time killed without warning in a save not yet hit.

Usage: killed_run.py CONF OPERATION EVERY. In every EVERYth dataset that is saved, the process dies
once at OPERATION: with a file half written (write), before it is synced (fsync), before the
finished version is renamed into place (rename), or after that (renamed). Each new attempt resumes.
Writes the datasets in whose saves it died, and ends when a run comes through.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kedro.framework.startup import bootstrap_project

CONF, OPERATION, EVERY = sys.argv[1], sys.argv[2], int(sys.argv[3])


def die(dataset: str, report: int) -> None:
    """Tell the parent where, then end as a power cut does."""
    os.write(report, dataset.encode() + b"\n")
    os.kill(os.getpid(), signal.SIGKILL)


def arm_operation(dataset: str, report: int) -> dict[str, Callable[..., Any]]:
    """Replace the fatal system call; returns what it was."""
    before = {"fsync": os.fsync, "rename": os.rename}

    def half_written(place: int) -> None:
        if os.fstat(place).st_size:
            os.truncate(f"/proc/self/fd/{place}", os.fstat(place).st_size // 2)
            die(dataset, report)
        before["fsync"](place)

    def after_rename(*arguments: Any) -> None:
        before["rename"](*arguments)
        die(dataset, report)

    if OPERATION == "write":
        os.fsync = half_written
    elif OPERATION == "fsync":
        os.fsync = lambda _: die(dataset, report)
    else:
        os.rename = after_rename if OPERATION == "renamed" else lambda *_: die(dataset, report)
    return before


def run(seen: list[str], report: int) -> None:
    """One attempt, which dies in the first save that is due."""
    from fairtrial.session import TrialSession
    from fairtrial.storage.catalog import TrialCatalog

    whole = TrialCatalog.save
    passed: list[str] = []

    def save(catalog: TrialCatalog, dataset: str, data: Any) -> None:
        # Every dataset is counted once, in whichever attempt it is first saved.
        passed.append(dataset)
        new = dataset not in seen
        due = new and (len(set(seen) | set(passed)) % EVERY == 0)
        if new and not due:
            os.write(report, b"-" + dataset.encode() + b"\n")
            seen.append(dataset)
        before = arm_operation(dataset, report) if due else {}
        try:
            whole(catalog, dataset, data)
        finally:
            for name, function in before.items():
                setattr(os, name, function)

    TrialCatalog.save = save
    with TrialSession.create(
        project_path=Path(__file__).parents[2], env="test", conf_source=CONF
    ) as session:
        session.run(only_missing_outputs=True)


def attempt(seen: list[str]) -> tuple[bool, list[str]]:
    """Run in a child that shares what is already imported; whether it came through, and seen."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        run(seen, write)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as lines:
        reported = lines.read().split()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        sys.stdout.write(f"{reported[-1]}\n")
        sys.stdout.flush()
    elif status:
        sys.exit(f"an attempt failed with status {status}")
    return status == 0, [*seen, *(name.removeprefix("-") for name in reported)]


def main() -> None:
    bootstrap_project(Path(__file__).parents[2])
    # Loaded once, for all attempts.
    for heavy in ("pandas", "torch"):
        importlib.import_module(heavy)
    done, seen = False, []
    while not done:
        done, seen = attempt(seen)


if __name__ == "__main__":
    main()
