"""Where the node that is running may keep its checkpoints.

The roof knows a node's fingerprint and sets the folder; a node adapter hands it down as a plain
argument, so the domains never look here. Outside a run there is none.
"""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path

_FOLDER: ContextVar[Path | None] = ContextVar("checkpoint_folder", default=None)


def set_checkpoint_folder(folder: Path | None) -> None:
    """Set the folder of the node about to run."""
    _FOLDER.set(folder)


def checkpoint_folder() -> Path | None:
    """Folder ``<workspace>/_checkpoints/<fingerprint>`` of the running node, or none."""
    return _FOLDER.get()
