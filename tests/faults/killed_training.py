"""Runs the training of one chunk and kills the process, without warning, before its nth update.

Usage: killed_training.py CONF NODE N. Without a kill (N too large) it ends as a run does.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

CONF, NODE, LAST = sys.argv[1], sys.argv[2], int(sys.argv[3])
_count = 0


def main() -> None:
    from kedro.framework.startup import bootstrap_project

    project = Path(__file__).parents[2]
    bootstrap_project(project)
    from fairtrial.images.trials.trainee import ClassifierTrainee
    from fairtrial.session import TrialSession

    step = ClassifierTrainee.step

    def counted(self: ClassifierTrainee, index: int) -> dict[str, float]:
        global _count
        _count += 1
        if _count == LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(self, index)

    # Replaced on purpose, which type checkers refuse for methods.
    ClassifierTrainee.step = counted  # type: ignore[method-assign]
    with TrialSession.create(project_path=project, env="test", conf_source=CONF) as session:
        session.run(only_missing_outputs=True, to_nodes=[NODE])


if __name__ == "__main__":
    main()
