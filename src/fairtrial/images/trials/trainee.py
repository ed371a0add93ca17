"""One training of a classifier, update by update, for the training loop."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fairtrial.core.errors import TrialError
from fairtrial.images.parameters import Recipe
from fairtrial.images.trials.feed import Feed
from fairtrial.images.trials.forward import estimate_batch_norm, forward, predict_logits
from fairtrial.training.device import to_device
from fairtrial.training.precision import Precision
from fairtrial.training.randomness import hidden_state, restore_hidden_state


@dataclass(frozen=True)
class Plan:
    """How one trial is trained.

    Args:
        recipe: epochs, batch size, learning rate, schedule and weight decay.
        validate_every_epochs: epochs between two looks at the validation items.
        precise_batch_norm: whether each look starts with `estimate_batch_norm`.
        precision: number format of updates.
        inference_precision: number format of looks.
        validate_every_updates: updates between two looks, instead of epochs.
    """

    recipe: Recipe
    validate_every_epochs: int
    precise_batch_norm: bool
    precision: Precision = "fp32"
    inference_precision: Precision = "fp32"
    validate_every_updates: int | None = None

    @property
    def rate(self) -> float:
        """Adam's rate. Raises TrialError while it is still to be found."""
        rate = self.recipe.learning_rate
        if rate == "auto":
            raise TrialError("learning_rate", "a number", rate, "Find it first: see find_rate.")
        return rate

    def with_rate(self, rate: float) -> Plan:
        """The same plan with a rate."""
        return replace(self, recipe=self.recipe.model_copy(update={"learning_rate": rate}))

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
        class_weights: float32 (classes,) weights in the loss; none for equal ones.
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
        class_weights: torch.Tensor | None = None,
    ) -> None:
        self.model, self.feed, self.y, self.plan = model, feed, y, plan
        self.train_rows, self.valid_rows = train_rows, valid_rows
        self.device = next(model.parameters()).device
        self.class_weights = class_weights
        self.per_epoch = plan.updates_per_epoch(len(train_rows))
        self.updates = plan.updates(len(train_rows))
        self.batches = torch.Generator().manual_seed(batch_seed)
        self.variations = torch.Generator().manual_seed(variation_seed)
        self.order = torch.empty(0, dtype=torch.int64)
        self.optimizer = torch.optim.Adam(
            [tensor for tensor in model.parameters() if tensor.requires_grad],
            lr=plan.rate,
            weight_decay=plan.recipe.weight_decay,
            decoupled_weight_decay=True,
            # One pass over the weights instead of ten, which counts where batches are small.
            fused=True,
        )
        self.schedule: torch.optim.lr_scheduler.LRScheduler | None = None
        if plan.recipe.schedule == "one_cycle":
            # One update more than is made: the cycle ends in the step that follows the last.
            self.schedule = torch.optim.lr_scheduler.OneCycleLR(
                self.optimizer, max_lr=plan.rate, total_steps=self.updates + 1
            )
        self.best_loss = float("inf")
        self.best: dict[str, torch.Tensor] = {}

    def step(self, index: int) -> dict[str, float]:
        """One update, and perhaps a look at the validation items."""
        started = time.perf_counter()
        rate = float(self.optimizer.param_groups[0]["lr"])
        loss = self.update(index)
        if self.schedule is not None:
            self.schedule.step()
        measured = {"epoch": index // self.per_epoch + 1.0, "loss": loss, "learning_rate": rate}
        if self._looks(index + 1):
            measured |= self._validate()
        return measured | {"seconds": time.perf_counter() - started}

    def update(self, index: int, rate: float | None = None) -> float:
        """One update, with a rate of its own where one is given; returns the loss."""
        if rate is not None:
            for group in self.optimizer.param_groups:
                group["lr"] = rate
        place = index % self.per_epoch
        if place == 0:
            n = len(self.train_rows)
            self.order = torch.randperm(n * self.plan.recipe.repeats, generator=self.batches) % n
        size = self.plan.batch_of(len(self.train_rows))
        rows = self.train_rows[self.order[place * size : (place + 1) * size].numpy()]
        self.model.train()
        batch = self.feed.varied(rows, self.variations)
        logits = forward(self.model, batch, self.plan.precision)
        loss = self._loss(logits, to_device(self.y[rows], self.device))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.optimizer.step()
        return loss.item()

    def _looks(self, done: int) -> bool:
        every = self.plan.validate_every_updates
        if every is None:
            every = self.plan.validate_every_epochs * self.per_epoch
        return done == self.updates or done % every == 0

    def _loss(self, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        weights = self.class_weights
        if weights is not None:
            weights = weights.to(device=logits.device, dtype=logits.dtype)
        return functional.cross_entropy(logits, y, weight=weights)

    def _validate(self) -> dict[str, float]:
        if self.plan.precise_batch_norm:
            estimate_batch_norm(
                self.model, self.feed, self.train_rows, self.plan.inference_precision
            )
        logits = predict_logits(
            self.model, self.feed, self.valid_rows, self.plan.inference_precision
        )
        y = torch.from_numpy(self.y[self.valid_rows])
        loss = self._loss(logits.double(), y).item()
        if loss < self.best_loss:
            self.best_loss = loss
            self.best = {
                name: tensor.detach().cpu().clone()
                for name, tensor in self.model.state_dict().items()
            }
        right = (logits.argmax(1) == y).double().mean().item()
        return {"valid_loss": loss, "valid_accuracy": right}

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
