"""Further divisions: at random within classes, and each source left out."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from fairtrial.core.records import Arrays
from fairtrial.images.parameters import Split
from fairtrial.images.splitting.dealing import deal_share
from fairtrial.images.splitting.leakage import accuracy_by_source, price_of
from fairtrial.images.splitting.protocols import blocks_of, reasons_of, source_blocks, sources_of
from fairtrial.images.splitting.splits import split_items
from tests.images.splitting.test_splits import FOLDS, manifest_of

BOTH = Split(protocols={"naive": ("a",), "by_source": ("a",)})


@settings(deadline=None, max_examples=25)
@given(groups=st.integers(10, 20), seed=st.integers(0, 1000))
def test_random_parts_have_the_sizes_of_safe_ones(groups: int, seed: int) -> None:
    """Class by class and block by block; each item is tested once; groups are torn apart."""
    manifest = manifest_of([groups, groups + 5], 2, seed)
    splits = split_items(manifest, BOTH, "s", FOLDS, seed).merge(manifest, on="item_id")
    sizes = splits.groupby(["block", "label", "role"]).size()
    for fold in range(FOLDS):
        pd.testing.assert_series_equal(sizes[f"fold_{fold}"], sizes[f"naive_fold_{fold}"])
    naive = splits[splits["block"].isin(blocks_of(splits, "naive"))]
    assert sorted(naive.loc[naive["role"] == "test", "item_id"]) == sorted(manifest["item_id"])
    if manifest["group"].duplicated().sum() > 10:
        assert (naive.groupby(["block", "group"])["role"].nunique() > 1).any()


def test_protocols_change_no_block_of_the_study() -> None:
    """The study's own blocks are dealt as without further protocols."""
    manifest = manifest_of([12, 12], 2, 1)
    plain = split_items(manifest, Split(), "s", FOLDS, 0)
    more = split_items(manifest, BOTH, "s", FOLDS, 0)
    pd.testing.assert_frame_equal(plain, more.iloc[: len(plain)])


def test_a_source_left_out_is_tested_whole_and_taught_by_no_relative() -> None:
    """Its items are the test; items of its groups from elsewhere are in no part."""
    manifest = manifest_of([12, 12], 3, 1)
    strangers = manifest.groupby("group").cumcount() == 1
    manifest.loc[strangers, "source"] = "elsewhere"
    splits = split_items(manifest, BOTH, "s", FOLDS, 0).merge(manifest, on="item_id")
    sources = list(sources_of(manifest))
    assert sources == ["elsewhere", "from_0", "from_1"]
    for index, source in enumerate(sources):
        block = splits[splits["block"] == f"source_{index}"]
        assert set(block.loc[block["role"] == "test", "source"]) == {source}
        assert (block.loc[block["source"] == source, "role"] == "test").all()
        dealt = block[block["role"] != "unused"]
        assert (dealt.groupby("group")["role"].nunique() == 1).all()


def test_a_source_that_alone_holds_a_class_is_not_left_out() -> None:
    """The reason names the class; the other source, which leaves every class, is tested."""
    manifest = manifest_of([12, 12], 1, 1)
    manifest.loc[manifest["label"] == "class_1", "source"] = "from_0"
    assert sources_of(manifest) == {"from_0": "it alone holds class_1", "from_1": ""}
    assert blocks_of(split_items(manifest, BOTH, "s", FOLDS, 0), "by_source") == ["source_1"]
    manifest["source"] = ""
    assert blocks_of(split_items(manifest, BOTH, "s", FOLDS, 0), "by_source") == []


