"""Folders that appear whole: built beside their home, then renamed into place in one step."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
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


def leftovers(workspace: Path) -> Iterator[Path]:
    """Unfinished files and folders of this workspace; another environment's may lie inside it."""
    for top in sorted([*workspace.glob("[0-9][0-9]_*"), *workspace.glob("_*")]):
        # Below the first level of 01_raw lie a user's own files.
        found = top.glob if top.name == "01_raw" else top.rglob
        yield from sorted(found(f".*{PARTIAL}*"))


def remove_leftovers(workspace: Path) -> int:
    """Remove what processes of this machine that are no more left unfinished; returns how many."""
    removed = 0
    for path in leftovers(workspace):
        pid, _, host = path.name.split(PARTIAL)[-1].split("-", 2)
        if host == socket.gethostname() and not _alive(int(pid)):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            removed += 1
    return removed


def _alive(pid: int) -> bool:
    """Whether the process runs; a killed one that nobody has waited for (a zombie) does not."""
    status = Path(f"/proc/{pid}/stat")
    if status.is_file():
        # "pid (name) state ...", where the name may hold spaces and brackets.
        return status.read_text().rpartition(")")[2].split()[0] not in "ZX"
    try:
        os.kill(pid, 0)  # signal 0 only asks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
