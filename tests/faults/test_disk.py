"""Disks that fill up or fail."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DatasetError

from fairtrial.core.records import Arrays
from fairtrial.storage import seals
from fairtrial.storage.catalog import TrialCatalog
from tests.storage.conftest import V1, V2, make_catalog

SMALL = Arrays({"pixels": np.zeros(10, "uint8")})
LARGE = Arrays({"pixels": np.zeros(1_000_000, "uint8")})


@pytest.fixture
def catalog(tmp_path: Path) -> TrialCatalog:
    make_catalog(tmp_path / "data", V1).save("s.pack", SMALL)
    return make_catalog(tmp_path / "data", V2)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Files may not grow beyond 100 kB, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def unharmed(catalog: TrialCatalog) -> bool:
    leftovers = list(catalog.workspace.rglob("*.partial-*"))
    return not leftovers and catalog.load("s.pack")["pixels"].size == 10


def test_a_full_disk_is_loud_and_costs_nothing(catalog: TrialCatalog, small_disk: None) -> None:
    """The save fails, its partial file is removed, the version before it is the latest."""
    with pytest.raises(DatasetError, match="File too large|Failed while saving"):
        catalog.save("s.pack", LARGE)
    assert unharmed(catalog)


@pytest.mark.parametrize(
    ("operation", "nth"), [("fsync", 1), ("fsync", 2), ("fsync", 5), ("rename", 1), ("replace", 1)]
)
def test_a_failing_disk_is_loud_and_costs_nothing(
    catalog: TrialCatalog, monkeypatch: pytest.MonkeyPatch, operation: str, nth: int
) -> None:
    """Whichever fsync or rename of a save fails, the version before it is the latest."""
    real, calls = getattr(os, operation), iter(range(1, 1000))

    def fail(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == nth:
            raise OSError(errno.EIO, "Input/output error")
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, operation, fail)
        with pytest.raises(OSError, match="Input/output error"):
            catalog.save("s.pack", LARGE)
    assert unharmed(catalog)


def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    """A workspace that cannot be written to is an error with its path."""
    blocker = tmp_path / "data"
    blocker.write_text("a file where the workspace should be")
    with pytest.raises(DatasetError, match=str(blocker)):
        make_catalog(blocker, V1).save("s.pack", SMALL)


def test_hashing_sees_the_disk_again(catalog: TrialCatalog) -> None:
    """``fairtrial verify`` does not trust what this process hashed before."""
    folder = catalog.latest("s.pack")
    assert folder is not None
    catalog.load("s.pack")
    path = folder / "pack" / "pixels.npy"
    status = path.stat()
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\x01")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert list(seals.faults(folder, fresh=True))
