"""Trials of a melody study as rows of scores and ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.extractors import metric_name
from fairtrial.melodies.scoring.judge import (
    COLLAPSED_BELOW,
    Judge,
    Measured,
    distinct_share,
    null_floor,
)

FLOOR = "real_bars"


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


def score_rows(
    trials: Sequence[Trial], judges: Mapping[str, Judge], shared: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Rows of scores: the distances and the share of distinct bars of every trial.

    Args:
        trials: of every arm.
        judges: arm -> what its bars are compared with.
        shared: cells that all rows share.
    """
    for trial in trials:
        judge = judges[trial.arm]
        row = {
            **shared,
            "arm": trial.arm,
            "block": trial.block,
            "budget": trial.updates,
            "budget_unit": "updates",
        }
        if trial.bars is None:
            absent = [
                (metric_name(name), False, subset)
                for name in judge.extractors
                for subset in judge.subsets
            ]
            for metric, higher, subset in [*absent, ("distinct_share", True, "all")]:
                failed = {"metric": metric, "higher_is_better": higher, "status": "diverged"}
                yield {**row, **failed, "subset": subset, "value": None}
            continue
        share = Measured("distinct_share", distinct_share(trial.bars), True, len(trial.bars))
        for measured in [*judge.compare(trial.bars), share]:
            yield {**row, **vars(measured)}


def floor_rows(
    blocks: Sequence[str],
    train: Roll,
    judge: Judge,
    n_items: int,
    generators: Mapping[str, np.random.Generator],
    shared: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """Rows of the null floor, one draw of real bars a block. Arguments as in `null_floor`."""
    for block in blocks:
        for measured in null_floor(train, n_items, judge, generators[block]):
            yield {**shared, "arm": FLOOR, "role": "floor", "block": block, **vars(measured)}


def ledger_rows(trials: Sequence[Trial], study: str) -> Iterator[dict[str, Any]]:
    """Rows of the ledger; a collapsed run is told in its note."""
    for trial in trials:
        note = ""
        if trial.bars is not None:
            share = distinct_share(trial.bars)
            note = f"collapsed: {share:.1%} of its bars differ" if share < COLLAPSED_BELOW else ""
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
            "note": note,
        }
