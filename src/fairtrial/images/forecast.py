"""What the trials of an image study will cost, from a rehearsal of a few updates."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from fairtrial.core.forecast import Forecast
from fairtrial.core.records import RawFolder
from fairtrial.core.study import Study
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Ingest, Train, recipe_of
from fairtrial.images.reading.listing import list_items
from fairtrial.images.ready import side_of
from fairtrial.images.trials.classifier import Classifier, build_base, build_head
from fairtrial.images.trials.forward import forward
from fairtrial.images.trials.trainee import Plan
from fairtrial.training.device import compute_threads, pick_device

# The head's width hardly matters, and the classes of samples are known only once they are drawn.
_CLASSES = 2
_BYTES_A_WEIGHT = 4


def forecast_trials(
    study: Study, groups: Mapping[str, Any], raw: RawFolder | None
) -> dict[str, Forecast]:
    """Time updates of each arm on noise of its size, and scale up to its updates.

    Validation and early stopping are not foreseen, nor what pictures are left out when decoded.

    Args:
        study: its structure.
        groups: its checked parameters: ingest, train, arms; optimize where arms are tuners.
        raw: the pictures; none for drawn samples.

    Returns:
        arm -> cost of one trial; of all its trials where the arm is a tuner.
    """
    ingest: Ingest = groups["ingest"]
    pictures = ingest.sample_pictures if raw is None else len(list_items(raw, ingest).rows)
    folds = (study.blocks.folds or 1) if study.blocks else 1
    # The other splits train on fewer: at most this.
    trained = pictures - pictures // folds if folds > 1 else pictures
    train: Train = groups["train"]
    if study.arms_are == "tuners":
        search = groups["optimize"]
        one = _forecast(search.recipe, train, ingest, trained)
        return {arm: Forecast(one.seconds * search.trials, one.bytes) for arm in study.arms}
    return {arm: _forecast(groups["arms"][arm], train, ingest, trained) for arm in study.arms}


def _forecast(arm: Arm, train: Train, ingest: Ingest, pictures: int) -> Forecast:
    """The cost of training one arm on so many pictures."""
    device = pick_device(train.device)
    network = NETWORKS.load(arm.network)
    recipe = recipe_of(arm, train)
    # Fewer than two cannot be normalised by batch.
    pictures = max(2, pictures)
    plan = Plan(recipe, train.validate_every_epochs, train.precise_batch_norm)
    size = plan.batch_of(pictures)
    head = build_head(network, _CLASSES, arm.dropout, 0, arm.head_layers)
    model: nn.Module
    if arm.init == "frozen":
        model, batch = head, torch.rand(size, network.features)
    else:
        base = build_base(network, None)
        if arm.unfreeze_from is not None:
            base.freeze_before(arm.unfreeze_from)
        model = Classifier(base, head)
        batch = torch.rand(size, ingest.channels, *[side_of(arm, ingest)] * 2)
    model, batch = model.to(device).train(), batch.to(device)
    y = torch.arange(size, device=device) % _CLASSES
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(learned, fused=True)

    def update() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(forward(model, batch, train.precision), y)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()

    with compute_threads(train.threads):
        seconds = _time(update, device) / train.threads
    weights = sum(weight.numel() for weight in model.parameters())
    return Forecast(seconds * plan.updates(pictures), weights * _BYTES_A_WEIGHT)


def _time(update: Callable[[], None], device: torch.device) -> float:
    """Seconds of the second update: of processors, which others' work does not lengthen."""
    update()
    if device.type == "cuda":
        torch.cuda.synchronize()
        started = time.perf_counter()
        update()
        torch.cuda.synchronize()
        return time.perf_counter() - started
    started = time.process_time()
    update()
    return time.process_time() - started
