"""A run that is killed anywhere and resumed ends as one that was not."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.project import PROJECT, command, copy_conf, environment, run_project, scores_of

# A longer campaign of the same test: FAIRTRIAL_KILLS=20 pytest tests/faults
KILLS = int(os.environ.get("FAIRTRIAL_KILLS", "3"))
LONG_CAMPAIGN = 20
DONE = re.compile(r"\d+/\d+ done: ")
RESUME = ("--only-missing-outputs", "--runner=fairtrial.storage.runner.SpawnRunner")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], int]:
    """Scores of a run that nothing disturbs, and how many nodes it had."""
    folder = tmp_path_factory.mktemp("unbroken")
    done = run_project(copy_conf(folder), *RESUME)
    return scores_of(folder), len(DONE.findall(done.stdout))


@pytest.mark.parametrize("kill", range(KILLS))
def test_killed_at_any_time(
    unbroken: tuple[dict[str, str], int], tmp_path: Path, kill: int
) -> None:
    """SIGKILL to the run and its workers at a seeded moment, resumed: the same scores."""
    scores, nodes = unbroken
    seeded = random.Random(kill)
    # Moments spread over the run's progress, for machines differ in speed; before its last nodes.
    moment = int(0.9 * nodes * (kill + seeded.random()) / KILLS)
    process = subprocess.Popen(
        command(copy_conf(tmp_path), *RESUME),
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            seen += bool(DONE.search(line)) or (moment == 0 and "running" in line)
            if seen >= max(moment, 1):
                break
        time.sleep(0.3 * seeded.random())
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    run_project(tmp_path / "conf", *RESUME)
    assert scores_of(tmp_path) == scores
    assert not list((tmp_path / "data").rglob("*.partial-*"))


@pytest.mark.parametrize("operation", ["write", "fsync", "rename", "renamed"])
def test_killed_in_saves(
    unbroken: tuple[dict[str, str], int], tmp_path: Path, operation: str
) -> None:
    """SIGKILL within every save (of a short campaign: every twentieth), each time resumed."""
    conf = copy_conf(tmp_path)
    script = Path(__file__).parent / "killed_run.py"
    every = "1" if KILLS >= LONG_CAMPAIGN else "20"
    done = subprocess.run(
        [sys.executable, str(script), str(conf), operation, every],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    killed = [line for line in done.stdout.splitlines() if re.fullmatch(r"\w+\.\w+", line)]
    assert len(killed) >= (60 if every == "1" else 3)
    assert len(set(killed)) == len(killed)
    assert scores_of(tmp_path) == unbroken[0]
    run_project(conf, *RESUME)
    assert not list((tmp_path / "data").rglob("*.partial-*"))
