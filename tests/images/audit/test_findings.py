"""What a reader is warned of: marks that give the label away, and nothing where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.shortcuts import audit, deal_labels

from fairtrial.core.records import Arrays
from fairtrial.core.study import Blocks
from fairtrial.images.audit.battery import run_battery
from fairtrial.images.audit.findings import find_shortcuts
from fairtrial.images.audit.probes import ALL_PROBES
from fairtrial.images.audit.scoring import probe_rows
from fairtrial.images.parameters import Ingest, Split
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.splitting.splits import split_items
from tests.images.studies import tiny
from tests.images.support import folder, whole

HASHES = {"manifest_sha256": "m", "splits_sha256": "s"}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("marked", [True, False])
def test_a_corner_mark_is_flagged_and_clean_pictures_are_not(marked: bool, seed: int) -> None:
    """Drawn pictures whose labels were dealt at random: only a white square tells them."""
    data = tiny()
    pack, manifest = deal_labels(data.pack["pixels"], data.manifest["group"], marked, seed)
    found = audit(pack, manifest, 3, ["border_only", "centre_masked"], seed)
    assert bool(found["warnings"]) == marked
    if marked:
        assert "each picture without its middle" in found["warnings"][-1]
        assert "in a permutation test over groups" in found["warnings"][-1]


def constant(name: str, right: float, n: int = 400) -> Arrays:
    """Outputs of a probe that is right for the first part of each class."""
    y = np.arange(n) % 2
    hit = np.arange(n) < right * n
    probabilities = np.eye(2)[np.where(hit, y, 1 - y)]
    return Arrays(
        {
            "block": np.full(n, "fold_0"),
            "split": np.full(n, "test"),
            "item_id": np.array([f"i{row}" for row in range(n)]),
            "y": y,
            "probabilities": probabilities,
        },
        {"arm": name, "study": "s", "target": ALL_PROBES[name].target, "blocks": {"fold_0": {}}},
    )


def manifest_of(n: int = 400) -> pd.DataFrame:
    return pd.DataFrame({"item_id": [f"i{row}" for row in range(n)], "group": range(n)})


def test_a_sure_but_tiny_excess_is_no_shortcut() -> None:
    """With 4,000 pictures 0.55 is above chance beyond doubt, and explains no score of 0.9."""
    n = 4_000
    found = find_shortcuts([constant("border_only", 0.55, n)], manifest_of(n), "s", 0)
    check = found["checks"][0]
    assert check["p"] < check["level"]
    assert not check["open"]
    assert found["warnings"] == []
    assert check["reading"].startswith("Above chance, but by too little")


def test_colours_may_belong_to_the_class() -> None:
    """A probe whose view may hold the subject is shown and read, but is no warning alone."""
    found = find_shortcuts([constant("colour_histogram", 0.9)], manifest_of(), "s", 0)
    assert found["checks"][0]["open"]
    assert found["warnings"] == []


def test_learning_from_shuffled_labels_is_a_leak() -> None:
    """The floor far above chance says that no score can be trusted."""
    found = find_shortcuts([constant("shuffled_labels", 0.9)], manifest_of(), "s", 0)
    assert "test labels leak into training" in found["warnings"][0]


def test_a_source_is_a_shortcut_only_where_it_is_seen_and_gives_the_class() -> None:
    """Either alone is no warning."""
    seen, gives = constant("source_from_pixels", 0.9), constant("source_alone", 0.9)
    assert find_shortcuts([seen], manifest_of(), "s", 0)["warnings"] == []
    assert find_shortcuts([gives], manifest_of(), "s", 0)["warnings"] == []
    both = find_shortcuts([seen, gives], manifest_of(), "s", 0)
    assert "tells the pictures' sources apart" in both["warnings"][0]
    assert "balanced accuracy of 0.90" in both["warnings"][0]


def test_the_level_is_shared_by_all_probes_that_were_tried() -> None:
    """Bonferroni: 0.01 over two; a probe without blocks was not tried."""
    idle = Arrays({}, {"arm": "source_alone", "blocks": {}})
    tried = [constant("border_only", 0.5), idle, constant("centre_masked", 0.5)]
    found = find_shortcuts(tried, manifest_of(), "s", 0)
    assert [check["level"] for check in found["checks"]] == [0.005, 0.005]
    assert set(found["sees"]) == {"border_only", "centre_masked"}


def test_no_probe_tried_finds_nothing() -> None:
    """Pictures of one source have no probe of the sources to judge."""
    idle = Arrays({}, {"arm": "source_alone", "blocks": {}})
    found = find_shortcuts([idle], manifest_of(), "s", 0)
    assert (found["warnings"], found["checks"], found["sees"]) == ([], [], {})


def test_published_xrays_are_flagged(real_data: Path) -> None:
    """Shape, brightness and contrast reach 0.9; border, surroundings and source give it away."""
    ingest = Ingest(
        ignore=("pneumonia",),
        group=("patient_group", "dup_group"),
        source="source_repo",
        image_side_px=32,
        channels=1,
    )
    manifest, stream, _ = build_pack(folder(real_data / "xray"), ingest, synthetic=False)
    blocks = Blocks(folds=5).names()
    splits = split_items(manifest, Split(), "xray", len(blocks), 0)
    names = ["trivial_features", "border_only", "source_alone", "source_from_pixels"]
    outputs = run_battery(whole(stream), manifest, splits, "xray", names, blocks, 0)
    rows = pd.DataFrame(probe_rows(outputs, splits, HASHES))
    test = rows[(rows["metric"] == "accuracy") & (rows["split"] == "test")]
    means = test[test["subset"] == "all"].groupby("arm")["value"].mean()
    assert 0.85 < means["trivial_features"] < 0.95
    assert means["source_alone"] > 0.9
    warnings = find_shortcuts(outputs, manifest, "xray", 0)["warnings"]
    assert len(warnings) == 2
    assert "only a frame" in warnings[0]
    assert "sources apart" in warnings[1]
