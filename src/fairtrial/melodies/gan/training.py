"""The runs of one arm and chunk: one after the other or side by side, each kept when done."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from fairtrial.melodies.gan.trainee import MEASURES, GanTrainee, RunSeeds
from fairtrial.melodies.parameters import Train
from fairtrial.melodies.piano_roll import Roll
from fairtrial.training.device import one_thread, pick_device
from fairtrial.training.loop import Diverged, read_checkpoint, train, write_checkpoint
from fairtrial.training.precision import check_precision

LOG = logging.getLogger(__name__)

_KEPT_ROWS = 100  # rows of history a run: means over as many stretches of updates


@dataclass(frozen=True)
class TrainedRun:
    """What a run left.

    Args:
        state: weights by name, ``generator.NAME`` and ``discriminator.NAME``; none where the run
            diverged.
        history: update, `MEASURES` (means since the row before), seconds (since the start; of
            runs side by side, an equal share), status (ok or diverged), threads (of torch, that it
            was trained with).
        status: ok or diverged.
    """

    state: dict[str, np.ndarray] | None
    history: pd.DataFrame
    status: str


def count_updates(bars: int, parameters: Train) -> int:
    """Updates of ``parameters.epochs`` passes over ``bars``, the last batch of a pass smaller."""
    return parameters.epochs * ceil(bars / parameters.batch_size)


def count_at_once(parameters: Train, runs: int) -> int:
    """How many of a chunk's runs are trained side by side.

    Left to itself: all of them on a graphics card, which one small network leaves idle; one after
    the other on the CPU, where one alone keeps a core busy (benchmarks/gan.py measures both).
    """
    if parameters.runs_at_once != "auto":
        return min(parameters.runs_at_once, runs)
    return runs if pick_device(parameters.device).type == "cuda" else 1


def train_runs(
    rolls: Roll,
    updates: int,
    parameters: Train,
    seeds: Mapping[str, RunSeeds],
    *,
    checkpoints: Path | None,
    label: str,
) -> dict[str, TrainedRun]:
    """Train a GAN a run on the same bars; a run that diverges is recorded, and the rest go on.

    Args:
        rolls: training bars, uint8 (n, 48, 64).
        updates: of both networks together.
        parameters: the study's training parameters.
        seeds: run -> its seeds; the same ones give the same runs on the CPU.
        checkpoints: folder where the state of unfinished runs and the results of finished ones are
            kept, so that a training that was stopped repeats none; none keeps nothing.
        label: of the log.

    Returns:
        run -> what it left.

    Raises:
        ConfigError: the device cannot compute in the precision.
        StorageError: a file among the checkpoints is damaged or of another training.
    """
    check_precision(pick_device(parameters.device), parameters.precision)
    names = list(seeds)
    size = count_at_once(parameters, len(names))
    done: dict[str, TrainedRun] = {}
    for start in range(0, len(names), size):
        group = {name: seeds[name] for name in names[start : start + size]}
        files = {name: checkpoints / f"{name}.trained" for name in group} if checkpoints else {}
        if files and all(file.exists() for file in files.values()):
            LOG.info("%s %s: trained before", label, " ".join(group))
            done |= {name: _read_run(file) for name, file in files.items()}
            continue
        unfinished = checkpoints / f"{names[start]}.checkpoint" if checkpoints else None
        runs = _train_group(rolls, updates, parameters, group, unfinished, label)
        for name, file in files.items():
            write_checkpoint(file, _as_plain(runs[name]))
        done |= runs
    return done


@one_thread()
def _train_group(
    rolls: Roll,
    updates: int,
    parameters: Train,
    seeds: Mapping[str, RunSeeds],
    checkpoint: Path | None,
    label: str,
) -> dict[str, TrainedRun]:
    """Train runs side by side. Arguments as in `train_runs`."""
    trainee = GanTrainee(rolls, parameters, list(seeds.values()), pick_device(parameters.device))
    label = f"{label} {' '.join(seeds)}"
    try:
        train(
            trainee,
            updates,
            checkpoint=checkpoint,
            checkpoint_every=parameters.checkpoint_every,
            label=label,
        )
    except Diverged:
        LOG.warning("%s: no run is left whose losses are finite", label)
    seconds = trainee.seconds / len(seeds)
    weights = trainee.weights()
    return {
        name: _finish(trainee, place, weights[place], updates, seconds)
        for place, name in enumerate(seeds)
    }


def _finish(
    trainee: GanTrainee, run: int, weights: dict[str, np.ndarray], updates: int, seconds: float
) -> TrainedRun:
    """What one of the runs side by side left."""
    status = "ok" if trainee.finite[run] == updates else "diverged"
    history = _thin(trainee.history(run), seconds)
    history["status"] = status
    history["threads"] = torch.get_num_threads()
    return TrainedRun(weights if status == "ok" else None, history, status)


def _thin(records: Sequence[Mapping[str, float]], seconds: float) -> pd.DataFrame:
    """Means over stretches of updates; one empty row where there is not a single update."""
    table = pd.DataFrame(records, columns=["update", *MEASURES])
    if table.empty:
        return pd.DataFrame([{"update": 0, **dict.fromkeys(MEASURES, np.nan), "seconds": seconds}])
    stretch = max(1, ceil(len(table) / _KEPT_ROWS))
    groups = (table["update"].astype(int) - 1) // stretch
    thin = table.groupby(groups)[list(MEASURES)].mean()
    thin.insert(0, "update", table.groupby(groups)["update"].max().astype(int))
    thin["seconds"] = seconds * thin["update"] / len(table)
    return thin.reset_index(drop=True)


def _as_plain(run: TrainedRun) -> dict[str, Any]:
    """A run as tensors and plain data."""
    state = {name: torch.from_numpy(values) for name, values in (run.state or {}).items()}
    return {"state": state, "history": run.history.to_dict("list"), "status": run.status}


def _read_run(file: Path) -> TrainedRun:
    """A run that was finished before."""
    stored = read_checkpoint(file)
    state = {name: tensor.numpy() for name, tensor in stored["state"].items()}
    return TrainedRun(state or None, pd.DataFrame(stored["history"]), stored["status"])
