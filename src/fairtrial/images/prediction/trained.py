"""A trained classifier with all that its use on new pictures takes: what it knows of its training.

Thresholds come from the validation items of its own block. These chose its best state, and it may
have been chosen on them among other trials, so they promise a little too much; items of one group
are alike, so they promise less than as many independent ones. The card says how many there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from fairtrial.core.errors import TrialError
from fairtrial.core.hashing import sha256_table
from fairtrial.core.records import Arrays, Models
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.parameters import Evaluate, Ingest
from fairtrial.images.prediction.likeness import describe_look, fit_cloud
from fairtrial.images.trials.classifier import Classifier
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.predict import restore_classifier
from fairtrial.images.trials.weights import weights_used
from fairtrial.statistics.conformal import abstention_threshold, conformal_quantile
from fairtrial.training.device import one_thread

FORMAT = 1

# Exported programs, thresholds and `fairtrial predict` are computed in full precision, whatever
# the study's own predictions took.
PROGRAM_PRECISION = "fp32"

# Training items that a cloud is fitted to: more of them change nothing but the time it takes.
_MOST_ITEMS = 2000

# Two distances are tested, each at half the share of pictures that may be refused wrongly.
_TESTS = ("look", "features")


@dataclass(frozen=True)
class Trained:
    """A classifier, its card and what new pictures are compared with.

    Attributes:
        classifier: in evaluation mode on the CPU.
        card: plain data: what the model is, how pictures are read, the limits of its use.
        reference: arrays by name: the clouds of the training items, and ``valid_probabilities``
            float64 (N, K) and ``valid_y`` int64 (N,) of the validation items.
    """

    classifier: Classifier
    card: Mapping[str, Any]
    reference: Mapping[str, np.ndarray]

    @property
    def labels(self) -> list[str]:
        """The classes in the order of the probabilities."""
        return list(self.card["labels"])


@dataclass(frozen=True)
class Origin:
    """The stored data that a trial was made from.

    Args:
        pack: the pixels.
        manifest: labels, groups and sizes of the items.
        splits: roles of the items.
        ingest: how pictures were read.
        evaluate: level and banner.
        synthetic: whether our own code drew the pictures.
    """

    pack: Arrays
    manifest: pd.DataFrame
    splits: pd.DataFrame
    ingest: Ingest
    evaluate: Evaluate
    synthetic: bool


def find_trial(
    models: Iterable[Models], arm: str, block: str, weights_dir: str | None
) -> tuple[Models, Path | None]:
    """The models of an arm and chunk that hold a block, and the file of their frozen base.

    Args:
        models: of all arms and chunks.
        arm: name of the arm.
        block: name of the block.
        weights_dir: where the weights of a frozen base lie; none for torchvision's own.

    Raises:
        TrialError: there is no such trial.
        ConfigError, StorageError: the weights of the frozen base are gone or altered.
    """
    known = []
    for found in models:
        known += [f"{found.description['arm']}:{name}" for name in found.states]
        if found.description["arm"] == arm and block in found.states:
            frozen = found.description["init"] == "frozen"
            return found, weights_used(found.description, weights_dir) if frozen else None
    raise TrialError(
        f"{arm}:{block}",
        "a trial that ended well",
        "none of that name",
        f"Trained here: {', '.join(known) or 'none'}.",
    )


@one_thread()
def describe_trained(models: Models, block: str, weights: Path | None, origin: Origin) -> Trained:
    """Put a trial's classifier together with what it knows of its training.

    Args:
        models: trained weights of its arm and chunk.
        block: which of them.
        weights: file of the frozen base's weights; none where the base was trained.
        origin: what it was trained on.

    Raises:
        DataError: pack, manifest and splits do not belong together.
    """
    classifier = restore_classifier(models, block, weights)
    items = items_of(origin.pack, origin.manifest)
    rows = rows_by_role(items, origin.splits, block)
    train = rows["train"]
    if len(train) > _MOST_ITEMS:
        # Evenly over the folders that the manifest is sorted by.
        train = train[np.linspace(0, len(train) - 1, _MOST_ITEMS).astype(int)]
    feed = Pictures(origin.pack, int(models.description["image_side_px"]), torch.device("cpu"))
    seen = {
        role: look_through(classifier, feed, part)
        for role, part in (("train", train), ("valid", rows["valid"]))
    }
    look = {
        role: _looks(origin.pack, part)
        for role, part in (("train", train), ("valid", rows["valid"]))
    }
    clouds = {"look": fit_cloud(look["train"]), "features": fit_cloud(seen["train"].features)}
    distances = {
        "look": clouds["look"].distances(look["valid"]),
        "features": clouds["features"].distances(seen["valid"].features),
    }
    probabilities, y = seen["valid"].probabilities, items.y[rows["valid"]]
    card = {
        "format": FORMAT,
        **{key: value for key, value in models.description.items() if key != "blocks"},
        "block": block,
        "scores_precision": models.description["precision"],
        "program_precision": PROGRAM_PRECISION,
        "input": f"float32 (B, {feed.pixels.shape[3]}, {feed.side}, {feed.side}), "
        "RGB or grey in [0, 1], made from a picture as ingest says",
        "output": "float32 (B, classes), probabilities in the order of labels",
        "ingest": origin.ingest.model_dump(mode="json"),
        "training": _training(origin, items.ids, train, len(rows["train"])),
        "validation": _validation(origin.manifest, [items.ids[row] for row in rows["valid"]]),
        "abstention": _abstention(probabilities, y, origin.evaluate.alpha),
        "refusal": _refusal(distances, origin.evaluate.alpha),
        "manifest_sha256": sha256_table(origin.manifest, "item_id"),
        "splits_sha256": sha256_table(origin.splits, ["block", "item_id"]),
        "synthetic": origin.synthetic,
        "research_use_only": origin.evaluate.research_use_only,
    }
    reference = {
        **clouds["look"].arrays("look"),
        **clouds["features"].arrays("features"),
        "valid_probabilities": probabilities,
        "valid_y": y,
    }
    return Trained(classifier, card, reference)


@dataclass(frozen=True)
class Seen:
    """What a classifier makes of pictures.

    Attributes:
        features: float64 (N, F), of its base.
        probabilities: float64 (N, K).
    """

    features: np.ndarray
    probabilities: np.ndarray


@torch.no_grad()
def look_through(classifier: Classifier, feed: Pictures, rows: np.ndarray) -> Seen:
    """Features and probabilities of rows of a pack, in evaluation mode and full precision."""
    classifier.eval()
    features, probabilities = [], []
    for start in range(0, len(rows), feed.batch):
        found = classifier.base(feed.clean(rows[start : start + feed.batch]))
        features.append(found.double().numpy())
        probabilities.append(torch.softmax(classifier.head(found).double(), dim=1).numpy())
    return Seen(np.concatenate(features), np.concatenate(probabilities))


def _looks(pack: Arrays, rows: np.ndarray) -> np.ndarray:
    return np.concatenate([describe_look(pack["pixels"][row : row + 1]) for row in rows])


def _training(origin: Origin, ids: tuple[str, ...], rows: np.ndarray, count: int) -> dict[str, Any]:
    """Sizes and shapes of the pictures that were trained on."""
    table = origin.manifest.set_index("item_id").loc[[ids[row] for row in rows]]
    return {
        "items": count,
        "aspect_ratio": [float(table["aspect_ratio"].min()), float(table["aspect_ratio"].max())],
        "smallest_side_px": int(table[["width", "height"]].min().min()),
    }


def _validation(manifest: pd.DataFrame, ids: list[str]) -> dict[str, int]:
    groups = manifest.set_index("item_id").loc[ids, "group"].nunique()
    return {"items": len(ids), "groups": int(groups)}


def _abstention(probabilities: np.ndarray, y: np.ndarray, alpha: float) -> dict[str, Any]:
    """The least probability to answer with, and how it did on the validation items."""
    confidence, wrong = probabilities.max(1), probabilities.argmax(1) != y
    threshold = abstention_threshold(confidence, wrong, alpha)
    answered = np.zeros(len(y), bool) if threshold is None else confidence >= threshold
    return {
        "alpha": alpha,
        "threshold": threshold,
        "valid_answered": int(answered.sum()),
        "valid_wrong": int((answered & wrong).sum()),
    }


def _refusal(distances: Mapping[str, np.ndarray], alpha: float) -> dict[str, Any]:
    """Limit of each distance, and the share of pictures like the validation ones beyond any."""
    limits, share = {}, 0.0
    for name in _TESTS:
        each = alpha / len(_TESTS)
        limit = conformal_quantile(distances[name], each)
        if limit is None:
            # Too few items for that share: a new one beats them all once in N + 1 times.
            limit, each = float(distances[name].max()), 1 / (len(distances[name]) + 1)
        limits[name] = limit
        share += each
    return {"limits": limits, "share": share}
