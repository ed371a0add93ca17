"""The probe: what brightness, colour and shape alone tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.pack import build_pack
from fairtrial.images.parameters import Ingest, Split
from fairtrial.images.probe import probe_trivial, trivial_features
from fairtrial.images.scoring import score_rows
from fairtrial.images.splits import split_items
from fairtrial.statistics.scores import make_scores
from tests.images.studies import BLOCKS, tiny
from tests.images.support import MemoryFolder, folder, png, whole

HASHES = {"manifest_sha256": "m", "splits_sha256": "s"}


def test_features_are_those_of_each_picture() -> None:
    """Aspect ratio of the original, mean, contrast and shares of colour, by hand."""
    wide = np.zeros((8, 32, 3), np.uint8)
    wide[:, 16:, 0] = 200
    tall = np.full((32, 16, 3), 10, np.uint8)
    tall[16:] = 30
    files = {"a/wide.png": png(wide), "b/tall.png": png(tall)}
    manifest, stream, _ = build_pack(MemoryFolder(files), Ingest(image_side_px=16), True)
    assert manifest["aspect_ratio"].tolist() == [4.0, 0.5]
    first, second = trivial_features(whole(stream), manifest)
    assert first.shape == (3 + 64,)
    assert first[0] == 4.0
    assert first[1] == pytest.approx(200 / 6, abs=1)
    assert first[2] == 200
    # Red of 200 is the fourth of four levels; green and blue are the first.
    assert first[[3, 6]] == pytest.approx([0.5, 0.5], abs=1 / 16)
    assert first[3:].sum() == pytest.approx(1)
    assert second[1] == pytest.approx(20, abs=1)
    assert second[3] == 1.0


def test_the_probe_is_scored_beside_the_arms() -> None:
    """Every block has its rows of role probe, twice the same; test items teach it nothing."""
    data = tiny()
    one = probe_trivial(data.pack, data.manifest, data.splits, "tiny", "probe", BLOCKS, 5)
    scores = make_scores(score_rows([one], data.splits, HASHES))
    assert set(scores["role"]) == {"probe"}
    assert set(scores["status"]) == {"ok"}
    assert scores["block"].nunique() == len(BLOCKS)
    again = probe_trivial(data.pack, data.manifest, data.splits, "tiny", "probe", BLOCKS, 5)
    np.testing.assert_array_equal(one["probabilities"], again["probabilities"])
    splits = data.splits[data.splits["block"] == "fold_0"]
    test = set(splits.loc[splits["role"] == "test", "item_id"])
    rows = [item in test for item in data.pack.description["items"]]
    pixels = data.pack["pixels"].copy()
    pixels[rows] = 255 - pixels[rows]
    changed = Arrays({"pixels": pixels}, data.pack.description)
    other = probe_trivial(changed, data.manifest, data.splits, "tiny", "probe", BLOCKS[:1], 5)
    valid = (one["block"] == "fold_0") & (one["split"] == "valid")
    np.testing.assert_array_equal(
        one["probabilities"][valid], other["probabilities"][other["split"] == "valid"]
    )


def test_published_xrays_are_told_apart_by_trivial_features(real_data: Path) -> None:
    """Shape, brightness and contrast reach about 0.9: covid and normal differ in their source."""
    ingest = Ingest(
        ignore=("pneumonia",), group=("patient_group", "dup_group"), image_side_px=32, channels=1
    )
    manifest, stream, _ = build_pack(folder(real_data / "xray"), ingest, synthetic=False)
    pack = whole(stream)
    blocks = Blocks(folds=5).names()
    splits = split_items(manifest, Split(), "xray", len(blocks), 0)
    outputs = probe_trivial(pack, manifest, splits, "xray", "probe", blocks, 0)
    rows = pd.DataFrame(score_rows([outputs], splits, HASHES))
    test = rows[(rows["metric"] == "accuracy") & (rows["split"] == "test")]
    assert 0.85 < test["value"].mean() < 0.97