def test_a_source_whose_rest_cannot_be_dealt_is_not_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Few mixed groups may leave no item of a class to train or validate: told, and no trial."""
    sizes = {"g0": (2, 3), "g1": (4, 4), "g2": (6, 3), "g3": (5, 5), "g4": (1, 0), "g5": (0, 7)}
    rows = [
        (label, group, "many")
        for group, numbers in sizes.items()
        for label, number in zip("ab", numbers, strict=True)
        for _ in range(number)
    ]
    rows += [(label, f"t{group}", "one") for group in range(3) for label in "ab"]
    used = pd.DataFrame(rows, columns=["label", "group", "source"])
    assert sources_of(used) == {"many": "", "one": ""}
    refused = 0
    for seed in range(20):
        caplog.clear()
        blocks = source_blocks(used, 0.15, "s", seed)
        for role in blocks.values():
            for part in ("train", "valid"):
                assert set(used.loc[role == part, "label"]) == {"a", "b"}
        missing = "source_1" not in blocks
        refused += missing
        assert ("without source one: cannot be left out" in caplog.text) == missing
        assert ("too uneven" in reasons_of(used, blocks)["one"]) == missing
    assert refused


def test_a_share_that_groups_do_not_allow_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Three groups can only be dealt by thirds; forty single pictures as wanted."""
    labels = np.array(["a", "b"] * 6)
    deal_share(labels, np.repeat(["p", "q", "r"], 4), 0.15, 0, "xray: fold_0, valid")
    assert caplog.messages == [
        "xray: fold_0, valid: the groups allow a share of 33 %, not of 15 % (12 items in 3 groups)"
    ]
    caplog.clear()
    deal_share(np.array(["a", "b"] * 20), np.arange(40), 0.15, 0, "xray")
    assert not caplog.messages


def outputs_of(blocks: dict[str, tuple[list[str], list[bool]]]) -> Arrays:
    """Predictions of two classes, right where it is said."""
    rows = [
        (block, item, right)
        for block, (items, rights) in blocks.items()
        for item, right in zip(items, rights, strict=True)
    ]
    right = np.array([row[2] for row in rows])
    return Arrays(
        {
            "block": np.array([row[0] for row in rows]),
            "split": np.full(len(rows), "test"),
            "item_id": np.array([row[1] for row in rows]),
            "y": np.zeros(len(rows), np.int64),
            "probabilities": np.stack([right, ~right], axis=1).astype(float),
        },
        {"study": "s", "arm": "a"},
    )


def test_the_price_is_the_paired_difference_over_items() -> None:
    """By hand: 2 of 6 right safely, 5 of 6 at random; whole groups are resampled."""
    items = [f"i{k}" for k in range(6)]
    manifest = pd.DataFrame({"item_id": items, "group": ["g0", "g0", "g1", "g1", "g2", "g2"]})
    output = outputs_of(
        {
            "fold_0": (items[:3], [True, False, False]),
            "fold_1": (items[3:], [True, False, False]),
            "naive_fold_0": (items[::2], [True, True, True]),
            "naive_fold_1": (items[1::2], [True, True, False]),
        }
    )
    (price,) = price_of([output], "naive", manifest, 200, 0.95, 0)
    assert (price.n_items, price.safe, price.other) == (6, 2 / 6, 5 / 6)
    assert price.difference.estimate == 0.5
    assert 0 <= price.difference.low <= 0.5 <= price.difference.high <= 1
    again = price_of([output], "naive", manifest, 200, 0.95, 0)
    assert again == [price]
    assert price_of([output], "by_source", manifest, 200, 0.95, 0) == []


def test_items_tested_more_than_once_count_once() -> None:
    """An item of several blocks counts by the share of its models that are right."""
    manifest = pd.DataFrame({"item_id": ["x", "y"], "group": ["x", "y"], "source": ["p", "q"]})
    output = outputs_of(
        {
            "fold_0": (["x", "y"], [True, True]),
            "fold_1": (["x", "y"], [False, True]),
            "source_0": (["x"], [False]),
        }
    )
    # One group alone has nothing to resample, and so no interval.
    assert price_of([output], "by_source", manifest, 10, 0.9, 0) == []
    table = accuracy_by_source([output], manifest)
    assert table.to_dict("records") == [
        {"arm": "a", "source": "p", "n_items": 1, "safe": 0.5, "left_out": 0.0}
    ]
