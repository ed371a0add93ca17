"""A trained classifier on new pictures: answers, abstentions and refusals, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import torch

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.records import Arrays, RawFolder
from fairtrial.images.parameters import Ingest
from fairtrial.images.prediction.likeness import cloud_of, describe_look
from fairtrial.images.prediction.trained import Trained, look_through
from fairtrial.images.reading.decode import quiet_decoding, read_upright, to_square
from fairtrial.images.reading.layout import picture_suffixes
from fairtrial.images.reading.refusals import UnusableError, refuse_unopened
from fairtrial.images.trials.feed import Pictures
from fairtrial.statistics.venn_abers import venn_abers
from fairtrial.training.device import one_thread

ANSWERED, ABSTAINED, REFUSED, UNREADABLE = "answered", "abstained", "refused", "unreadable"

# Pictures that are in memory at a time.
_BATCH = 64

# A square that was squashed from a shape a quarter beyond all that were trained on is another
# thing; so is one blown up from half the pixels of the smallest.
_SHAPE_MARGIN, _SIZE_MARGIN = 1.25, 0.5

_DISTANCES = {
    "look": "what it looks like (brightness, layout, edges, grain)",
    "features": "what the network makes of it",
}


@dataclass(frozen=True)
class Picture:
    """One picture as a model takes it.

    Attributes:
        path: from the root of its folder.
        pixels: uint8 (S, S, C) as in a pack.
        width, height: of the upright original, px.
    """

    path: str
    pixels: np.ndarray
    width: int
    height: int


@one_thread()
def predict_pictures(
    trained: Trained, raw: RawFolder, threshold: float | None = None
) -> pd.DataFrame:
    """Predict every file of a folder.

    Args:
        trained: the model.
        raw: the listed files.
        threshold: least probability to answer with, in [0, 1]; by default the card's, with which
            at most ``abstention.alpha`` of pictures like the validation items are answered wrongly.

    Returns:
        One row a file: ``picture`` (its path), ``status`` (answered, abstained, refused as unlike
        the training pictures, unreadable), ``prediction`` (a label, or "" without an answer),
        ``reason`` (why there is none, or ""), ``unlikeness`` (largest distance from the training
        pictures in units of its limit: refused above 1) and for each label ``p_LABEL`` (the
        model's probability), ``low_LABEL`` and ``high_LABEL`` (interval of the calibrated one).
        No probability is given of a picture that is refused.

    Raises:
        DataError: there is no file.
        ConfigError: the threshold is no probability.
    """
    if threshold is not None and not 0 <= threshold <= 1:
        raise ConfigError("--threshold", "a probability from 0 to 1", threshold, "Set another.")
    if raw.files.empty:
        raise DataError(raw.root, "pictures", "an empty folder", "Put pictures there.")
    limit = trained.card["abstention"]["threshold"] if threshold is None else threshold
    rows: list[dict[str, Any]] = []
    for batch, reasons in _batches(raw, Ingest.model_validate(trained.card["ingest"])):
        rows += [
            {"picture": path, "status": UNREADABLE, "prediction": "", "reason": reason}
            for path, reason in reasons.items()
        ]
        if batch:
            rows += _predict_batch(trained, batch, limit)
    numbers = [f"{part}_{label}" for label in trained.labels for part in ("p", "low", "high")]
    table = pd.DataFrame(
        rows, columns=["picture", "status", "prediction", "reason", "unlikeness", *numbers]
    )
    return table.sort_values("picture", ignore_index=True)


def read_pictures(raw: RawFolder, paths: list[str], ingest: Ingest) -> list[Picture]:
    """The pictures at some paths, all of which `predict_pictures` could read."""
    with quiet_decoding():
        return [_read(raw, path, ingest) for path in paths]


def _batches(raw: RawFolder, ingest: Ingest) -> Iterator[tuple[list[Picture], dict[str, str]]]:
    """Pictures, and of the others path -> reason, a few dozen files at a time."""
    columns = (raw.files[name] for name in ("path", "size", "sha256"))
    listed = list(zip(*columns, strict=True))
    suffixes = picture_suffixes(PurePosixPath(path).suffix.lower() for path, _, _ in listed)
    for start in range(0, len(listed), _BATCH):
        batch: list[Picture] = []
        reasons: dict[str, str] = {}
        with quiet_decoding():
            for path, size, sha256 in listed[start : start + _BATCH]:
                limit = ingest.largest_megabytes
                if refusal := refuse_unopened(path, size, sha256, suffixes, limit):
                    reasons[path] = refusal
                    continue
                try:
                    batch.append(_read(raw, path, ingest))
                except UnusableError as error:
                    reasons[path] = str(error)
        yield batch, reasons


def _read(raw: RawFolder, path: str, ingest: Ingest) -> Picture:
    """One picture, exactly as the ingest of the study reads it."""
    content = raw.read(path)
    try:
        image = read_upright(content, path, ingest)
        return Picture(path, to_square(image, path, ingest), image.width, image.height)
    except DataError as error:
        # In a study a parameter would mend it; here it is as it was for the training pictures.
        _, rule, seen, _ = error.args
        raise UnusableError(f"the model was trained on {rule}, and this is {seen}") from None


def _predict_batch(
    trained: Trained, batch: list[Picture], threshold: float | None
) -> list[dict[str, Any]]:
    pixels = np.stack([picture.pixels for picture in batch])
    feed = Pictures(
        Arrays({"pixels": pixels}), int(trained.card["image_side_px"]), torch.device("cpu")
    )
    seen = look_through(trained.classifier, feed, np.arange(len(batch)))
    excess = _excess(trained, {"look": describe_look(pixels), "features": seen.features})
    ends = [
        venn_abers(
            trained.reference["valid_probabilities"][:, k],
            trained.reference["valid_y"] == k,
            seen.probabilities[:, k],
        )
        for k in range(len(trained.labels))
    ]
    rows = []
    for index, picture in enumerate(batch):
        unlike = {name: float(values[index]) for name, values in excess.items()}
        row: dict[str, Any] = {"picture": picture.path, "unlikeness": max(unlike.values())}
        refusal = refuse_shape(picture, trained.card["training"]) or _refuse_distance(unlike)
        if refusal:
            rows.append({**row, "status": REFUSED, "prediction": "", "reason": refusal})
            continue
        probabilities = seen.probabilities[index]
        for k, label in enumerate(trained.labels):
            low, high = (float(end[index]) for end in ends[k])
            row |= {f"p_{label}": float(probabilities[k]), f"low_{label}": low}
            row[f"high_{label}"] = high
        doubt = _doubt(float(probabilities.max()), threshold, trained.card)
        answer = trained.labels[int(probabilities.argmax())]
        status, prediction = (ABSTAINED, "") if doubt else (ANSWERED, answer)
        rows.append({**row, "status": status, "prediction": prediction, "reason": doubt})
    return rows


def _excess(trained: Trained, vectors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each distance from the training pictures in units of its limit, float64 (N,)."""
    limits = trained.card["refusal"]["limits"]
    return {
        name: cloud_of(trained.reference, name).distances(found) / limits[name]
        for name, found in vectors.items()
    }


def refuse_shape(picture: Picture, training: Mapping[str, Any]) -> str:
    """Why a picture's shape or size is unlike those of the training pictures, or ""."""
    low, high = training["aspect_ratio"]
    ratio = picture.width / picture.height
    if not low / _SHAPE_MARGIN <= ratio <= high * _SHAPE_MARGIN:
        return (
            f"its shape: {ratio:.2f} times as wide as high; "
            f"the training pictures are {low:.2f} to {high:.2f}"
        )
    if min(picture.width, picture.height) < _SIZE_MARGIN * training["smallest_side_px"]:
        return (
            f"its size: {picture.width} x {picture.height} px; "
            f"no side of a training picture is below {training['smallest_side_px']} px"
        )
    return ""


def _refuse_distance(unlike: Mapping[str, float]) -> str:
    name = max(unlike, key=lambda each: unlike[each])
    if unlike[name] <= 1:
        return ""
    return (
        f"{_DISTANCES[name]}: {unlike[name]:.1f} times the distance from the training pictures "
        "within which validation pictures lie"
    )


def _doubt(confidence: float, threshold: float | None, card: Mapping[str, Any]) -> str:
    """Why no answer is given, or ""."""
    if threshold is None:
        return (
            f"{card['validation']['items']} validation items are too few for a threshold; "
            "give one with --threshold"
        )
    if confidence < threshold:
        return f"its probability {confidence:.3f} is below the threshold {threshold:.3f}"
    return ""
