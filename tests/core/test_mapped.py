"""Pages of mapped arrays are let go, and come back when they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import psutil

from fairtrial.core.mapped import forget_pages


def test_a_pass_over_a_mapped_array_leaves_nothing_behind(tmp_path: Path) -> None:
    """Private memory is back where it was, and the array reads as before."""
    expected = np.arange(4_000_000, dtype=np.int64)
    np.save(tmp_path / "a.npy", expected)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    process = psutil.Process()
    total = int(mapped.sum())
    read = process.memory_full_info().uss
    forget_pages(mapped)
    assert read - process.memory_full_info().uss > 0.9 * mapped.nbytes
    assert int(mapped.sum()) == total == int(expected.sum())


def test_arrays_in_memory_are_left_alone() -> None:
    """What is mapped from no file keeps its content."""
    array = np.arange(10)
    forget_pages(array)
    forget_pages(array[2:5])
    assert array.tolist() == list(range(10))
