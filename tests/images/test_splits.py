"""Splits: no group on two sides, every class in every role, seeds share a fold's split."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.study import Blocks, split_name
from fairtrial.images.parameters import Split
from fairtrial.images.splits import split_items

FOLDS = 4


def manifest_of(groups_a_class: list[int], largest: int, seed: int) -> pd.DataFrame:
    """Classes with so many groups, each of 1 to ``largest`` pictures."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"{label}/{group}/{index}", f"class_{label}", f"g{label}_{group}")
        for label, groups in enumerate(groups_a_class)
        for group in range(groups)
        for index in range(rng.integers(1, largest + 1))
    ]
    table = pd.DataFrame(rows, columns=["item_id", "label", "group"])
    return table.assign(excluded="")


@settings(deadline=None, max_examples=40)
@given(
    groups=st.lists(st.integers(8, 20), min_size=2, max_size=4),
    largest=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_groups_never_part(groups: list[int], largest: int, seed: int) -> None:
    """In every block each group has one role, each class has all roles, tests cover all items."""
    manifest = manifest_of(groups, largest, seed)
    try:
        splits = split_items(manifest, Split(), "s", FOLDS, seed)
    except DataError as error:  # groups so uneven that a fold would lack a class are refused
        assert "every class in its" in str(error)  # noqa: PT017
        return
    joined = splits.merge(manifest, on="item_id")
    assert len(splits) == FOLDS * len(manifest)
    assert (joined.groupby(["block", "group"])["role"].nunique() == 1).all()
    assert (joined.groupby(["block", "role"])["label"].nunique() == len(groups)).all()
    tested = splits[splits["role"] == "test"]
    assert sorted(tested["item_id"]) == sorted(manifest["item_id"])


def test_shares_are_about_right() -> None:
    """Five folds and an eighth of the rest make 7 : 1 : 2."""
    manifest = manifest_of([80, 80], 1, 0)
    splits = split_items(manifest, Split(), "s", 5, 3)
    shares = splits.groupby("role").size() / len(splits)
    assert shares.round(2).to_dict() == {"test": 0.2, "train": 0.7, "valid": 0.1}


def test_seeds_of_a_fold_share_its_split() -> None:
    """Seeds read the split of their fold; another root seed changes the split."""
    manifest = manifest_of([20, 20], 2, 0)
    one = split_items(manifest, Split(), "s", FOLDS, 3)
    names = Blocks(folds=FOLDS, seeds=2).names()
    assert {split_name(block) for block in names} == set(one["block"])
    assert split_name("fold_2_seed_1") == "fold_2"
    other = split_items(manifest, Split(), "s", FOLDS, 4)
    assert not other["role"].equals(one["role"])


def test_excluded_items_and_order_do_not_matter() -> None:
    """The split depends on the used items alone, in whatever order they come."""
    manifest = manifest_of([12, 12], 2, 1)
    extra = manifest.iloc[:3].assign(item_id=["x", "y", "z"], excluded="the file is empty")
    shuffled = pd.concat([extra, manifest.sample(frac=1, random_state=0)])
    pd.testing.assert_frame_equal(
        split_items(manifest, Split(), "s", FOLDS, 0), split_items(shuffled, Split(), "s", FOLDS, 0)
    )


def test_too_few_groups_are_an_error() -> None:
    """The message names the class, the number needed and the number there."""
    with pytest.raises(DataError, match="class class_1: expected at least 4 groups .* found 3"):
        split_items(manifest_of([9, 3], 3, 0), Split(), "s", FOLDS, 0)
    with pytest.raises(ConfigError, match="two folds or more, found 1"):
        split_items(manifest_of([9, 9], 1, 0), Split(), "s", 1, 0)
