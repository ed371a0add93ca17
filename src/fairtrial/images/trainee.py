"""One training of a classifier, update by update, for the training loop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fairtrial.images.feed import Feed
from fairtrial.images.parameters import Recipe
from fairtrial.training.randomness import hidden_state, restore_hidden_state

# Pictures in a batch whose mean and variance are averaged: enough of them at the smallest maps.
_NORM_BATCH = 64


@dataclass(frozen=True)
class Plan:
    """How one trial is trained.

    Args:
        recipe: epochs, batch size, learning rate and schedule.
        validate_every_epochs: epochs between two looks at the validation items.
        precise_batch_norm: whether each look starts with `estimate_batch_norm`.
        precision: ``fp32`` or ``bf16``.
    """

    recipe: Recipe
    validate_every_epochs: int
    precise_batch_norm: bool
    precision: str

    def batch_of(self, n: int) -> int:
        """Items in an update: all of them where there are fewer than a batch."""
        return min(self.recipe.batch_size, n)

    def updates_per_epoch(self, n: int) -> int:
        """Whole batches in a pass over ``n`` items; the shuffled rest waits for another pass.

        Repeats multiply the batches, not the items: as many updates as so many more epochs.
        """
        return n // self.batch_of(n) * self.recipe.repeats

    def updates(self, n: int) -> int:
        """Updates in all."""
        return self.recipe.epochs * self.updates_per_epoch(n)


class ClassifierTrainee:
    """Trains a module with Adam on cross-entropy and keeps its best state on validation.

    Args:
        model: batch -> logits (B, classes), on its device; a module without trainable layers
            below it is not this class's business.
        feed: where batches come from.
        y: int64 (N,) labels of all rows.
        train_rows, valid_rows: rows of the two roles.
        plan: how to train.
        batch_seed: seed of the order of the items.
        variation_seed: seed of the warps.
    """

    def __init__(
        self,
        model: nn.Module,
        feed: Feed,
        y: np.ndarray,
        train_rows: np.ndarray,
        valid_rows: np.ndarray,
        plan: Plan,
        *,
        batch_seed: int,
        variation_seed: int,
    ) -> None:
        self.model, self.feed, self.y, self.plan = model, feed, y, plan
        self.train_rows, self.valid_rows = train_rows, valid_rows
        self.per_epoch = plan.updates_per_epoch(len(train_rows))
        self.batches = torch.Generator().manual_seed(batch_seed)
        self.variations = torch.Generator().manual_seed(variation_seed)
        self.order = torch.empty(0, dtype=torch.int64)
        learned = [tensor for tensor in model.parameters() if tensor.requires_grad]
        rate = plan.recipe.learning_rate
        # Fused: one pass over the weights instead of ten, which counts where batches are small.
        self.optimizer = torch.optim.Adam(learned, lr=rate, fused=True)
        self.schedule: torch.optim.lr_scheduler.LRScheduler | None = None
        if plan.recipe.schedule == "one_cycle":
            # One update more than is made: the cycle ends in the step that follows the last.
            self.schedule = torch.optim.lr_scheduler.OneCycleLR(
                self.optimizer, max_lr=rate, total_steps=plan.updates(len(train_rows)) + 1
            )
        self.best_loss = float("inf")
        self.best: dict[str, torch.Tensor] = {}

    def step(self, index: int) -> dict[str, float]:
        """One update; the last of an epoch may look at the validation items."""
        started = time.perf_counter()
        epoch, place = divmod(index, self.per_epoch)
        if place == 0:
            n = len(self.train_rows)
            self.order = torch.randperm(n * self.plan.recipe.repeats, generator=self.batches) % n
        size = self.plan.batch_of(len(self.train_rows))
        rows = self.train_rows[self.order[place * size : (place + 1) * size].numpy()]
        self.model.train()
        rate = self.optimizer.param_groups[0]["lr"]
        loss = functional.cross_entropy(
            self._logits(self.feed.varied(rows, self.variations)), self._labels(rows)
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if self.schedule is not None:
            self.schedule.step()
        measured = {"epoch": epoch + 1.0, "loss": loss.item(), "learning_rate": float(rate)}
        if place == self.per_epoch - 1 and self._looks(epoch):
            measured |= self._validate()
        return measured | {"seconds": time.perf_counter() - started}

    def _looks(self, epoch: int) -> bool:
        last = epoch + 1 == self.plan.recipe.epochs
        return last or (epoch + 1) % self.plan.validate_every_epochs == 0

    def _validate(self) -> dict[str, float]:
        if self.plan.precise_batch_norm:
            estimate_batch_norm(self.model, self.feed, self.train_rows)
        logits = predict_logits(self.model, self.feed, self.valid_rows, self.plan.precision)
        y = torch.from_numpy(self.y[self.valid_rows])
        loss = functional.cross_entropy(logits.double(), y).item()
        if loss < self.best_loss:
            self.best_loss = loss
            self.best = {
                name: tensor.detach().cpu().clone()
                for name, tensor in self.model.state_dict().items()
            }
        right = (logits.argmax(1) == y).double().mean().item()
        return {"valid_loss": loss, "valid_accuracy": right}

    def _logits(self, batch: torch.Tensor) -> torch.Tensor:
        return _forward(self.model, batch, self.plan.precision)

    def _labels(self, rows: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(self.y[rows]).to(next(self.model.parameters()).device)

    def state(self) -> dict[str, Any]:
        """Model, best model, optimiser, schedule, order and every generator."""
        return {
            "model": self.model.state_dict(),
            "best": self.best,
            "best_loss": self.best_loss,
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.state_dict(),
            "order": self.order,
            "batches": self.batches.get_state(),
            "variations": self.variations.get_state(),
            "hidden": hidden_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Undo `state`; weights are copied in place and so keep device and memory format."""
        self.model.load_state_dict(state["model"])
        self.best, self.best_loss = state["best"], state["best_loss"]
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        self.order = state["order"]
        self.batches.set_state(state["batches"])
        self.variations.set_state(state["variations"])
        restore_hidden_state(state["hidden"])


def _forward(model: nn.Module, batch: torch.Tensor, precision: str) -> torch.Tensor:
    """float32 logits, computed in the precision asked for."""
    with torch.autocast(batch.device.type, torch.bfloat16, enabled=precision == "bf16"):
        logits: torch.Tensor = model(batch)
    return logits.float()


@torch.no_grad()
def predict_logits(
    model: nn.Module, feed: Feed, rows: np.ndarray, precision: str = "fp32"
) -> torch.Tensor:
    """Logits of items as they are, in evaluation mode: float32 (len(rows), classes) on the CPU."""
    model.eval()
    parts = [
        _forward(model, feed.clean(rows[start : start + feed.batch]), precision).cpu()
        for start in range(0, len(rows), feed.batch)
    ]
    return torch.cat(parts)


@torch.no_grad()
def estimate_batch_norm(model: nn.Module, feed: Feed, rows: np.ndarray) -> None:
    """Estimate the statistics of all batch norms anew, in one pass over clean training items.

    The running means of a short training lag behind its weights. Training itself never reads them.

    Source: Wu and Johnson, "Rethinking 'batch' in BatchNorm", section 3 (precise BatchNorm).
    """
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    if not norms:
        return
    model.eval()
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
        norm.train()
    for start in range(0, len(rows), _NORM_BATCH):
        batch = rows[start : start + _NORM_BATCH]
        # A mean over batches weighs all alike: a last batch of few would count too much.
        if start == 0 or len(batch) == _NORM_BATCH:
            model(feed.clean(batch))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
