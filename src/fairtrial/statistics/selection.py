"""From the tidy scores table to the blocks x arms table that a test runs on."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairtrial.core.errors import StatisticsError
from fairtrial.statistics.scores import natural_key

_FOLD = re.compile(r"(fold_\d+)(_seed_\d+)?")


@dataclass(frozen=True)
class Selection:
    """The values a verdict is about.

    Attributes:
        table: units x arms, of complete blocks (blocked) or of all finished runs (independent,
            NaN where an arm has no value in a row).
        higher_is_better: direction of the metric.
        protocol: the protocol that was selected.
        unit: what a row of the table is: "fold", "run" or "block".
        total: units that were tried.
        seeds: largest number of seeds averaged within a fold; 1 without repeated seeds.
        trials: arm -> trials tried.
        unfinished: arm -> trials that diverged, failed or are missing.
    """

    table: pd.DataFrame
    higher_is_better: bool
    protocol: str
    unit: str
    total: int
    seeds: int
    trials: dict[str, int]
    unfinished: dict[str, int]


def unit_of(block: str) -> str:
    """Unit a block belongs to: its fold where it is a fold's seed, else the block itself."""
    match = _FOLD.fullmatch(block)
    return match.group(1) if match else block


def select_rows(scores: pd.DataFrame, primary_metric: str) -> pd.DataFrame:
    """Rows of the primary metric on the test split: all subsets' union "all", one protocol.

    The protocol is the only one there is, or "standard" among several.

    Raises:
        StatisticsError: the metric was not measured, or no protocol among several is standard.
    """
    on_test = scores[(scores["split"] == "test") & (scores["subset"] == "all")]
    rows = on_test[on_test["metric"] == primary_metric]
    if not (rows["role"] == "arm").any():
        known = ", ".join(sorted(on_test.loc[on_test["role"] == "arm", "metric"].unique()))
        raise StatisticsError(
            "primary_metric",
            "a metric measured on the test split for arms",
            repr(primary_metric),
            f"Measured: {known or 'none'}.",
        )
    protocols = sorted(rows.loc[rows["role"] == "arm", "protocol"].unique())
    if len(protocols) > 1 and "standard" not in protocols:
        raise StatisticsError(
            "scores, column protocol",
            "one protocol, or standard among several",
            ", ".join(protocols),
            "Judge one protocol a study.",
        )
    protocol = protocols[0] if len(protocols) == 1 else "standard"
    return rows[rows["protocol"] == protocol]


def select(scores: pd.DataFrame, design: str, primary_metric: str) -> Selection:
    """Values of the arms by block, seeds averaged within a fold.

    A block is complete when every arm finished in it; of a fold with several seeds those count
    in which every arm finished, so that all arms are averaged over the same seeds. For
    independent runs each arm keeps what it finished.

    Args:
        scores: table of one study, as `make_scores` builds it.
        design: blocked or independent.
        primary_metric: the metric to select.

    Raises:
        StatisticsError: as `select_rows`.
    """
    rows = select_rows(scores, primary_metric)
    rows = rows[rows["role"] == "arm"]
    arms = list(dict.fromkeys(rows["arm"]))
    wide = rows.pivot(index="block", columns="arm", values="value")[arms]
    wide = wide.loc[sorted(wide.index, key=natural_key)]
    units = pd.Index([unit_of(str(block)) for block in wide.index], name="block")
    finished = wide.dropna() if design == "blocked" else wide.dropna(how="all")
    kept = pd.Index([unit_of(str(block)) for block in finished.index], name="block")
    table = finished.groupby(kept, sort=False).mean()
    return Selection(
        table=table.rename_axis(columns=None),
        higher_is_better=bool(rows["higher_is_better"].iloc[0]),
        protocol=str(rows["protocol"].iloc[0]),
        unit=_unit_noun([str(unit) for unit in units]),
        total=int(units.nunique()),
        seeds=int(units.value_counts().max()),
        trials={arm: len(wide) for arm in arms},
        unfinished={arm: int(np.isnan(wide[arm]).sum()) for arm in arms},
    )


def _unit_noun(units: list[str]) -> str:
    for noun in ("fold", "run"):
        if all(re.fullmatch(rf"{noun}_\d+", unit) for unit in units):
            return noun
    return "block"
