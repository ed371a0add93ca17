"""The compute plan: which precision and memory format are fastest for an arm on this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional

from fairtrial.core.records import Arrays
from fairtrial.images.items import items_of
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Train, recipe_of
from fairtrial.images.trials.classifier import Classifier, build_base, build_head
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.forward import forward
from fairtrial.training.compute import Compute, choose_fastest, time_in_turn
from fairtrial.training.device import compute_threads, device_name, pick_device
from fairtrial.training.precision import has_grouped_convolutions

# Calls of each candidate that are timed.
_ROUNDS = 3

# The plainest first: another must be clearly faster to be taken.
_CANDIDATES = (
    Compute("fp32", channels_last=False),
    Compute("fp32", channels_last=True),
    Compute("bf16", channels_last=True),
    Compute("hybrid", channels_last=True),
)


def measure_compute(
    pack: Arrays, manifest: pd.DataFrame, arm: Arm, train: Train, where: str
) -> dict[str, Any]:
    """Time updates and predictions of an arm in every way of computing them, in turn.

    Args:
        pack: the pictures, a few of which are used.
        manifest: labels of the items.
        arm: network and side.
        train: batch size, device and threads.
        where: name of the arm.

    Returns:
        Plain data: ``train`` and ``inference``, the chosen `Compute` of each; ``threads``;
        ``pictures_per_second`` of every candidate; device, software and the shapes of the batches
        (of updates the recipe's, of predictions the feed's) that it holds for.
    """
    device = pick_device(train.device)
    network = NETWORKS.load(arm.network)
    items = items_of(pack, manifest)
    side = arm.image_side_px or int(pack.description["image_side_px"])
    feed = Pictures(pack, side, device)
    head = build_head(network, len(items.labels), arm.dropout, 0, arm.head_layers)
    base = build_base(network, None)
    if arm.unfreeze_from is not None:
        base.freeze_before(arm.unfreeze_from)
    model = Classifier(base, head).to(device)
    sizes = {"train": recipe_of(arm, train).batch_size, "inference": feed.batch}
    batches = {use: feed.clean(np.arange(min(n, len(items.y)))) for use, n in sizes.items()}
    candidates = [
        each
        for each in _CANDIDATES
        if _has_units(each, device)
        and (each.precision != "hybrid" or has_grouped_convolutions(model))
    ]
    with compute_threads(train.threads):
        speeds = {
            use: _speeds(candidates, partial(make, model, batches[use]), batches[use])
            for use, make in (("train", _updates), ("inference", _predictions))
        }
    chosen = {
        use: candidates[choose_fastest([1 / speed for speed in found])]
        for use, found in speeds.items()
    }
    return {
        "arm": where,
        **{use: asdict(compute) for use, compute in chosen.items()},
        "threads": train.threads,
        "pictures_per_second": [
            {"use": use, **asdict(compute), "value": round(speed, 2)}
            for use, found in speeds.items()
            for compute, speed in zip(candidates, found, strict=True)
        ],
        "batch": {use: list(batch.shape) for use, batch in batches.items()},
        "device": device_name(device),
        "torch": str(torch.__version__),
    }


def _has_units(compute: Compute, device: torch.device) -> bool:
    bf16 = compute.precision != "fp32"
    return not (bf16 and device.type == "cuda" and not torch.cuda.is_bf16_supported(False))


def _speeds(
    candidates: Sequence[Compute],
    make: Callable[[Compute], Callable[[], None]],
    batch: torch.Tensor,
) -> list[float]:
    """Pictures a second of each candidate."""
    seconds = time_in_turn([make(each) for each in candidates], batch.device, _ROUNDS)
    return [len(batch) / each for each in seconds]


def _into(model: nn.Module, compute: Compute) -> None:
    form = torch.channels_last if compute.channels_last else torch.contiguous_format
    model.to(memory_format=form)


def _updates(model: nn.Module, batch: torch.Tensor, compute: Compute) -> Callable[[], None]:
    """Forward and backward pass: Adam, the same for all candidates, would only add noise."""
    # What is learned does not change how long it takes.
    y = torch.zeros(len(batch), dtype=torch.int64, device=batch.device)

    def run() -> None:
        _into(model, compute)
        model.train()
        loss = functional.cross_entropy(forward(model, batch, compute.precision), y)
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped

    return run


@torch.no_grad()
def _predict(model: nn.Module, batch: torch.Tensor, compute: Compute) -> None:
    _into(model, compute)
    model.eval()
    forward(model, batch, compute.precision)


def _predictions(model: nn.Module, batch: torch.Tensor, compute: Compute) -> Callable[[], None]:
    return lambda: _predict(model, batch, compute)
