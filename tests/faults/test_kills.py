"""A run that is killed anywhere and resumed ends as one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import PROJECT, command, copy_conf, environment, run_project, scores_of

# A longer campaign of the same test: FAIRTRIAL_KILLS=20 pytest tests/faults
KILLS = int(os.environ.get("FAIRTRIAL_KILLS", "3"))
RESUME = ("--only-missing-outputs", "--runner=fairtrial.storage.runner.SpawnRunner")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], float]:
    """Scores of a run that nothing disturbs, and how long it took."""
    folder = tmp_path_factory.mktemp("unbroken")
    start = time.monotonic()
    run_project(copy_conf(folder), *RESUME)
    return scores_of(folder), time.monotonic() - start


@pytest.mark.parametrize("kill", range(KILLS))
def test_killed_at_any_time(
    unbroken: tuple[dict[str, str], float], tmp_path: Path, kill: int
) -> None:
    """SIGKILL to the run and its workers at a seeded time, resumed: the same scores."""
    scores, duration = unbroken
    # Spread over the run, whose first seconds only start Python.
    share = 0.9 * (kill + random.Random(kill).random()) / KILLS
    process = subprocess.Popen(
        command(copy_conf(tmp_path), *RESUME),
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(share * duration)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    run_project(tmp_path / "conf", *RESUME)
    assert scores_of(tmp_path) == scores
    assert not list((tmp_path / "data").rglob("*.partial-*"))


@pytest.mark.parametrize(
    ("operation", "last"), [("write", 5), ("fsync", 30), ("rename", 9)], ids=str
)
def test_killed_in_a_save(
    unbroken: tuple[dict[str, str], float], tmp_path: Path, operation: str, last: int
) -> None:
    """SIGKILL within a save: half through a write, at an fsync, at a rename."""
    conf = copy_conf(tmp_path)
    script = Path(__file__).parent / "killed_run.py"
    done = subprocess.run(
        [sys.executable, str(script), str(conf), operation, str(last)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-3000:]
    run_project(conf, *RESUME)
    assert scores_of(tmp_path) == unbroken[0]
    assert not list((tmp_path / "data").rglob("*.partial-*"))
