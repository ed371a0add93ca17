"""Trials of a melody study: what is known of each, and the ledger's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.melodies.collapse import tell_collapse
from fairtrial.melodies.piano_roll import Roll


@dataclass(frozen=True)
class Trial:
    """One run of one arm.

    Args:
        arm: its name.
        block: the run's name.
        bars: what its generator wrote, uint8 (n, 48, 64); none where it diverged.
        updates: of its training.
        seconds: its training took.
        device: it was trained on.
        threads: of torch, that it was trained with.
    """

    arm: str
    block: str
    bars: Roll | None
    updates: int
    seconds: float
    device: str
    threads: int


def gather_trials(
    arm: str, description: Mapping[str, Any], bars: Roll, history: pd.DataFrame
) -> list[Trial]:
    """Trials of one arm and chunk.

    Args:
        arm: its name.
        description: of the generated bars: blocks, statuses, updates, device.
        bars: uint8 (blocks, n, 48, 64).
        history: of the chunk's training: block, seconds, threads.
    """
    most = history.groupby("block")[["seconds", "threads"]].max()
    return [
        Trial(
            arm=arm,
            block=block,
            bars=bars[index] if description["statuses"][block] == "ok" else None,
            updates=description["updates"],
            seconds=float(most.loc[block, "seconds"]),
            device=description["device"],
            threads=int(most.loc[block, "threads"]),
        )
        for index, block in enumerate(description["blocks"])
    ]


def draw_reference(held_out: Roll, n_items: int, generator: np.random.Generator) -> Roll:
    """The held-out bars that every arm is compared with: ``n_items`` of them, or all."""
    return held_out[np.sort(generator.permutation(len(held_out))[:n_items])]


def ledger_rows(trials: Sequence[Trial], study: str) -> Iterator[dict[str, Any]]:
    """Rows of the ledger; a collapsed run is told in its note."""
    for trial in trials:
        yield {
            "study": study,
            "arm": trial.arm,
            "block": trial.block,
            "status": "ok" if trial.bars is not None else "diverged",
            "budget": trial.updates,
            "budget_unit": "updates",
            "seconds": trial.seconds,
            "device": trial.device,
            "threads": trial.threads,
            "note": "" if trial.bars is None else tell_collapse(trial.bars),
        }
