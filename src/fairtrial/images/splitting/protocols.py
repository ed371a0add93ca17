"""What other divisions would have said: at random without groups, and each source left out."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from fairtrial.core.seeds import stream_seed
from fairtrial.core.study import protocol_of
from fairtrial.images.splitting.dealing import deal_share

LOG = logging.getLogger(__name__)

_UNEVEN = "the groups of the others are too few or too uneven to train and validate every class"


def naive_blocks(
    standard: Mapping[str, np.ndarray], labels: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """The same division of items that know of no groups.

    One permutation within each class is applied to all blocks: every part keeps its size in every
    class, each item is tested as often, and nothing but the groups is torn apart. A difference in
    score is therefore the price of leakage alone.

    Args:
        standard: block -> role of each item.
        labels: of each item, (N,).
        seed: of the permutation.

    Returns:
        ``naive_BLOCK`` -> role of each item.
    """
    rng = np.random.default_rng(seed)
    place = np.arange(len(labels))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        place[rows] = rng.permutation(rows)
    return {f"naive_{block}": role[place] for block, role in standard.items()}


def source_blocks(
    used: pd.DataFrame, valid_share: float, study: str, seed: int
) -> dict[str, np.ndarray]:
    """Each source tests what the others taught, where they can teach every class.

    A source without which some class would lack items to train or to validate is not left out.
    Items of other sources that share a group with a tested one are ``unused``; items of unknown
    source are never tested.

    Args:
        used: label, group and source of each item.
        valid_share: share of the other sources' items that validates.
        study: name for the log.
        seed: of the dealing.

    Returns:
        ``source_k`` -> role of each item, k counting the sources in alphabetical order.
    """
    labels, groups = used["label"].to_numpy(), used["group"].to_numpy()
    blocks = {}
    for index, (source, reason) in enumerate(sources_of(used).items()):
        if reason:
            continue
        role, rest = _without(used, source)
        where, place = f"{study}: without source {source}", stream_seed(seed, source)
        chosen = deal_share(labels[rest], groups[rest], valid_share, place, where)
        role[rest[chosen]] = "valid"
        if any(set(labels[role == part]) != set(labels) for part in ("train", "valid")):
            LOG.warning("%s: cannot be left out: %s", where, _UNEVEN)
            continue
        blocks[f"source_{index}"] = role
    return blocks


def sources_of(used: pd.DataFrame) -> dict[str, str]:
    """Source -> why it cannot be left out, or "": every class needs two groups elsewhere."""
    found = {}
    for source in sorted(set(used["source"]) - {""}):
        _, rest = _without(used, source)
        left = used.iloc[rest].groupby("label")["group"].nunique()
        lacking = [label for label in sorted(set(used["label"])) if left.get(label, 0) < 2]
        alone = [
            label
            for label in lacking
            if set(used.loc[used["label"] == label, "source"]) == {source}
        ]
        found[source] = (
            f"it alone holds {', '.join(alone)}"
            if alone
            else f"the others hold fewer than two groups of {', '.join(lacking)}"
            if lacking
            else ""
        )
    return found


def reasons_of(used: pd.DataFrame, blocks: Collection[str]) -> dict[str, str]:
    """Source -> why it was not left out, or "" where ``blocks`` has its block."""
    return {
        source: "" if f"source_{index}" in blocks else reason or _UNEVEN
        for index, (source, reason) in enumerate(sources_of(used).items())
    }


def _without(used: pd.DataFrame, source: str) -> tuple[np.ndarray, np.ndarray]:
    """Roles with a source as test and its relatives unused, and the rows of the rest."""
    test = (used["source"] == source).to_numpy()
    related = used["group"].isin(set(used.loc[test, "group"])).to_numpy()
    role = np.full(len(used), "train", dtype=object)
    role[related] = "unused"
    role[test] = "test"
    return role, np.flatnonzero(role == "train")


def blocks_of(splits: pd.DataFrame, protocol: str) -> list[str]:
    """Blocks of a protocol in the splits table, in its order; none where nothing fits it."""
    names = dict.fromkeys(splits["block"].astype(str))
    return [block for block in names if protocol_of(block) == protocol]
