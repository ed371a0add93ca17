"""Train, validation and test for every block, with no group on two sides."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.seeds import stream_seed
from fairtrial.images.parameters import Split

# scikit-learn takes seeds of 32 bits.
_SEEDS = 2**32


def split_items(
    manifest: pd.DataFrame, split: Split, study: str, folds: int, seed: int
) -> pd.DataFrame:
    """Deal the used items of a manifest into roles.

    The folds take turns as test set; the seeds of a fold share its split, so that they differ by
    training alone.

    Args:
        manifest: item_id, label, group, excluded.
        split: the share that validates.
        study: its name.
        folds: how many; at least two.
        seed: the root seed.

    Returns:
        One row a fold and item: block (``fold_0``, ...), item_id, role (train, valid or test).

    Raises:
        ConfigError: there are fewer than two folds.
        DataError: a class has too few groups to stand in every role of every fold.
    """
    if folds < 2:
        raise ConfigError(
            f"studies.yml: {study}.blocks", "two folds or more", folds, "Set blocks: {folds: 5}."
        )
    used = manifest[manifest["excluded"] == ""].sort_values("item_id").reset_index(drop=True)
    labels, groups = used["label"].to_numpy(), used["group"].to_numpy()
    _check_groups(used, folds, study)
    roles = []
    cut = StratifiedGroupKFold(
        folds, shuffle=True, random_state=stream_seed(seed, study, "folds") % _SEEDS
    )
    for fold, (rest, test) in enumerate(cut.split(labels, labels, groups)):
        role = np.full(len(used), "train", dtype=object)
        role[test] = "test"
        place = stream_seed(seed, study, f"fold_{fold}", "validation") % _SEEDS
        role[rest[_validation(labels[rest], groups[rest], split.valid_share, place)]] = "valid"
        _check_roles(labels, role, fold, study)
        roles.append(role)
    return pd.concat(
        [
            pd.DataFrame({"block": f"fold_{fold}", "item_id": used["item_id"], "role": role})
            for fold, role in enumerate(roles)
        ],
        ignore_index=True,
    )


def _validation(labels: np.ndarray, groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Positions of about ``share`` of the items, whole groups, every class if it can be."""
    fewest = min(len(set(groups[labels == label])) for label in set(labels))
    parts = max(2, min(round(1 / share), fewest))
    cut = StratifiedGroupKFold(parts, shuffle=True, random_state=seed)
    first: np.ndarray = next(cut.split(labels, labels, groups))[1]
    return first


def _check_groups(used: pd.DataFrame, folds: int, study: str) -> None:
    """Each fold needs a group of each class for its test, and two more to train and validate."""
    needed = max(folds, 3)
    counts = used.groupby("label")["group"].nunique()
    for label, count in counts.items():
        if count < needed:
            raise DataError(
                f"{study}: class {label}",
                f"at least {needed} groups for {folds} folds",
                count,
                "Add pictures of other groups, lower blocks.folds, or ignore the class.",
            )


def _check_roles(labels: np.ndarray, role: np.ndarray, fold: int, study: str) -> None:
    for name in ("train", "valid", "test"):
        absent = sorted(set(labels) - set(labels[role == name]))
        if absent:
            raise DataError(
                f"{study}: fold_{fold}",
                f"every class in its {name} part",
                f"no {', '.join(absent)}",
                "Its groups are too few or too uneven: lower blocks.folds or add groups.",
            )
