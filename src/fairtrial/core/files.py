"""Files that are whole or absent: written beside their place, synced, then renamed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# A file whose name holds this mark is unfinished; readers and `latest` searches pass it over.
PARTIAL = ".partial-"

_PROJECT = Path(__file__).parents[3]


def project_path(path: str) -> Path:
    """A path of a parameter: ``~`` expanded; a relative one starts at the project's root."""
    return _PROJECT / Path(path).expanduser()


def partial_path(path: Path) -> Path:
    """A fresh name in the same folder for the unfinished form of ``path``.

    It carries process and machine, so that leftovers of dead processes can be told and removed.
    """
    mark = f"{os.getpid()}-{uuid.uuid4().hex[:8]}-{socket.gethostname()}"
    return path.with_name(f".{path.name}{PARTIAL}{mark}")


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_file(path: Path, mode: str = "wb") -> Iterator[IO]:
    """Open ``path`` for writing; it appears whole when the block ends well, else not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = partial_path(path)
    try:
        with part.open(mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` atomically."""
    with atomic_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the exclusive lock of ``folder`` among processes of this machine."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
