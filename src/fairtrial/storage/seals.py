"""The seal of a stored version: what its files were when they were written, and what made them.

A version is a folder. Its ``seal.json`` lists every file with size and SHA-256, the fingerprint of
the recipe that made it, and the libraries in use. A folder without a seal is unfinished; one that
differs from its seal is altered; neither is ever loaded.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fairtrial.core.errors import StorageError
from fairtrial.core.files import PARTIAL, sync_folder, write_bytes
from fairtrial.core.hashing import sha256_bytes, sha256_file, sha256_json

SEAL = "seal.json"
CHECKSUM = ".sha256"

# Recorded with every version; a change is told to the user but makes nothing stale.
_LIBRARIES = ("fairtrial", "kedro", "numpy", "pandas", "scipy", "torch", "torchvision")

# Files checked by this process, so that forty trials on one pack hash it once a worker.
_CHECKED: dict[Path, tuple[int, int, str]] = {}


@cache
def software() -> dict[str, str]:
    """Versions of Python and of the libraries that results may depend on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def _files(folder: Path) -> list[Path]:
    paths = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return sorted(path for path in paths if path != folder / SEAL)


def write_seal(
    folder: Path,
    *,
    dataset: str,
    fingerprint: str | None,
    run_id: str,
    seconds: float | None = None,
) -> None:
    """Sync and hash every file below ``folder``, then write its seal.

    Args:
        folder: the finished content of one version, still in its staging place.
        dataset: name in the catalog.
        fingerprint: hash of the recipe that made it; none outside a run.
        run_id: version under which it is saved.
        seconds: how long its node had been running by then, for later estimates.
    """
    files = {}
    for path in _files(folder):
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        files[path.relative_to(folder).as_posix()] = {
            "size": path.stat().st_size,
            "sha256": sha256_file(path),
        }
    for parent in {path.parent for path in _files(folder)}:
        sync_folder(parent)
    seal = {
        "dataset": dataset,
        "run_id": run_id,
        "fingerprint": fingerprint,
        "seconds": None if seconds is None else round(seconds, 3),
        "files": files,
        "software": software(),
    }
    # The seal vouches for itself too.
    seal["seal_sha256"] = sha256_json(seal)
    write_bytes(folder / SEAL, json.dumps(seal, indent=1, sort_keys=True).encode() + b"\n")


def read_seal(folder: Path) -> dict[str, Any] | None:
    """The seal of ``folder``, or none where there is none.

    Raises:
        StorageError: the seal itself cannot be read.
    """
    path = folder / SEAL
    if not path.is_file():
        return None
    try:
        seal: dict[str, Any] = json.loads(path.read_bytes())
        rest = {key: value for key, value in seal.items() if key != "seal_sha256"}
        whole = seal.get("seal_sha256") == sha256_json(rest)
    except (ValueError, AttributeError):
        whole = False
    if not whole:
        raise StorageError(path, "the seal as written", "altered content", _remedy(folder))
    return seal


def _remedy(folder: Path) -> str:
    return f"Remove the folder {folder} and run again: what is missing is made anew."


def _same(path: Path, expected: dict[str, Any], fresh: bool) -> bool:
    status = path.stat()
    if status.st_size != expected["size"]:
        return False
    key = (status.st_size, status.st_mtime_ns, expected["sha256"])
    if not fresh and _CHECKED.get(path) == key:
        return True
    if sha256_file(path) != expected["sha256"]:
        return False
    _CHECKED[path] = key
    return True


def faults(folder: Path, *, fresh: bool = False) -> Iterator[StorageError]:
    """Every way in which ``folder`` differs from its seal.

    Args:
        folder: one stored version.
        fresh: hash again even what this process has hashed before.
    """
    try:
        seal = read_seal(folder)
    except StorageError as error:
        yield error
        return
    if seal is None:
        yield StorageError(folder, "a seal (a finished version)", "none", _remedy(folder))
        return
    present = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
    for name, expected in seal["files"].items():
        if name not in present:
            yield StorageError(folder / name, "the sealed file", "no file", _remedy(folder))
        elif not _same(present[name], expected, fresh):
            yield StorageError(
                folder / name,
                f"SHA-256 {expected['sha256'][:12]}... and {expected['size']} bytes as sealed",
                f"altered content of {present[name].stat().st_size} bytes",
                _remedy(folder),
            )
    for name in sorted(set(present) - set(seal["files"])):
        yield StorageError(folder / name, "only the sealed files", "one more", _remedy(folder))


def check_seal(folder: Path) -> None:
    """Raise the first of the `faults` of ``folder``."""
    for fault in faults(folder):
        raise fault


def write_beside_checksum(path: Path, data: bytes) -> None:
    """Write a file that is rewritten in place (a run's record, the index) and its checksum."""
    write_bytes(path, data)
    write_bytes(path.with_name(path.name + CHECKSUM), sha256_bytes(data).encode() + b"\n")


def sealed_folders(workspace: Path, study: str = "*") -> Iterator[Path]:
    """All sealed folders of a workspace, or of one study; unfinished ones are passed over."""
    for path in sorted(workspace.glob(f"[0-9][0-9]_*/{study}/**/{SEAL}")):
        if not any(PARTIAL in part for part in path.parts):
            yield path.parent
