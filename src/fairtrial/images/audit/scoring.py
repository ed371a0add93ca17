"""Rows of scores of the trivial models; those of sources have metrics of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.study import split_name
from fairtrial.images.scoring.confusion import accuracy, balanced_accuracy, confusion_matrix
from fairtrial.images.scoring.scores import find_items, score_rows
from fairtrial.images.trials.predict import SPLITS


def probe_rows(
    outputs: Iterable[Arrays],
    splits: pd.DataFrame,
    hashes: Mapping[str, str],
    positive: str | None = None,
    sources: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """As `score_rows`; a probe of the sources has ``source_...`` metrics and none of the classes.

    Args:
        outputs: of the battery.
        splits: which items belong to each block's validation and test; those that an output left
            out are not asked of it.
        hashes: ``manifest_sha256`` and ``splits_sha256``.
        positive: the positive class of two, if one is declared.
        sources: item -> where its picture comes from, "" if unknown.

    Raises:
        TrialError: an output does not hold each item of its split exactly once.
        ConfigError: ``positive`` is not one of two classes.
    """
    rows = []
    for output in outputs:
        dealt = splits[~splits["item_id"].isin(output.description["left_out"])]
        if output.description["target"] == "source":
            rows += _source_rows(output, dealt, hashes)
        else:
            rows += score_rows([output], dealt, hashes, positive, sources)
    return rows


def _source_rows(
    output: Arrays, splits: pd.DataFrame, hashes: Mapping[str, str]
) -> list[dict[str, Any]]:
    description = output.description
    rows = []
    for block in description["blocks"]:
        for split in SPLITS:
            here = (splits["block"] == split_name(block)) & (splits["role"] == split)
            items = sorted(splits.loc[here, "item_id"])
            found = find_items(output, block, split, items)
            predicted = output["probabilities"][found].argmax(1)
            matrix = confusion_matrix(output["y"][found], predicted, len(description["labels"]))
            values = {
                "source_accuracy": float(accuracy(matrix)),
                "source_balanced_accuracy": float(balanced_accuracy(matrix)),
            }
            rows += [
                {
                    "study": description["study"],
                    "arm": description["arm"],
                    "role": description["role"],
                    "block": block,
                    "split": split,
                    "n_items": len(items),
                    "metric": metric,
                    "value": value,
                    "higher_is_better": True,
                    **hashes,
                }
                for metric, value in values.items()
            ]
    return rows
