"""Splits: no group on two sides, every class in every role, seeds share a fold's split."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, reject, settings
from pydantic import ValidationError

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.study import Blocks, split_name
from fairtrial.images.parameters import Counts, Split
from fairtrial.images.splitting.splits import split_items

FOLDS = 4
SMALL = Counts(train=4, valid=2, test=2)
METHODS: dict[str, dict[str, Any]] = {
    "stratified_group_kfold": {},
    "holdout": {"shares": "80/20"},
    "counts": {"counts": SMALL},
}


def manifest_of(groups_a_class: list[int], largest: int, seed: int) -> pd.DataFrame:
    """Classes with so many groups, each of 1 to ``largest`` pictures, of two sources."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"{label}/{group}/{index}", f"class_{label}", f"g{label}_{group}", f"from_{group % 2}")
        for label, groups in enumerate(groups_a_class)
        for group in range(groups)
        for index in range(rng.integers(1, largest + 1))
    ]
    table = pd.DataFrame(rows, columns=["item_id", "label", "group", "source"])
    return table.assign(excluded="", split="")


def split_of(method: str, **more: Any) -> Split:
    return Split(method=method, **METHODS[method], **more)


@settings(deadline=None, max_examples=45)
@given(
    method=st.sampled_from(sorted(METHODS)),
    groups=st.lists(st.integers(8, 20), min_size=2, max_size=4),
    largest=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_groups_never_part(method: str, groups: list[int], largest: int, seed: int) -> None:
    """Under every method each group has one role in a block, and each class has all roles."""
    manifest = manifest_of(groups, largest, seed)
    try:
        splits = split_items(manifest, split_of(method), "s", FOLDS, seed)
    except DataError as error:  # groups so uneven that a part would lack a class are refused
        # Most draws are dealt, so pytest.raises would not do; too many refusals fail the test.
        assert "every class in its" in str(error)  # noqa: PT017
        reject()
    joined = splits.merge(manifest, on="item_id")
    assert len(splits) == FOLDS * len(manifest)
    used = joined[joined["role"] != "unused"]
    assert (used.groupby(["block", "group"])["role"].nunique() == 1).all()
    assert (used.groupby(["block", "role"])["label"].nunique() == len(groups)).all()


@settings(max_examples=20)
@given(groups=st.integers(8, 20), largest=st.integers(1, 4), seed=st.integers(0, 1000))
def test_a_kfold_tests_each_item_once(groups: int, largest: int, seed: int) -> None:
    """Over the folds every item is tested exactly once and none is left unused."""
    manifest = manifest_of([groups, groups], largest, seed)
    try:
        splits = split_items(manifest, Split(), "s", FOLDS, seed)
    except DataError:  # as above
        return
    assert set(splits["role"]) == {"train", "valid", "test"}
    tested = splits[splits["role"] == "test"]
    assert sorted(tested["item_id"]) == sorted(manifest["item_id"])


def test_a_repeated_kfold_is_dealt_anew() -> None:
    """Each repeat tests every item once; the first is the k-fold alone, the second another."""
    manifest = manifest_of([20, 20], 2, 0)
    alone = split_items(manifest, Split(), "s", 3, 0)
    splits = split_items(manifest, Split(repeats=2), "s", 6, 0)
    assert splits[splits["block"].isin(alone["block"])].reset_index(drop=True).equals(alone)
    tested = splits[splits["role"] == "test"].assign(
        repeat=lambda rows: rows["block"].str.removeprefix("fold_").astype(int) // 3
    )
    assert (tested.groupby(["repeat", "item_id"]).size() == 1).all()
    assert len(tested) == 2 * len(manifest)
    fold = tested.pivot(index="item_id", columns="repeat", values="block")
    assert fold[1].nunique() == 3
    assert pd.crosstab(fold[0], fold[1]).gt(0).sum().sum() > 3, "the same parts under other names"


def test_shares_are_about_right() -> None:
    """Five folds and an eighth of the rest make 7 : 1 : 2."""
    manifest = manifest_of([80, 80], 1, 0)
    splits = split_items(manifest, Split(), "s", 5, 3)
    shares = splits.groupby("role").size() / len(splits)
    assert shares.round(2).to_dict() == {"test": 0.2, "train": 0.7, "valid": 0.1}


@pytest.mark.parametrize(
    ("shares", "train", "valid", "test"),
    [
        ("7:2:1", 0.7, 0.1, 0.2),
        ("80/20", 0.7, 0.1, 0.2),
        ({"train": 0.5, "valid": 0.25, "test": 0.25}, 0.5, 0.25, 0.25),
    ],
)
def test_holdouts_have_their_shares(shares: Any, train: float, valid: float, test: float) -> None:
    """Presets and shares of one's own are met, class by class, in every random division."""
    manifest = manifest_of([120, 80], 1, 0)
    splits = split_items(manifest, Split(method="holdout", shares=shares), "s", 3, 1)
    joined = splits.merge(manifest, on="item_id")
    counts = joined.groupby(["block", "label", "role"]).size().unstack("role")
    found = counts.div(counts.sum(axis=1), axis=0)
    for role, share in (("train", train), ("valid", valid), ("test", test)):
        assert found[role].between(share - 0.02, share + 0.02).all()
    first, second = (splits.loc[splits["block"] == f"fold_{k}", "role"] for k in (0, 1))
    assert list(first) != list(second)
    split_items(manifest, Split(method="holdout"), "s", 1, 1)


def test_the_papers_counts_of_fish() -> None:
    """Nine classes of copies in threes are dealt into exactly 60, 45 and 10 disjoint pictures."""
    rows = [
        (f"{label}/{group}_{copy}", label, f"{label}{group}")
        for label in "abcdefghi"
        for group in range(40)
        for copy in range(3)
    ]
    manifest = pd.DataFrame(rows, columns=["item_id", "label", "group"]).assign(excluded="")
    split = Split(method="counts", counts=Counts(train=60, valid=45, test=10))
    splits = split_items(manifest, split, "fish", 2, 0)
    joined = splits.merge(manifest, on="item_id")
    counts = joined.groupby(["block", "label", "role"]).size().unstack("role")
    assert (counts[["train", "valid", "test"]] == [60, 45, 10]).all(axis=None)
    dealt = joined[joined["role"] != "unused"]
    assert (dealt.groupby(["block", "group"])["role"].nunique() == 1).all()


def test_too_few_pictures_for_the_counts_are_an_error() -> None:
    """The message names the class, what is wanted, what is there, and what to change."""
    split = Split(method="counts", counts=Counts(train=60, valid=45, test=10))
    with pytest.raises(DataError, match="class class_1: expected 115 pictures") as error:
        split_items(manifest_of([150, 90], 1, 0), split, "s", 1, 0)
    assert "found 90 in 90 groups" in str(error.value)
    assert "Lower split.counts" in str(error.value)


def test_a_published_division_stays_as_it_is() -> None:
    """Its roles are taken over; without a validation part, some of its training validates."""
    manifest = manifest_of([20, 20], 2, 0)
    test = manifest["group"].str.endswith(("1", "2"))
    manifest["split"] = np.where(test, "test", "train")
    splits = split_items(manifest, Split(method="fixed"), "s", 1, 0).merge(manifest, on="item_id")
    assert (splits.loc[splits["split"] == "test", "role"] == "test").all()
    assert set(splits.loc[splits["split"] == "train", "role"]) == {"train", "valid"}
    assert (splits.groupby("group")["role"].nunique() == 1).all()
    chosen = splits.loc[splits["role"] == "valid", "item_id"]
    manifest.loc[manifest["item_id"].isin(chosen), "split"] = "valid"
    again = split_items(manifest, Split(method="fixed"), "s", 1, 9)
    assert list(again["role"]) == list(splits["role"])


def test_a_published_division_must_deal_every_item() -> None:
    """The first picture without a part is named."""
    manifest = manifest_of([9, 9], 1, 0).assign(split="train")
    manifest.loc[3, "split"] = ""
    with pytest.raises(DataError, match=r"s: 0/3/0: expected train, valid or test .* found ''"):
        split_items(manifest, Split(method="fixed"), "s", 1, 0)


@pytest.mark.parametrize(
    ("values", "folds", "rule"),
    [
        ({}, 1, "two folds or more"),
        ({"repeats": 2}, 2, "split.repeats = 2 times two folds or more"),
        ({"repeats": 2}, 5, "split.repeats = 2 times two folds or more"),
        ({"method": "fixed"}, 3, "one division"),
    ],
)
def test_methods_that_cannot_make_so_many_folds(
    values: dict[str, Any], folds: int, rule: str
) -> None:
    """The message names the parameter of studies.yml."""
    with pytest.raises(ConfigError, match=f"s.blocks.folds: expected .*{rule}.* found {folds}"):
        split_items(manifest_of([9, 9], 1, 0), Split(**values), "s", folds, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"method": "counts"},
        {"counts": {"train": 1, "valid": 1, "test": 1}},
        {"shares": "80/20"},
        {"method": "holdout", "shares": {"train": 0.5, "valid": 0.3, "test": 0.3}},
        {"method": "holdout", "shares": "9:1"},
        {"method": "holdout", "repeats": 2},
        {"protocols": {"naive": []}},
        {"protocols": {"other": ["a"]}},
    ],
)
def test_settings_that_do_not_fit_are_refused(values: dict[str, Any]) -> None:
    """Counts and shares belong to their methods, shares add up to 1, protocols are known."""
    with pytest.raises(ValidationError):
        Split.model_validate(values)


