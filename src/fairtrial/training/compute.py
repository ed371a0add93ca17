"""How a model is computed on a machine: precision, memory format, threads. It changes bits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from fairtrial.core.errors import StorageError
from fairtrial.training.device import device_name
from fairtrial.training.precision import Precision


@dataclass(frozen=True)
class Compute:
    """One way of computing.

    Args:
        precision: number format, see `fairtrial.training.precision`.
        channels_last: memory format of pictures and weights.
    """

    precision: Precision = "fp32"
    channels_last: bool = False


@dataclass(frozen=True)
class ComputePlan:
    """How one arm is computed.

    Args:
        train: in updates.
        inference: in validation and prediction.
        threads: of torch.
        measured: whether the two were chosen by measuring.
    """

    train: Compute
    inference: Compute
    threads: int = 1
    measured: bool = False

    @classmethod
    def read(cls, stored: Mapping[str, Any], device: torch.device, where: str) -> ComputePlan:
        """The plan in what `fairtrial.images.trials.compute.measure_compute` stored.

        Args:
            stored: plain data.
            device: where it is to be used.
            where: name of its dataset.

        Raises:
            StorageError: it was measured on another device.
        """
        here = device_name(device)
        if stored["device"] != here:
            raise StorageError(
                where,
                f"a plan measured on the device of now, {here}",
                stored["device"],
                "Remove that dataset's folder, compute_plan.json among the arm's models in the "
                "workspace, so that it is measured anew.",
            )
        return cls(
            Compute(**stored["train"]), Compute(**stored["inference"]), stored["threads"], True
        )

    def describe(self) -> dict[str, Any]:
        """Plain data: ``precision`` and ``channels_last`` are those of predictions."""
        return {
            **asdict(self.inference),
            "trained_with": asdict(self.train),
            "threads": self.threads,
            "compute": "measured" if self.measured else "fixed",
        }


def time_in_turn(
    candidates: Sequence[Callable[[], None]], device: torch.device, rounds: int
) -> list[float]:
    """Median seconds of each candidate, called in turn, so that a busy machine slows all alike.

    Args:
        candidates: what is timed; each is called once before, to warm up.
        device: where it is computed.
        rounds: calls of each that are timed.
    """
    seconds: list[list[float]] = [[] for _ in candidates]
    for turn in range(1 + rounds):
        for place, run in enumerate(candidates):
            _wait(device)
            started = time.perf_counter()
            run()
            _wait(device)
            if turn > 0:
                seconds[place].append(time.perf_counter() - started)
    return [statistics.median(each) for each in seconds]


def choose_fastest(seconds: Sequence[float], margin: float = 1.05) -> int:
    """Index of the fastest, the plainer first: a later one must be faster by ``margin``."""
    best = 0
    for place, found in enumerate(seconds):
        if found * margin < seconds[best]:
            best = place
    return best


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
