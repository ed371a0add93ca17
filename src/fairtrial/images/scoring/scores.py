"""From outputs to rows of scores and of the ledger: exactly the items of the split are scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import TrialError
from fairtrial.core.records import Arrays
from fairtrial.core.study import fold_and_seed, protocol_of, split_name
from fairtrial.images.scoring.confusion import confusion_matrix
from fairtrial.images.scoring.metrics import (
    METRICS,
    OF_POSITIVE,
    SOURCE_METRICS,
    measure,
    measure_class,
    positive_index,
)
from fairtrial.images.trials.predict import SPLITS


def sources_of(manifest: pd.DataFrame) -> dict[str, str]:
    """Item -> where its picture comes from, "" if unknown."""
    return dict(zip(manifest["item_id"], manifest["source"], strict=True))


def score_rows(
    outputs: Iterable[Arrays],
    splits: pd.DataFrame,
    hashes: Mapping[str, str],
    positive: str | None = None,
    sources: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """One row a trial, split and metric; of test items also by class and by source.

    Subset ``class=NAME`` holds `CLASS_METRICS` of one class against all others, ``source=NAME``
    `SOURCE_METRICS` of the pictures of one source, where two or more are known.

    Args:
        outputs: of every arm and chunk, and of the probe.
        splits: which items belong to each block's validation and test.
        hashes: ``manifest_sha256`` and ``splits_sha256``.
        positive: the positive class of two, if one is declared.
        sources: item -> where its picture comes from, "" if unknown.

    Raises:
        TrialError: an output does not hold each item of its split exactly once.
        ConfigError: ``positive`` is not one of two classes.
    """
    expected = {
        key: sorted(part["item_id"]) for key, part in splits.groupby(["block", "role"], sort=False)
    }
    rows = []
    for output in outputs:
        description = output.description
        labels = list(description["labels"])
        index = positive_index(labels, positive)
        for block, outcome in description["blocks"].items():
            fold, trial_seed = fold_and_seed(block)
            for split in SPLITS:
                items = expected[split_name(block), split]
                common = {
                    "study": description["study"],
                    "arm": description["arm"],
                    "role": description.get("role", "arm"),
                    "block": block,
                    "fold": fold,
                    "seed": trial_seed,
                    "split": split,
                    "protocol": protocol_of(block),
                    "status": outcome["status"],
                    "budget": outcome["updates"],
                    "budget_unit": "updates" if outcome["updates"] is not None else "",
                    **hashes,
                }
                if outcome["status"] != "ok":
                    names = [
                        name for name in METRICS if index is not None or name not in OF_POSITIVE
                    ]
                    rows += _rows(common, "all", len(items), dict.fromkeys(names))
                    continue
                found = find_items(output, block, split, items)
                y, probabilities = output["y"][found], output["probabilities"][found]
                rows += _rows(common, "all", len(items), measure(y, probabilities, index))
                if split == "test":
                    ids = output["item_id"][found]
                    rows += _class_rows(common, y, probabilities, labels)
                    rows += _source_rows(common, y, probabilities, ids, sources or {})
    return rows


def _rows(
    common: Mapping[str, Any], subset: str, n_items: int, values: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    return [
        {
            **common,
            "subset": subset,
            "n_items": n_items,
            "metric": name,
            "value": value,
            "higher_is_better": name not in METRICS or METRICS[name].higher_is_better,
        }
        for name, value in values.items()
    ]


def _class_rows(
    common: Mapping[str, Any], y: np.ndarray, probabilities: np.ndarray, labels: Sequence[str]
) -> list[dict[str, Any]]:
    rows = []
    for index, label in enumerate(labels):
        values = measure_class(y, probabilities, index)
        rows += _rows(common, f"class={label}", len(y), values)
    return rows


def _source_rows(
    common: Mapping[str, Any],
    y: np.ndarray,
    probabilities: np.ndarray,
    ids: np.ndarray,
    sources: Mapping[str, str],
) -> list[dict[str, Any]]:
    if len(set(sources.values()) - {""}) < 2:
        return []
    here = np.array([sources[str(item)] for item in ids])
    rows = []
    for source in sorted(set(here) - {""}):
        values = measure(y[here == source], probabilities[here == source])
        kept = {name: values[name] for name in SOURCE_METRICS}
        rows += _rows(common, f"source={source}", int((here == source).sum()), kept)
    return rows


def find_items(output: Arrays, block: str, split: str, items: Sequence[str]) -> np.ndarray:
    """Rows, int (N,), of exactly these items in an output, in its order.

    Args:
        output: predictions.
        block: which of its blocks.
        split: valid or test.
        items: their ids, sorted.

    Raises:
        TrialError: an item is missing, foreign or twice there.
    """
    here = np.flatnonzero((output["block"] == block) & (output["split"] == split))
    found = sorted(str(item) for item in output["item_id"][here])
    if found != list(items):
        raise TrialError(
            f"{output.description['study']} {output.description['arm']} {block} {split}",
            f"predictions of exactly its {len(items)} items",
            f"{len(found)} predictions of {len(set(found) & set(items))} of them",
            "Run the evaluate stage of this arm again.",
        )
    return here


def ledger_rows(
    outputs: Iterable[Arrays], histories: Iterable[tuple[str, pd.DataFrame]]
) -> list[dict[str, Any]]:
    """One row a trial: what it cost.

    Args:
        outputs: of every arm and chunk.
        histories: arm and history of every arm and chunk; it holds the seconds of each update.
    """
    seconds: dict[tuple[str, str], float] = {}
    for arm, history in histories:
        for block, part in history.groupby("block"):
            seconds[arm, str(block)] = float(part["seconds"].sum())
    rows = []
    for output in outputs:
        description = output.description
        for block, outcome in description["blocks"].items():
            rows.append(
                {
                    "study": description["study"],
                    "arm": description["arm"],
                    "block": block,
                    "status": outcome["status"],
                    "budget": outcome["updates"],
                    "budget_unit": "updates",
                    "seconds": seconds.get((description["arm"], block), 0.0),
                    "device": description["device"],
                    "threads": description["threads"],
                    "note": outcome["note"],
                }
            )
    return rows


def confusion_by_arm(outputs: Iterable[Arrays]) -> dict[str, np.ndarray]:
    """Arm -> confusion matrix int64 (K, K) of the test items, summed over its blocks."""
    sums: dict[str, np.ndarray] = {}
    for output in outputs:
        classes = len(output.description["labels"])
        test = output["split"] == "test"
        predicted = np.array(output["probabilities"][test]).argmax(1)
        matrix = confusion_matrix(np.array(output["y"][test]), predicted, classes)
        arm = str(output.description["arm"])
        sums[arm] = sums.get(arm, np.zeros((classes, classes), np.int64)) + matrix
    return sums
