"""The trivial models: on the study's folds, from training pictures alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.records import Arrays
from fairtrial.images.audit.battery import run_battery, shuffle_evenly
from fairtrial.images.audit.probes import ALL_PROBES
from fairtrial.images.audit.scoring import probe_rows
from fairtrial.statistics.scores import make_scores
from tests.images.studies import BLOCKS, tiny

HASHES = {"manifest_sha256": "m", "splits_sha256": "s"}


@pytest.fixture(scope="module")
def sourced() -> pd.DataFrame:
    """The tiny study's manifest with two sources that have nothing to do with the label."""
    manifest = tiny().manifest.copy()
    manifest["source"] = np.where(np.arange(len(manifest)) % 4 < 2, "here", "there")
    return manifest


@pytest.fixture(scope="module")
def outputs(sourced: pd.DataFrame) -> list[Arrays]:
    data = tiny()
    return run_battery(data.pack, sourced, data.splits, "tiny", list(ALL_PROBES), BLOCKS, 5)


def test_every_probe_is_scored_beside_the_arms(
    outputs: list[Arrays], sourced: pd.DataFrame
) -> None:
    """Every block has rows of every probe in its role; the source has metrics of its own."""
    scores = make_scores(probe_rows(outputs, tiny().splits, HASHES))
    assert list(dict.fromkeys(scores["arm"])) == list(ALL_PROBES)
    for name, part in scores.groupby("arm"):
        assert set(part["role"]) == {ALL_PROBES[str(name)].role}
        assert set(part["status"]) == {"ok"}
        assert set(part["block"]) == set(BLOCKS)
    told = scores[scores["arm"] == "source_from_pixels"]
    assert set(told["metric"]) == {"source_accuracy", "source_balanced_accuracy"}
    assert not scores.loc[scores["arm"] == "source_alone", "metric"].str.startswith("source").any()
    source = outputs[list(ALL_PROBES).index("source_from_pixels")]
    truth = sourced.set_index("item_id")["source"]
    names = [source.description["labels"][y] for y in source["y"]]
    assert names == truth[source["item_id"]].tolist()


def test_the_same_seed_gives_the_same_predictions(
    outputs: list[Arrays], sourced: pd.DataFrame
) -> None:
    """Twice the same; a probe is the same alone as among others."""
    data = tiny()
    again = run_battery(data.pack, sourced, data.splits, "tiny", ["shuffled_labels"], BLOCKS, 5)
    first = outputs[list(ALL_PROBES).index("shuffled_labels")]
    np.testing.assert_array_equal(first["probabilities"], again[0]["probabilities"])


def test_test_pictures_teach_no_probe(outputs: list[Arrays], sourced: pd.DataFrame) -> None:
    """Other test pixels, labels and sources leave the predictions of validation items alone."""
    data = tiny()
    splits = data.splits[data.splits["block"] == "fold_0"]
    test = set(splits.loc[splits["role"] == "test", "item_id"])
    rows = [item in test for item in data.pack.description["items"]]
    pixels = data.pack["pixels"].copy()
    pixels[rows] = 255 - pixels[rows]
    manifest = sourced.copy()
    tested = manifest["item_id"].isin(test)
    manifest.loc[tested, "label"] = manifest.loc[tested, "label"].to_numpy()[::-1]
    manifest.loc[tested, "source"] = manifest.loc[tested, "source"].to_numpy()[::-1]
    changed = Arrays({"pixels": pixels}, data.pack.description)
    others = run_battery(changed, manifest, data.splits, "tiny", list(ALL_PROBES), BLOCKS[:1], 5)
    for one, other in zip(outputs, others, strict=True):
        valid = (one["block"] == "fold_0") & (one["split"] == "valid")
        np.testing.assert_array_equal(
            one["probabilities"][valid], other["probabilities"][other["split"] == "valid"]
        )


def test_pictures_of_one_source_leave_nothing_to_tell(sourced: pd.DataFrame) -> None:
    """Probes of the source have no blocks and no scores then."""
    data = tiny()
    found = run_battery(
        data.pack,
        sourced.assign(source="here"),
        data.splits,
        "tiny",
        ["source_alone", "source_from_pixels"],
        BLOCKS,
        5,
    )
    assert [output.description["blocks"] for output in found] == [{}, {}]
    assert probe_rows(found, data.splits, HASHES) == []


def test_an_unknown_source_is_no_source(sourced: pd.DataFrame) -> None:
    """Items without one are neither taught, predicted nor scored; one known source is too few."""
    data, names = tiny(), ["source_alone", "source_from_pixels"]
    blank = sourced["source"].where(np.arange(len(sourced)) % 3 > 0, "")
    found = run_battery(
        data.pack, sourced.assign(source=blank), data.splits, "tiny", names, BLOCKS, 5
    )
    unknown = set(sourced.loc[blank == "", "item_id"])
    for output in found:
        assert set(output.description["left_out"]) == unknown
        assert not unknown & set(output["item_id"])
        assert list(output.description["blocks"]) == list(BLOCKS)
    assert found[1].description["labels"] == ["here", "there"]
    assert {row["arm"] for row in probe_rows(found, data.splits, HASHES)} == set(names)
    one = sourced.assign(source=sourced["source"].where(sourced["source"] == "here", ""))
    idle = run_battery(data.pack, one, data.splits, "tiny", names, BLOCKS, 5)
    assert [output.description["blocks"] for output in idle] == [{}, {}]


@pytest.mark.parametrize("sizes", [(30, 30), (50, 7), (20, 9, 31)])
def test_shuffled_labels_are_mixed_alike_in_every_class(sizes: tuple[int, ...]) -> None:
    """The labels are a permutation, and each class gets of each label its share, give or take 2."""
    y = np.random.default_rng(1).permutation(np.repeat(np.arange(len(sizes)), sizes))
    shuffled = shuffle_evenly(y, np.random.default_rng(2))
    np.testing.assert_array_equal(np.bincount(shuffled), sizes)
    for label, n in enumerate(sizes):
        got = np.bincount(shuffled[y == label], minlength=len(sizes))
        expected = n * np.array(sizes) / sum(sizes)
        assert (np.abs(got - expected) < 2).all()
    other = shuffle_evenly(y, np.random.default_rng(3))
    assert not np.array_equal(shuffled, other)
