"""What leaks between training and test are worth: the same items under two divisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.core.seeds import stream
from fairtrial.core.study import protocol_of
from fairtrial.statistics.effects import Estimate
from fairtrial.statistics.resampling import group_bootstrap


@dataclass(frozen=True)
class Price:
    """One arm under the safe division and another one.

    Attributes:
        arm: its name.
        role: arm, probe or floor.
        n_items: test items that both have.
        safe: accuracy under the study's own division.
        other: accuracy on the same items under the other division.
        difference: other less safe, with its interval over resampled groups.
    """

    arm: str
    role: str
    n_items: int
    safe: float
    other: float
    difference: Estimate


def price_of(
    outputs: Iterable[Arrays],
    protocol: str,
    manifest: pd.DataFrame,
    resamples: int,
    confidence: float,
    seed: int,
) -> list[Price]:
    """Price of each arm that has test items of two groups or more under both divisions.

    Each item counts by the share of its models that are right, those that saw it in their test
    part; so every item has a pair of numbers, and only whole groups are resampled.

    Args:
        outputs: of every arm and chunk under both divisions.
        protocol: the other division.
        manifest: groups of the items.
        resamples: how many resamplings.
        confidence: coverage of the interval.
        seed: the root seed.
    """
    group = manifest.set_index("item_id")["group"]
    found = []
    for (study, arm, role), shares in _shares_right(outputs).items():
        if not {"standard", protocol} <= set(shares):
            continue
        table = pd.concat(
            {"safe": shares["standard"], "other": shares[protocol]}, axis=1, join="inner"
        )
        groups = group.reindex(table.index).tolist()
        if len(set(groups)) < 2:
            continue
        gain = (table["other"] - table["safe"]).to_numpy(float)
        estimates = group_bootstrap(
            partial(_mean_gain, gain),
            groups,
            resamples,
            confidence,
            stream(seed, study, "leakage", protocol, arm),
        )
        means = table.mean()
        found.append(
            Price(
                arm,
                role,
                len(table),
                float(means["safe"]),
                float(means["other"]),
                estimates["gain"],
            )
        )
    return found


def _mean_gain(gain: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    return {"gain": weights @ gain / weights.sum(1)}


def accuracy_by_source(outputs: Sequence[Arrays], manifest: pd.DataFrame) -> pd.DataFrame:
    """One row an arm and source that was left out: its pictures under both divisions.

    Returns:
        arm, source, n_items, safe (accuracy where other pictures of the source are trained on),
        left_out (accuracy where none is).
    """
    source = manifest.set_index("item_id")["source"]
    rows = []
    for (_, arm, _role), shares in _shares_right(outputs).items():
        if not {"standard", "by_source"} <= set(shares):
            continue
        table = pd.concat(
            {"safe": shares["standard"], "left_out": shares["by_source"]}, axis=1, join="inner"
        )
        for name, part in table.groupby(source.reindex(table.index).to_numpy()):
            means = part.mean()
            row = {"arm": arm, "source": str(name), "n_items": len(part)}
            rows.append({**row, "safe": float(means["safe"]), "left_out": float(means["left_out"])})
    return pd.DataFrame(rows, columns=["arm", "source", "n_items", "safe", "left_out"])


def _shares_right(
    outputs: Iterable[Arrays],
) -> dict[tuple[str, str, str], dict[str, pd.Series]]:
    """Study, arm and role -> protocol -> share of right predictions of each test item."""
    parts: dict[tuple[str, str, str], list[pd.DataFrame]] = {}
    for output in outputs:
        about = output.description
        test = np.flatnonzero(output["split"] == "test")
        blocks = [str(block) for block in output["block"][test]]
        rows = pd.DataFrame(
            {
                "item_id": output["item_id"][test].astype(str),
                "protocol": [protocol_of(block) for block in blocks],
                "right": output["probabilities"][test].argmax(1) == output["y"][test],
            }
        )
        key = (str(about["study"]), str(about["arm"]), str(about.get("role", "arm")))
        parts.setdefault(key, []).append(rows)
    return {
        key: {
            str(protocol): rows.groupby("item_id")["right"].mean()
            for protocol, rows in pd.concat(tables).groupby("protocol")
        }
        for key, tables in parts.items()
    }
