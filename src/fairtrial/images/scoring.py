"""From outputs to rows of scores and of the ledger: exactly the items of the split are scored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import TrialError
from fairtrial.core.records import Arrays
from fairtrial.core.study import fold_and_seed, split_name
from fairtrial.images.metrics import METRICS, confusion_matrix, measure
from fairtrial.images.predict import SPLITS


def score_rows(
    outputs: Iterable[Arrays], splits: pd.DataFrame, hashes: Mapping[str, str]
) -> list[dict[str, Any]]:
    """One row a trial, split and metric.

    Args:
        outputs: of every arm and chunk, and of the probe.
        splits: which items belong to each block's validation and test.
        hashes: ``manifest_sha256`` and ``splits_sha256``.

    Raises:
        TrialError: an output does not hold each item of its split exactly once.
    """
    expected = {
        key: sorted(part["item_id"]) for key, part in splits.groupby(["block", "role"], sort=False)
    }
    rows = []
    for output in outputs:
        description = output.description
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
                    "status": outcome["status"],
                    "n_items": len(items),
                    "budget": outcome["updates"],
                    "budget_unit": "updates" if outcome["updates"] is not None else "",
                    **hashes,
                }
                values: dict[str, float | None] = dict.fromkeys(METRICS)
                if outcome["status"] == "ok":
                    y, probabilities = select(output, block, split, items)
                    values = dict(measure(y, probabilities))
                rows += [
                    {
                        **common,
                        "metric": name,
                        "value": values[name],
                        "higher_is_better": metric.higher_is_better,
                    }
                    for name, metric in METRICS.items()
                ]
    return rows


def select(
    output: Arrays, block: str, split: str, items: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Labels int64 (N,) and probabilities float64 (N, K) of exactly these items.

    Raises:
        TrialError: an item is missing, foreign or twice there.
    """
    here = (output["block"] == block) & (output["split"] == split)
    found = sorted(str(item) for item in output["item_id"][here])
    if found != items:
        raise TrialError(
            f"{output.description['study']} {output.description['arm']} {block} {split}",
            f"predictions of exactly its {len(items)} items",
            f"{len(found)} predictions of {len(set(found) & set(items))} of them",
            "Run the evaluate stage of this arm again.",
        )
    return np.array(output["y"][here]), np.array(output["probabilities"][here])


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
