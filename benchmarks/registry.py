"""How much longer `kedro registry list` takes here than in an empty Kedro project.

Both run in turn on the same machine, so that its speed and load drop out of the ratio.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
REPEATS = 7

_FILES = {
    "pyproject.toml": (
        '[tool.kedro]\npackage_name = "nothing"\nproject_name = "Nothing"\n'
        'kedro_init_version = "1.7.0"\nsource_dir = "src"\n'
    ),
    ".telemetry": "consent: false\n",
    "conf/base/catalog.yml": "",
    "conf/local/parameters.yml": "",
    "src/nothing/__init__.py": "",
    "src/nothing/settings.py": "",
    "src/nothing/pipeline_registry.py": (
        "from kedro.pipeline import Pipeline\n\n\n"
        "def register_pipelines():\n    return {'__default__': Pipeline([])}\n"
    ),
}


def make_empty_project(folder: Path) -> Path:
    """A Kedro project without a node."""
    for name, content in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def seconds_of_listing(project: Path) -> float:
    """Wall time of one `kedro registry list`, interpreter's start included."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "kedro", "registry", "list"],
        cwd=project,
        env={**os.environ, "DO_NOT_TRACK": "1"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def main() -> None:
    """Measure in turn; print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        empty = make_empty_project(Path(folder))
        for project in (empty, PROJECT):
            seconds_of_listing(project)  # fills the caches of bytecode and disk
        pairs = [(seconds_of_listing(empty), seconds_of_listing(PROJECT)) for _ in range(REPEATS)]
    nothing, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ours / nothing for nothing, ours in pairs)
    print(f"kedro registry list: {ours:.2f} s, empty project {nothing:.2f} s: {ratio:.2f} times")


if __name__ == "__main__":
    main()
