"""Every file of a workspace, hashed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fairtrial.core.errors import StorageError
from fairtrial.core.files import PARTIAL
from fairtrial.core.hashing import sha256_file
from fairtrial.storage.seals import CHECKSUM, faults, sealed_folders


def verify_workspace(workspace: Path) -> Iterator[StorageError]:
    """All that differs from what was written: versions, records of runs, the index, raw items.

    Raw items of a user count as altered when their content has changed although their size and
    time of change have not: a disk at fault. New content with a new time is a new input.
    """
    sealed = set(sealed_folders(workspace))
    for folder in sorted(sealed):
        yield from faults(folder, fresh=True)
    for path in _written_files(workspace):
        if not any(parent in sealed for parent in path.parents):
            yield from _checksum_faults(path)
    for cache in sorted((workspace / "_cache").glob("*_raw.json")):
        yield from _raw_faults(cache)


def _tops(workspace: Path) -> list[Path]:
    """Folders of this workspace alone: another environment's may lie inside it."""
    return sorted([*workspace.glob("[0-9][0-9]_*"), *workspace.glob("_*")])


def _written_files(workspace: Path) -> Iterator[Path]:
    for top in _tops(workspace):
        # Raw items are a user's; a checkpoint carries its own checksum, see training/loop.py.
        if top.name in ("01_raw", "_checkpoints"):
            continue
        for path in sorted(top.rglob("*")):
            unfinished_part = any(PARTIAL in part for part in path.parts)
            if path.is_file() and not path.name.endswith(CHECKSUM) and not unfinished_part:
                yield path


def _checksum_faults(path: Path) -> Iterator[StorageError]:
    remedy = f"Remove {path}; a run writes it anew if it is needed."
    beside = path.with_name(path.name + CHECKSUM)
    if not beside.is_file():
        yield StorageError(path, "a file that a run wrote", "one without a checksum", remedy)
    elif beside.read_text(errors="replace").strip() != sha256_file(path):
        yield StorageError(path, "the content that was written", "an altered one", remedy)


def _raw_faults(cache: Path) -> Iterator[StorageError]:
    if any(True for _ in _checksum_faults(cache)):
        return  # told already, and not to be trusted
    for name, (size, changed, digest) in json.loads(cache.read_bytes()).items():
        path = Path(name)
        status = path.stat() if path.is_file() else None
        same = status is not None and [status.st_size, status.st_mtime_ns] == [size, changed]
        if same and sha256_file(path) != digest:
            rule = f"SHA-256 {digest[:12]}... as first read"
            yield StorageError(path, rule, "another", "Restore the file.")
