"""Train, validation and test for every block, with no group on two sides."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from fairtrial.core.errors import DataError
from fairtrial.core.seeds import stream_seed
from fairtrial.images.items import ROLES
from fairtrial.images.parameters import Split
from fairtrial.images.splitting.dealing import SEEDS, deal_counts, deal_share
from fairtrial.images.splitting.protocols import naive_blocks, source_blocks


def split_items(
    manifest: pd.DataFrame, split: Split, study: str, folds: int, seed: int
) -> pd.DataFrame:
    """Deal the used items of a manifest into roles.

    The seeds of a fold share its split, so that they differ by training alone.

    Args:
        manifest: item_id, label, group, excluded; ``split`` for a fixed division, ``source`` for
            ``by_source``.
        split: the method and its numbers; further protocols.
        study: its name.
        folds: how many blocks: of a k-fold two or more a repeat; of ``holdout`` and ``counts``
            that many random divisions; of a fixed division one.
        seed: the root seed.

    Returns:
        One row a block and item: block (``fold_0``, ...), item_id, role (train, valid, test, or
        unused). After them the blocks of further protocols: ``naive_fold_0``, ...; ``source_k``
        for the k-th source in alphabetical order, where it can be left out.

    Raises:
        ConfigError: the method cannot make so many folds.
        DataError: a class has too few pictures or groups to stand in every role of every fold, or
            a fixed division lacks an item.
    """
    split.check_folds(folds, study)
    used = manifest[manifest["excluded"] == ""].sort_values("item_id").reset_index(drop=True)
    labels = used["label"].to_numpy()
    standard: dict[str, np.ndarray] = {}
    for fold, role in enumerate(_deal(used, split, study, folds, seed)):
        _check_roles(labels, role, f"{study}: fold_{fold}")
        standard[f"fold_{fold}"] = role
    roles = dict(standard)
    if "naive" in split.protocols:
        roles |= naive_blocks(standard, labels, stream_seed(seed, study, "naive"))
    if "by_source" in split.protocols:
        place = stream_seed(seed, study, "by_source")
        roles |= source_blocks(used, split.valid_share, study, place)
    tables = [
        pd.DataFrame({"block": block, "item_id": used["item_id"], "role": role})
        for block, role in roles.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _deal(
    used: pd.DataFrame, split: Split, study: str, folds: int, seed: int
) -> Iterator[np.ndarray]:
    """Role of every item, fold by fold."""
    labels, groups = used["label"].to_numpy(), used["group"].to_numpy()
    if split.method == "fixed":
        yield _fixed(used, split.valid_share, study, stream_seed(seed, study, "fixed"))
        return
    if split.method == "stratified_group_kfold":
        parts = folds // split.repeats
        _check_groups(used, max(parts, 3), f"{parts} folds", study)
        for first in range(0, folds, parts):
            numbers = range(first, first + parts)
            yield from _kfold(labels, groups, split.valid_share, study, numbers, seed)
        return
    _check_groups(used, 3, "train, valid and test", study)
    for fold in range(folds):
        place = stream_seed(seed, study, f"fold_{fold}", split.method)
        if split.counts is not None:
            yield deal_counts(labels, groups, split.counts, study, place)
        else:
            yield _holdout(labels, groups, split, f"{study}: fold_{fold}", place)


def _kfold(
    labels: np.ndarray, groups: np.ndarray, valid_share: float, study: str, folds: range, seed: int
) -> Iterator[np.ndarray]:
    """The folds take turns as test set; each fold's validation comes from the others."""
    dealt = ("folds",) if folds.start == 0 else ("folds", f"fold_{folds.start}")
    cut = StratifiedGroupKFold(
        len(folds), shuffle=True, random_state=stream_seed(seed, study, *dealt) % SEEDS
    )
    for fold, (rest, test) in zip(folds, cut.split(labels, labels, groups), strict=True):
        role = np.full(len(labels), "train", dtype=object)
        role[test] = "test"
        place = stream_seed(seed, study, f"fold_{fold}", "validation")
        where = f"{study}: fold_{fold}, valid"
        chosen = deal_share(labels[rest], groups[rest], valid_share, place, where)
        role[rest[chosen]] = "valid"
        yield role


def _holdout(
    labels: np.ndarray, groups: np.ndarray, split: Split, where: str, seed: int
) -> np.ndarray:
    shares = split.holdout_shares()
    role = np.full(len(labels), "train", dtype=object)
    place = stream_seed(seed, "test")
    role[deal_share(labels, groups, shares.test, place, f"{where}, test")] = "test"
    rest = np.flatnonzero(role == "train")
    share = shares.valid / (1 - shares.test)
    place = stream_seed(seed, "valid")
    chosen = deal_share(labels[rest], groups[rest], share, place, f"{where}, valid")
    role[rest[chosen]] = "valid"
    return role


def _fixed(used: pd.DataFrame, valid_share: float, study: str, seed: int) -> np.ndarray:
    """The publisher's own division; a missing validation part is taken from its training part."""
    role = used["split"].to_numpy(dtype=object).copy()
    unknown = np.flatnonzero(~np.isin(role, ROLES))
    if len(unknown):
        raise DataError(
            f"{study}: {used['item_id'].iloc[unknown[0]]}",
            "train, valid or test in the folders or the table, with split.method: fixed",
            f"{role[unknown[0]]!r} ({len(unknown)} such pictures)",
            "Put the picture into one of these folders, fill the column that ingest.split names, "
            "or choose another split.method.",
        )
    if not (role == "valid").any() and (role == "train").any():
        rest = np.flatnonzero(role == "train")
        labels, groups = used["label"].to_numpy()[rest], used["group"].to_numpy()[rest]
        chosen = deal_share(labels, groups, valid_share, seed, f"{study}: valid")
        role[rest[chosen]] = "valid"
    return role


def _check_groups(used: pd.DataFrame, needed: int, what: str, study: str) -> None:
    """Each part needs a group of each class."""
    counts = used.groupby("label")["group"].nunique()
    for label, count in counts.items():
        if count < needed:
            raise DataError(
                f"{study}: class {label}",
                f"at least {needed} groups for {what}",
                count,
                "Add pictures of other groups, lower blocks.folds, or ignore the class.",
            )


def _check_roles(labels: np.ndarray, role: np.ndarray, where: str) -> None:
    for name in ROLES:
        absent = sorted(set(labels) - set(labels[role == name]))
        if absent:
            raise DataError(
                where,
                f"every class in its {name} part",
                f"no {', '.join(absent)}",
                "Its groups are too few or too uneven: lower blocks.folds or add groups.",
            )
