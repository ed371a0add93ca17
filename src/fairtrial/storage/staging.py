"""Folders that appear whole: built beside their home, then renamed into place in one step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from fairtrial.core.files import PARTIAL, partial_path, sync_folder


def publish(built: Path, final: Path) -> None:
    """Rename a finished folder into its place, durably; what stood there before is replaced."""
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        aside = partial_path(final)
        os.rename(final, aside)
        os.rename(built, final)
        shutil.rmtree(aside)
    else:
        os.rename(built, final)
    sync_folder(final.parent)


def remove_leftovers(workspace: Path) -> int:
    """Remove staging folders of processes that are no more; returns how many.

    The process id is part of their name, so that a run beside this one is left alone.
    """
    removed = 0
    for path in workspace.rglob(f".*{PARTIAL}*"):
        pid = path.name.split(PARTIAL)[-1].split("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            removed += 1
    return removed


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
