"""Runs the training of one chunk and kills the process, without warning, before its nth update.

Usage: killed_training.py CONF NODE N. Without a kill (N too large) it ends as a run does.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

CONF, NODE, LAST = sys.argv[1], sys.argv[2], int(sys.argv[3])
# What makes an update, by study.
TRAINEES = {
    "xray": "fairtrial.images.trials.trainee:ClassifierTrainee",
    "melody": "fairtrial.melodies.gan.trainee:GanTrainee",
}
_count = 0


def main() -> None:
    from kedro.framework.startup import bootstrap_project

    project = Path(__file__).parents[2]
    bootstrap_project(project)
    from fairtrial.session import TrialSession

    module, _, name = TRAINEES[NODE.partition(".")[0]].partition(":")
    trainee: Any = getattr(importlib.import_module(module), name)
    step = trainee.step

    def counted(self: Any, index: int) -> Any:
        global _count
        _count += 1
        if _count == LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(self, index)

    trainee.step = counted
    with TrialSession.create(project_path=project, env="test", conf_source=CONF) as session:
        session.run(only_missing_outputs=True, to_nodes=[NODE])


if __name__ == "__main__":
    main()
