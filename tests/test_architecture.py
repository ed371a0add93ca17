"""The floors of the house hold, and reading the registry loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

HEAVY = [
    "pandas",
    "torch",
    "torchvision",
    "matplotlib",
    "scipy",
    "sklearn",
    "scikit_posthocs",
    "statsmodels",
    "seaborn",
    "sympy",
    "highspy",
    "PIL",
    "safetensors",
    "mido",
    "soundfile",
    "verovio",
]

DOMAINS = [
    "core",
    "evidence",
    "images",
    "melodies",
    "optimizers",
    "problems",
    "statistics",
    "training",
]

READ_REGISTRY = """
import sys
from fairtrial.storage.fingerprints import source_digest
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
bootstrap_project({project!r})
assert [source_digest(node.func.func.__module__) for node in pipelines["__default__"].nodes]
print(*sorted(set({heavy!r}) & set(sys.modules)))
"""

DRAW = """
from pathlib import Path
from kedro_viz.data_access import data_access_manager
from kedro_viz.server import load_and_populate_data
load_and_populate_data(Path({project!r}))
print(*data_access_manager.get_sorted_layers_for_registered_pipeline("__default__"))
"""

IMPORT_DOMAINS = """
import importlib, pkgutil, sys
for name in {domains!r}:
    package = importlib.import_module("fairtrial." + name)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print(*sorted(name for name in sys.modules if name.split(".")[0].startswith("kedro")))
"""


def fresh_python(code: str, **environment: str) -> str:
    """What ``code`` prints in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={"DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def test_the_import_contracts_hold() -> None:
    """Arrows go only downwards, and kinds and tools do not import Kedro."""
    # In a process of its own: the linter sets up logging, which silences every logger there is.
    last = fresh_python(
        "from importlinter.cli import lint_imports; print(lint_imports(no_cache=True))"
    )
    assert last == "0"


@pytest.mark.parametrize("env", ["base", "test", "real", "paper"])
def test_reading_the_registry_loads_nothing_heavy(env: str) -> None:
    """Torch, matplotlib and their like load when a node runs, not when it is listed or dated."""
    code = READ_REGISTRY.format(project=str(PROJECT), heavy=HEAVY)
    assert fresh_python(code, KEDRO_ENV=env) == ""


def test_domains_work_without_kedro() -> None:
    """Every module below storage can be imported where Kedro is not loaded."""
    assert fresh_python(IMPORT_DOMAINS.format(domains=DOMAINS)) == ""


@pytest.mark.parametrize("env", ["base", "real"])
def test_the_drawing_orders_its_layers(env: str) -> None:
    """No box of the drawing leads from a later layer back to an earlier one."""
    layers = fresh_python(DRAW.format(project=str(PROJECT)), KEDRO_ENV=env)
    assert layers.split()[:3] == ["raw", "intermediate", "primary"]
    assert layers.split()[-1] == "reporting"
