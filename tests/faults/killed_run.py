"""Runs the project and kills the process, without warning, at the nth write, fsync or rename.

Usage: killed_run.py CONF OPERATION N. Without a kill (N too large) it ends as a run does.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONF, OPERATION, LAST = sys.argv[1], sys.argv[2], int(sys.argv[3])
_count = 0


def dying(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` that kills the process when it is called for the nth time."""

    def call(*args: Any, **kwargs: Any) -> Any:
        global _count
        _count += 1
        if _count == LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)

    return call


def main() -> None:
    from kedro.framework.startup import bootstrap_project

    project = Path(__file__).parents[2]
    bootstrap_project(project)
    from fairtrial.session import TrialSession

    if OPERATION == "fsync":
        os.fsync = dying(os.fsync)
    elif OPERATION == "rename":
        os.rename = dying(os.rename)
        os.replace = dying(os.replace)
    elif OPERATION == "write":
        whole = Path.write_bytes

        def write_half(path: Path, content: bytes) -> int:
            """Write, but when it is time to die only the first half."""
            last = _count + 1 == LAST
            size = whole(path, content[: len(content) // 2] if last else content)
            counted()
            return size

        counted = dying(lambda: None)
        Path.write_bytes = write_half
    with TrialSession.create(project_path=project, env="test", conf_source=CONF) as session:
        session.run(only_missing_outputs=True)


if __name__ == "__main__":
    main()
