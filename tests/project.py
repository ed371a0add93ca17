"""Runs the project in a process of its own, with its configuration in a folder of the test's."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

PROJECT = Path(__file__).parents[1]


def copy_conf(folder: Path, env: str = "test") -> Path:
    """A copy of conf/ whose environment ``env`` keeps its outputs in ``folder``/data."""
    conf = folder / "conf"
    shutil.copytree(PROJECT / "conf", conf)
    # What a user keeps in conf/local is no part of a test.
    shutil.rmtree(conf / "local")
    (conf / "local").mkdir()
    (conf / env / "globals.yml").write_text(f"workspace: {folder / 'data'}\n")
    return conf


def add_yaml(path: Path, content: Mapping[str, object]) -> None:
    """Merge top-level keys into a YAML file, which may not exist yet."""
    before = yaml.safe_load(path.read_text()) if path.is_file() else {}
    path.write_text(yaml.safe_dump({**(before or {}), **content}, sort_keys=False))


def command(conf: Path, *arguments: str, env: str = "test") -> list[str]:
    """The command line of ``kedro run`` on a copied configuration."""
    return [
        sys.executable,
        "-m",
        "kedro",
        "run",
        f"--conf-source={conf}",
        f"--env={env}",
        *arguments,
    ]


def environment() -> dict[str, str]:
    """One thread, no telemetry, no environment of the caller's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEDRO_")}
    return {**kept, "OMP_NUM_THREADS": "1", "DO_NOT_TRACK": "1"}


def run_project(
    conf: Path, *arguments: str, env: str = "test", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """``kedro run``; with ``check`` its output is shown when it fails."""
    done = subprocess.run(
        command(conf, *arguments, env=env),
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"{done.args}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done


def latest(home: Path) -> Path:
    """The newest version's file of a stored dataset such as .../scores.csv."""
    return max(home.iterdir(), key=lambda path: path.name) / home.name


def scores_of(folder: Path) -> dict[str, str]:
    """study -> SHA-256 of its latest scores."""
    homes = sorted((folder / "data" / "07_model_output").glob("*/scores.csv"))
    return {
        home.parent.name: hashlib.sha256(latest(home).read_bytes()).hexdigest() for home in homes
    }
