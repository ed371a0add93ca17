"""One tuner in one block: trials on training and validation pictures, and the chosen recipe."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import TrialError
from fairtrial.core.records import Arrays, Models
from fairtrial.core.seeds import stream_seed
from fairtrial.images.items import items_of
from fairtrial.images.scoring.metrics import METRICS
from fairtrial.images.trials.train import Trials, describe_arm, train_trials
from fairtrial.images.tuning.space import Infeasible, Space, Tried
from fairtrial.images.tuning.trials import Trial, TrialBook
from fairtrial.optimizers.recipe import Recipe
from fairtrial.optimizers.registry import OPTIMIZERS
from fairtrial.optimizers.task import FloatArray, Task
from fairtrial.training.device import pick_device

LOG = logging.getLogger(__name__)

UNTUNED = "untuned"


@dataclass(frozen=True)
class Data:
    """What trainings are made from.

    Args:
        inputs: the pack, or the bank of features where the recipe's base is frozen.
        copies: bank of warped pixels where the recipe uses it.
        manifest, splits: labels and roles of the items.
    """

    inputs: Arrays
    copies: Arrays | None
    manifest: pd.DataFrame
    splits: pd.DataFrame


@dataclass(frozen=True)
class Search:
    """What tuners share.

    Args:
        study: its name.
        seed: the root seed.
        space: recipe, ranges, trials and objective.
        digits: first digits of the SHA-256 that pretrained weights must have, if known.
    """

    study: str
    seed: int
    space: Space
    digits: str | None

    def train(
        self, name: str, block: str, tried: Tried, data: Data, checkpoints: Path | None
    ) -> tuple[Models, pd.DataFrame]:
        """Train a recipe in a block from the block's own streams: the same for every tuner."""
        return train_trials(
            self.trials(name, [block], tried),
            data.inputs,
            data.copies,
            data.manifest,
            data.splits,
            checkpoints,
        )

    def trials(self, name: str, blocks: list[str], tried: Tried) -> Trials:
        """A recipe with what its trainings need to know."""
        return Trials(
            self.study,
            name,
            blocks,
            self.seed,
            tried.arm,
            tried.train,
            tried.augment,
            self.digits,
        )


def tune_block(
    search: Search,
    tuner: str,
    recipe: Recipe,
    block: str,
    data: Data,
    checkpoints: Path | None,
) -> tuple[Models, pd.DataFrame, pd.DataFrame]:
    """Let one tuner look for the best recipe of a block, and train what it chose.

    Args:
        search: what tuners share.
        tuner: name of the arm.
        recipe: the optimiser and its settings.
        block: its training pictures train every trial, its validation pictures judge it; its test
            pictures are not looked at.
        data: what trainings are made from.
        checkpoints: folder for finished trials and the states of unfinished ones.

    Returns:
        The chosen recipe's weights (none where no trial came to a finite value), the history of
        its training, and the table of trials (`TrialBook.table`).

    Raises:
        StorageError: ``checkpoints`` holds the trials of another search.
    """
    label = f"{search.study} {tuner} {block}"
    budget = search.space.tune.trials
    objective = search.space.tune.objective
    file = checkpoints / f"{block}.trials.json" if checkpoints else None
    book = TrialBook(file, label, METRICS[objective].higher_is_better)

    def judge(point: FloatArray) -> float:
        values = search.space.values(point.tolist())
        number = len(book.trials) + 1
        place = checkpoints / f"{block}_trial_{number}" if checkpoints else None
        trial = book.attempt(values, lambda: _carry_out(search, tuner, block, values, data, place))
        best = book.best()
        LOG.info(
            "%s: trial %d of %d, %s %s, best %s",
            label,
            number,
            budget,
            objective,
            trial.status if trial.value is None else f"{trial.value:.4g}",
            "none yet" if best is None else f"{best.value:.4g}",
        )
        return book.cost(trial)

    def evaluate(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.array([judge(point) for point in points]), np.zeros(len(points))

    size = len(search.space.names)
    # Searches share the block's data and noise, never their own luck.
    seed = stream_seed(search.seed, search.study, block, tuner, "optimize")
    minimise = OPTIMIZERS.load(recipe.optimizer)
    minimise(Task(evaluate, np.zeros(size), np.ones(size)), recipe.settings, budget, [seed])

    models, history = _train_chosen(search, tuner, block, book, data, checkpoints)
    return models, history, book.table(tuner, block, search.space.tune.search)


def train_untuned(
    search: Search, blocks: list[str], data: Data, checkpoints: Path | None
) -> tuple[Models, pd.DataFrame]:
    """Train the recipe as it stands on every block: the reference that tuning must beat."""
    models, history = train_trials(
        search.trials(UNTUNED, blocks, search.space.untuned()),
        data.inputs,
        data.copies,
        data.manifest,
        data.splits,
        checkpoints,
    )
    return replace(models, description={**models.description, "role": "reference"}), history


def _carry_out(
    search: Search,
    tuner: str,
    block: str,
    values: Mapping[str, Any],
    data: Data,
    checkpoints: Path | None,
) -> Trial:
    started = time.perf_counter()
    try:
        tried = search.space.recipe(values)
    except Infeasible as error:
        return Trial(values, None, "infeasible", str(error), 0.0)
    try:
        with _quiet():
            models, history = search.train(tuner, block, tried, data, checkpoints)
    # No learning rate trains this recipe; that is what the trial found.
    except TrialError as error:
        return Trial(values, None, "failed", str(error), time.perf_counter() - started)
    seconds = time.perf_counter() - started
    outcome = models.description["blocks"][block]
    if outcome["status"] != "ok":
        return Trial(values, None, outcome["status"], outcome["note"], seconds)
    kept = history.dropna(subset=["valid_loss"]).nsmallest(1, "valid_loss").iloc[0]
    return Trial(values, float(kept[f"valid_{search.space.tune.objective}"]), "ok", "", seconds)


def _train_chosen(
    search: Search,
    tuner: str,
    block: str,
    book: TrialBook,
    data: Data,
    checkpoints: Path | None,
) -> tuple[Models, pd.DataFrame]:
    best = book.best()
    if best is not None:
        tried = search.space.recipe(best.values)
        models, history = search.train(tuner, block, tried, data, checkpoints)
        outcome = models.description["blocks"][block] | {"chosen": dict(best.values)}
        description = {**models.description, "blocks": {block: outcome}}
        return replace(models, description=description), history
    trials = search.trials(tuner, [block], search.space.untuned())
    items = items_of(data.inputs, data.manifest)
    note = f"none of {len(book.trials)} trials came to a finite value"
    description = {
        **describe_arm(trials, data.inputs, items, trials.weights()),
        "device": pick_device(trials.train.device).type,
        "blocks": {block: {"status": "failed", "updates": 0, "note": note}},
    }
    columns = ["update", "epoch", "loss", "learning_rate", "valid_loss", "valid_accuracy"]
    return Models({}, description), pd.DataFrame(columns=["block", *columns, "seconds"])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the trainings of a search off the log: it has a line of its own a trial."""
    logger = logging.getLogger("fairtrial.training.loop")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
