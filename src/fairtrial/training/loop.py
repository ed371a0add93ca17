"""The loop that every training runs in: updates, progress, checkpoints, divergence.

What one update is, which layers learn and what is measured belongs to the trainee.
"""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from fairtrial.core.errors import StorageError, TrialError
from fairtrial.core.files import atomic_file
from fairtrial.core.hashing import sha256_bytes
from fairtrial.training.progress import progress

LOG = logging.getLogger(__name__)

_HASH_LENGTH = 64

History = Sequence[Mapping[str, float]]


class Trainee(Protocol):
    """What is trained. Its state is tensors and plain data (numbers, text, lists, dicts)."""

    def step(self, index: int) -> Mapping[str, float]:
        """Make update ``index`` (from 0) and return what was measured, the loss at least."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything the next update depends on: model, optimisers, schedules, generators."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from what `state` gave; its tensors are on the CPU."""
        ...


class Diverged(TrialError):  # noqa: N818  (an outcome that callers record, as "diverged")
    """A training whose numbers left the finite.

    Attributes:
        history: the measurements of the updates before.
    """

    history: list[dict[str, float]]


def train(
    trainee: Trainee,
    updates: int,
    *,
    checkpoint: Path | None,
    checkpoint_every: int,
    label: str,
    stop: Callable[[History], bool] | None = None,
) -> list[dict[str, float]]:
    """Make all updates, or those that a stopped run left over.

    On the CPU a resumed training ends bit-identically to an unbroken one.

    Args:
        trainee: what is trained.
        updates: updates in all.
        checkpoint: file that holds the state between runs; none keeps no state. It is deleted when
            the training ends, also when it diverges.
        checkpoint_every: updates between two checkpoints.
        label: the trial's name on the log and in errors.
        stop: asked after each update with the history, whether the training ends early.

    Returns:
        One mapping an update: ``update`` (from 1) and the trainee's measurements.

    Raises:
        Diverged: a measurement is not finite.
        StorageError: the checkpoint is damaged or belongs to another training.
    """
    history: list[dict[str, float]] = []
    if checkpoint is not None and checkpoint.exists():
        stored = read_checkpoint(checkpoint)
        _check_same(checkpoint, stored, label, updates)
        trainee.restore(stored["trainee"])
        history = stored["history"]
        LOG.info("%s: goes on after update %d of %d", label, len(history), updates)
    with progress(LOG, label, updates, len(history)) as show:
        while len(history) < updates and not (stop is not None and stop(history)):
            index = len(history)
            # Plain floats: a numpy scalar would make the checkpoint unloadable.
            measured = {key: float(value) for key, value in trainee.step(index).items()}
            bad = [
                f"{key} = {value}" for key, value in measured.items() if not math.isfinite(value)
            ]
            if bad:
                _discard(checkpoint)
                error = Diverged(
                    f"{label}, update {index + 1}",
                    "finite numbers",
                    ", ".join(bad),
                    "Lower the learning rate or look at the data.",
                )
                error.history = history
                raise error
            history.append({"update": index + 1, **measured})
            done = len(history)
            show(done, measured)
            if checkpoint is not None and done < updates and done % checkpoint_every == 0:
                write_checkpoint(
                    checkpoint,
                    {
                        "label": label,
                        "updates": updates,
                        "history": history,
                        "trainee": trainee.state(),
                    },
                )
    _discard(checkpoint)
    return history


def write_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write tensors and plain data to ``path`` atomically, led by their SHA-256.

    Hash and content share one file: two files could be torn apart by a kill between their renames.
    """
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getvalue()
    with atomic_file(path) as file:
        file.write(sha256_bytes(payload).encode())
        file.write(payload)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """What `write_checkpoint` wrote; no code in the file is ever run.

    Raises:
        StorageError: the content does not match its hash.
    """
    data = path.read_bytes()
    expected, payload = data[:_HASH_LENGTH], data[_HASH_LENGTH:]
    found = sha256_bytes(payload).encode()
    if found != expected:
        raise StorageError(
            path,
            f"a checkpoint with SHA-256 {expected[:12].decode(errors='replace')}...",
            f"{found[:12].decode()}...",
            "The file is damaged: delete it to train this trial from its start.",
        )
    content: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    return content


def _check_same(path: Path, stored: dict[str, Any], label: str, updates: int) -> None:
    """Refuse a checkpoint of another trial or length."""
    if (stored["label"], stored["updates"]) != (label, updates):
        raise StorageError(
            path,
            f"a checkpoint of {label} with {updates} updates",
            f"one of {stored['label']} with {stored['updates']}",
            "Delete it, or keep the checkpoints of different trainings in different folders.",
        )


def _discard(checkpoint: Path | None) -> None:
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