def test_seeds_of_a_fold_share_its_split() -> None:
    """Seeds read the split of their fold; another root seed changes the split."""
    manifest = manifest_of([20, 20], 2, 0)
    one = split_items(manifest, Split(), "s", FOLDS, 3)
    names = Blocks(folds=FOLDS, seeds=2).names()
    assert {split_name(block) for block in names} == set(one["block"])
    assert split_name("fold_2_seed_1") == "fold_2"
    other = split_items(manifest, Split(), "s", FOLDS, 4)
    assert not other["role"].equals(one["role"])


@pytest.mark.parametrize("method", sorted(METHODS))
def test_excluded_items_and_order_do_not_matter(method: str) -> None:
    """The split depends on the used items alone, in whatever order they come."""
    manifest = manifest_of([12, 12], 2, 1)
    extra = manifest.iloc[:3].assign(item_id=["x", "y", "z"], excluded="the file is empty")
    shuffled = pd.concat([extra, manifest.sample(frac=1, random_state=0)])
    pd.testing.assert_frame_equal(
        split_items(manifest, split_of(method), "s", FOLDS, 0),
        split_items(shuffled, split_of(method), "s", FOLDS, 0),
    )


def test_too_few_groups_are_an_error() -> None:
    """The message names the class, the number needed and the number there."""
    with pytest.raises(DataError, match="class class_1: expected at least 4 groups .* found 3"):
        split_items(manifest_of([9, 3], 3, 0), Split(), "s", FOLDS, 0)
