"""Found copies joined to the declared groups, and what the report says of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fairtrial.core.text import count_text, list_text
from fairtrial.images.parameters import Split
from fairtrial.images.splitting.groups import join_groups


def join_copies(manifest: pd.DataFrame, duplicates: pd.DataFrame) -> pd.DataFrame:
    """The manifest with groups that hold whole clusters of copies.

    Args:
        manifest: item_id, group.
        duplicates: item_id, cluster.
    """
    cluster = dict(zip(duplicates["item_id"], duplicates["cluster"], strict=True))
    keys = {
        item: [("group", group), *([("cluster", cluster[item])] if item in cluster else [])]
        for item, group in zip(manifest["item_id"], manifest["group"], strict=True)
    }
    group = join_groups(list(keys), keys)
    return manifest.assign(group=[group[item] for item in manifest["item_id"]])


def report_groups(
    report: dict[str, Any],
    before: pd.DataFrame,
    after: pd.DataFrame,
    duplicates: pd.DataFrame,
    split: Split,
    folds: int,
) -> dict[str, Any]:
    """The ingest report with what is known of copies and of groups that a fixed division parts.

    Args:
        report: notes and warnings so far.
        before: the manifest without the copies' groups.
        after: the manifest with them.
        duplicates: the copies.
        split: whether they were searched for, and how pictures are dealt.
        folds: how many divisions are made.
    """
    notes = [_searched(before, after, duplicates, split)]
    warnings = [
        *_labels_at_odds(after, duplicates),
        *_parted(after, split),
        *_overlapping(split, folds),
    ]
    return {
        **report,
        "notes": [*report["notes"], *notes],
        "warnings": [*report["warnings"], *warnings],
    }


def _searched(
    before: pd.DataFrame, after: pd.DataFrame, duplicates: pd.DataFrame, split: Split
) -> str:
    if not split.duplicates.search:
        return "No search for copies was made: turned or mirrored ones may stand on both sides."
    what = "turned, mirrored, rescaled and recompressed copies"
    if duplicates.empty:
        return f"A search for {what} found none."
    used = before["excluded"] == ""
    joined = before.loc[used, "group"].nunique() - after.loc[used, "group"].nunique()
    told = f"joins {count_text(joined, 'group')} to others" if joined else "joins no further groups"
    kept = "splits by group keep a cluster on one side"
    if split.method == "fixed":
        kept = "the data set's own division is kept, and may part clusters (see the warnings)"
    return (
        f"A search for {what} found {count_text(len(duplicates), 'picture')} in "
        f"{count_text(duplicates['cluster'].nunique(), 'cluster')}, which {told}; {kept}."
    )


def _labels_at_odds(after: pd.DataFrame, duplicates: pd.DataFrame) -> list[str]:
    labels = after.set_index("item_id")["label"]
    found = duplicates.assign(label=labels.reindex(duplicates["item_id"]).to_numpy())
    several = found.groupby("cluster")["label"].agg(lambda names: sorted(set(names)))
    odd = several[several.map(len) > 1]
    if odd.empty:
        return []
    return [
        f"Copies of one picture carry different labels in {count_text(len(odd), 'cluster')}, "
        f"e.g. {list_text(odd.iloc[0])} around {odd.index[0]}: some of them are wrong."
    ]


def _parted(after: pd.DataFrame, split: Split) -> list[str]:
    """A published division stays as it is, but its reader is told what it leaks."""
    if split.method != "fixed":
        return []
    used = after[after["excluded"] == ""]
    sides = used.groupby("group")["split"].agg(lambda parts: len(set(parts)))
    parted = set(sides.index[sides > 1])
    test = used[used["split"] == "test"]
    leaked = int(test["group"].isin(parted).sum())
    if not parted:
        return []
    return [
        f"The published division parts {count_text(len(parted), 'group')} of related pictures: "
        f"{leaked} of {count_text(len(test), 'test picture')} have a relative outside the test. "
        "Scores on them are too high for new pictures."
    ]


def _overlapping(split: Split, folds: int) -> list[str]:
    """Only the folds of one k-fold have test parts that share nothing."""
    drawn = {"holdout": folds, "counts": folds}.get(split.method, split.repeats)
    if drawn < 2:
        return []
    return [
        f"The {drawn} divisions are each drawn at random from all pictures: their test parts "
        "overlap by chance, so the tests count shared evidence more than once and their p-values "
        "are smaller than they should be."
    ]
