"""One trial: one recipe trained on the training rows of one block."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.images.parameters.train import ClassWeights
from fairtrial.images.trials.feed import Feed
from fairtrial.images.trials.trainee import ClassifierTrainee, Plan
from fairtrial.training.early_stopping import Patience
from fairtrial.training.loop import Diverged, train
from fairtrial.training.randomness import torch_stream
from fairtrial.training.rate_range import RangeTest, find_rate

LOG = logging.getLogger(__name__)

_LOWEST_RATE, _HIGHEST_RATE, _RANGE_UPDATES = 1e-6, 1.0, 60


@dataclass(frozen=True)
class Work:
    """What is trained, on what, and how.

    Args:
        make_model: a fresh model on its device and in its memory format, the same each time.
        feed: where batches come from.
        y: int64 (N,) labels of all rows.
        rows: role -> rows, at least ``train`` and ``valid``.
        plan: how; a learning rate of ``auto`` is found first.
        stream: use -> seed of the trial's stream of that name.
        label: name on the log and in errors.
        class_weights: float32 (classes,) weights in the loss; none for equal ones.
        patience_looks: looks without gain that end it; none for all its updates.
    """

    make_model: Callable[[], nn.Module]
    feed: Feed
    y: np.ndarray
    rows: Mapping[str, np.ndarray]
    plan: Plan
    stream: Callable[[str], int]
    label: str
    class_weights: torch.Tensor | None = None
    patience_looks: int | None = None

    def trainee(self, plan: Plan, prefix: str = "") -> ClassifierTrainee:
        """A training from its start, from the streams whose names begin so."""
        return ClassifierTrainee(
            self.make_model(),
            self.feed,
            self.y,
            self.rows["train"],
            self.rows["valid"],
            plan,
            batch_seed=self.stream(f"{prefix}batches"),
            variation_seed=self.stream(f"{prefix}variations"),
            class_weights=self.class_weights,
        )


@dataclass(frozen=True)
class TrialResult:
    """What a trial left.

    Attributes:
        state: weights with the least validation loss; none where it diverged.
        history: one mapping an update.
        outcome: plain data: status, updates spent, note; ``learning_rate`` where it was found.
    """

    state: dict[str, np.ndarray] | None
    history: list[dict[str, float]]
    outcome: dict[str, Any]


def train_trial(work: Work, checkpoint: Path | None, checkpoint_every: int) -> TrialResult:
    """Train once, from where a stopped run left off.

    Args:
        work: what, on what and how.
        checkpoint: file of the unfinished training's state; none keeps none.
        checkpoint_every: updates between two checkpoints.

    Raises:
        StorageError: the checkpoint is damaged or of another training.
        TrialError: no learning rate could be found.
    """
    plan, found, spent = work.plan, {}, 0
    if plan.recipe.learning_rate == "auto":
        # Made anew by a resumed run: it is short, and its streams give the same rate again.
        test = _range_test(work)
        plan, spent = plan.with_rate(test.rate), test.updates
        found = {"learning_rate": test.rate, "range_updates": spent}
        LOG.info("%s: learning rate %g, after %d updates", work.label, test.rate, spent)
    trainee = work.trainee(plan)
    try:
        with torch_stream(work.stream("dropout")):
            history = train(
                trainee,
                trainee.updates,
                checkpoint=checkpoint,
                checkpoint_every=checkpoint_every,
                label=work.label,
                stop=None if work.patience_looks is None else Patience(work.patience_looks),
            )
    except Diverged as error:
        LOG.warning("%s", error)
        made = len(error.history) + spent
        outcome = {"status": "diverged", "updates": made, "note": str(error), **found}
        return TrialResult(None, error.history, outcome)
    outcome = {"status": "ok", "updates": len(history) + spent, "note": "", **found}
    state = {name: value.numpy() for name, value in trainee.best.items()}
    return TrialResult(state, history, outcome)


def _range_test(work: Work) -> RangeTest:
    """A range test on a model and streams of its own, so that the training starts untouched."""
    trainee = work.trainee(work.plan.with_rate(_LOWEST_RATE), "range_")
    index = 0

    def update(rate: float) -> float:
        nonlocal index
        loss = trainee.update(index, rate)
        index += 1
        return loss

    with torch_stream(work.stream("range_dropout")):
        return find_rate(
            update, work.label, low=_LOWEST_RATE, high=_HIGHEST_RATE, updates=_RANGE_UPDATES
        )


def weigh_classes(
    wanted: ClassWeights, y: np.ndarray, labels: tuple[str, ...], where: str
) -> torch.Tensor | None:
    """Weights of the classes in the loss.

    Args:
        wanted: none, balanced (mean weight 1 over the items), or a weight for each label.
        y: int64 (N,) labels of the training items.
        labels: the classes.
        where: name of the trial or study for messages.

    Returns:
        float32 (classes,), or none for equal weights.

    Raises:
        ConfigError: weights for other classes than there are.
        DataError: balanced weights for a class without training items.
    """
    if wanted == "none":
        return None
    if wanted == "balanced":
        counts = np.bincount(y, minlength=len(labels))
        if not counts.all():
            raise DataError(
                where,
                "training items of every class for class_weights: balanced",
                f"none of {labels[int(counts.argmin())]}",
                "Use fewer folds, leave the class out, or set class_weights: none.",
            )
        return torch.tensor(len(y) / (len(labels) * counts), dtype=torch.float32)
    if set(wanted) != set(labels):
        raise ConfigError(
            f"{where}: train.class_weights",
            f"a weight for each of {', '.join(labels)}",
            ", ".join(wanted),
            "Name every class once.",
        )
    return torch.tensor([wanted[label] for label in labels], dtype=torch.float32)
