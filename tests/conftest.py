"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Machines differ in speed: no test is timed. In CI the same examples are tried every time.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

# One thread a process: the suite runs on several processes, and results depend on the number.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real X-rays, fish, MIDI files and weights, laid out as its README says."""
    folder = Path(os.environ.get("FAIRTRIAL_REAL_DATA", PROJECT.parent / "shared" / "data"))
    if not (folder / "xray" / "metadata.csv").is_file():
        pytest.skip(f"no real data at {folder}; set FAIRTRIAL_REAL_DATA to its folder")
    return folder
