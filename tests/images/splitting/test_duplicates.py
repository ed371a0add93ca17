"""Copies are found whichever way they are turned, and different pictures are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from PIL import Image

from fairtrial.core.errors import ConfigError
from fairtrial.core.records import Arrays
from fairtrial.images.exhibits.duplicates import duplicates_exhibit
from fairtrial.images.parameters import Duplicates, Ingest, Split
from fairtrial.images.reading.listing import list_items
from fairtrial.images.splitting.duplicates import COARSE, FINE, find_duplicates
from fairtrial.images.splitting.grouping import join_copies, report_groups
from fairtrial.images.splitting.groups import match_groups
from fairtrial.images.splitting.rings import find_rings, likeness
from tests.images.support import MemoryFolder, png

SIDE = 64
REPORT = {"counts": {}, "reasons": {}, "synthetic": False, "notes": ["first"], "warnings": []}


def scene(seed: int, side: int = 96) -> Image.Image:
    """A picture of coloured patches, large and small, no two seeds alike."""
    rng = np.random.default_rng(seed)
    coarse, fine = (rng.integers(0, 256, (cells, cells, 3)) for cells in (5, 24))
    layers = [
        np.asarray(Image.fromarray(part.astype(np.uint8)).resize((side, side)), float)
        for part in (coarse, fine)
    ]
    return Image.fromarray((0.7 * layers[0] + 0.3 * layers[1]).astype(np.uint8))


def pack_of(images: list[Image.Image]) -> tuple[Arrays, pd.DataFrame]:
    """Pictures squashed to squares, with the shapes of their files."""
    items = [f"i{index:03d}" for index in range(len(images))]
    pixels = np.stack([np.asarray(image.resize((SIDE, SIDE)).convert("RGB")) for image in images])
    ratios = [image.width / image.height for image in images]
    manifest = pd.DataFrame(
        {"item_id": items, "aspect_ratio": ratios, "label": "a", "group": items, "excluded": ""}
    )
    return Arrays({"pixels": pixels}, {"items": items}), manifest


def search(images: list[Image.Image], settings: Duplicates | None = None) -> pd.DataFrame:
    pack, manifest = pack_of(images)
    return find_duplicates(pack, manifest, settings or Duplicates(), Ingest(image_side_px=SIDE))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    degrees=st.floats(-180, 180),
    mirror=st.booleans(),
    side=st.integers(48, 160),
)
def test_a_turned_mirrored_and_rescaled_copy_is_found(
    seed: int, degrees: float, mirror: bool, side: int
) -> None:
    """Among other pictures, whatever the angle, side and size."""
    original = scene(seed)
    copy = original.rotate(degrees, resample=Image.Resampling.BICUBIC).resize((side, side))
    if mirror:
        copy = copy.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    others = [scene(seed + 20_000 + index) for index in range(4)]
    found = search([others[0], copy, *others[1:], original])
    assert found["item_id"].tolist() == ["i001", "i005"]
    assert found["cluster"].tolist() == ["i001", "i001"]
    assert found["like"].tolist() == ["i005", "i001"]
    assert found["likeness"].between(FINE, 1.001).all()


def test_a_copy_that_was_turned_before_it_was_squashed_is_found() -> None:
    """A photo of 3 by 4, turned in its own shape and stored as a square, as published sets are."""
    photo = scene(3).resize((128, 96))
    turned = photo.rotate(35, resample=Image.Resampling.BICUBIC).resize((96, 96))
    pair = [photo.resize((96, 96)), turned]
    assert len(search(pair)) == 2
    assert search(pair, Duplicates(turned_at=())).empty
    # In a file of its own shape nothing need be guessed: our squashing is undone.
    turned_file = photo.rotate(35, resample=Image.Resampling.BICUBIC)
    assert len(search([photo, turned_file], Duplicates(turned_at=()))) == 2


def test_copies_of_copies_are_one_cluster() -> None:
    """Twenty copies of two pictures make two clusters; a picture of one shade belongs to none."""
    flat = [Image.new("RGB", (96, 96), (shade, shade, shade)) for shade in (10, 10, 200)]
    copies = [scene(1 + index % 2).rotate(36 * index) for index in range(20)]
    found = search(flat + copies)
    assert sorted(found["item_id"]) == [f"i{index:03d}" for index in range(3, 23)]
    assert found.groupby("cluster").size().tolist() == [10, 10]


def test_no_candidate_is_missed() -> None:
    """Signatures bound the likeness of every pair from above, so the search is exact."""
    images = [scene(seed) for seed in range(12)]
    pack, _ = pack_of(images + [image.rotate(17) for image in images])
    rings = find_rings(pack["pixels"], np.ones(24))
    signatures = rings.signatures()
    a, b = np.triu_indices(24, 1)
    bound = (signatures[a] * signatures[b]).sum(1)
    values = likeness(rings.coarse, a, b)
    assert (values <= bound + 1e-3).all()
    assert (values[b - a == 12] > COARSE).all()
    np.testing.assert_allclose((signatures**2).sum(1), 1, atol=1e-2)


def test_without_a_search_nothing_is_found() -> None:
    """The table keeps its columns, and the report says that nobody looked."""
    pair = [scene(1), scene(1)]
    found = search(pair, Duplicates(search=False))
    assert found.empty
    assert list(found.columns) == ["item_id", "cluster", "like", "likeness"]
    pack, manifest = pack_of(pair)
    split = Split(duplicates=Duplicates(search=False))
    notes = report_groups(REPORT, manifest, manifest, found, split, 1)["notes"]
    assert notes[0] == "first"
    assert "No search for copies was made" in notes[1]
    head = json.loads(duplicates_exhibit(pack, found, searched=False)["figure.json"])
    assert "no search was made" in head["caption"]


def test_clusters_join_groups_and_are_reported() -> None:
    """Copies under two labels are a warning; the figure shows each cluster."""
    images = [scene(1), scene(2), scene(1).rotate(90), scene(4)]
    pack, manifest = pack_of(images)
    manifest["group"] = ["g0", "g1", "g1", "g3"]
    manifest["label"] = ["a", "a", "b", "b"]
    found = search(images)
    joined = join_copies(manifest, found)
    assert joined["group"].nunique() == 2
    assert joined["group"][:3].nunique() == 1
    report = report_groups(REPORT, manifest, joined, found, Split(), 2)
    assert "2 pictures in 1 cluster, which joins 1 group to others" in report["notes"][1]
    assert "a and b around i000" in report["warnings"][0]
    files = duplicates_exhibit(pack, found, searched=True)
    assert {"figure.svg", "data.csv"} <= set(files)


def test_a_published_division_that_parts_groups_is_called_out() -> None:
    """The warning counts the test pictures whose relatives are elsewhere."""
    manifest = pack_of([scene(index) for index in range(4)])[1]
    manifest["group"] = ["g0", "g0", "g1", "g2"]
    manifest["split"] = ["train", "test", "test", "valid"]
    none = pd.DataFrame(columns=["item_id", "cluster"])
    fixed = Split(method="fixed")
    warnings = report_groups(REPORT, manifest, manifest, none, fixed, 1)["warnings"]
    assert "1 of 2 test pictures have a relative outside the test" in warnings[0]
    manifest["split"] = ["test", "test", "train", "valid"]
    assert report_groups(REPORT, manifest, manifest, none, fixed, 1)["warnings"] == []


def test_only_repeated_random_divisions_overlap() -> None:
    """Folds of a k-fold and a single division have no test pictures in common."""
    manifest = pack_of([scene(1), scene(2)])[1]
    none = pd.DataFrame(columns=["item_id", "cluster"])

    def warnings(split: Split, folds: int) -> list[str]:
        return list(report_groups(REPORT, manifest, manifest, none, split, folds)["warnings"])

    assert "test parts overlap by chance" in warnings(Split(method="holdout"), 3)[0]
    assert warnings(Split(method="holdout"), 1) == []
    assert warnings(Split(), 5) == []
    assert "The 2 divisions" in warnings(Split(repeats=2), 10)[0]


def test_a_note_on_copies_promises_no_more_than_the_division_keeps() -> None:
    """A fixed division is kept even where it parts a cluster."""
    images = [scene(1), scene(1).rotate(90)]
    manifest = pack_of(images)[1].assign(split="train")
    found = search(images)
    for split, told in (
        (Split(), "keep a cluster on one side"),
        (Split(method="fixed"), "may part clusters"),
    ):
        assert told in report_groups(REPORT, manifest, manifest, found, split, 1)["notes"][1]


def test_groups_from_file_names() -> None:
    """What the pattern captures names the group; a pattern without a match is an error."""
    picture = png(np.zeros((8, 8, 3), np.uint8))
    names = ["bass/g01_0", "bass/g01_1", "bass/g02_0", "trout/g01_0"]
    files = {f"{name}.png": picture + bytes([index]) for index, name in enumerate(names)}
    ingest = Ingest(group_pattern=r"([a-z]+/g[0-9]+)_")
    rows = list_items(MemoryFolder(files), ingest).rows
    assert rows["group"].tolist() == [f"{names[index]}.png" for index in (0, 0, 2, 3)]
    assert match_groups(["a/x.png", "a/y1.png"], r"y(\d)") == {"a/y1.png": "1"}
    with pytest.raises(ConfigError, match="some of the 4 paths match, such as bass/g01_0.png"):
        list_items(MemoryFolder(files), Ingest(group_pattern=r"patient(\d+)"))


@pytest.mark.parametrize("pattern", ["(a", "no group", "(two)(groups)"])
def test_a_pattern_needs_exactly_one_group(pattern: str) -> None:
    """It is refused with the parameters, before anything is read."""
    with pytest.raises(ValueError, match="group_pattern"):
        Ingest(group_pattern=pattern)


def test_published_copies_of_fish_are_found(real_data: Path) -> None:
    """At least 95 % of the pairs of three species, none of them false."""
    table = pd.read_csv(real_data / "fish" / "metadata.csv", dtype=str)
    table = table[table["label"].isin(["trout", "red_mullet", "sea_bass"])]
    found = search([Image.open(real_data / "fish" / name) for name in table["file"]])
    rows = [int(item[1:]) for item in found["item_id"]]
    groups = table["source_group"].to_numpy()[rows]
    assert (found.assign(group=groups).groupby("cluster")["group"].nunique() == 1).all()
    sizes = found.groupby("cluster").size()
    wanted = table.groupby("source_group").size()
    pairs = (sizes * (sizes - 1) / 2).sum() / (wanted * (wanted - 1) / 2).sum()
    assert pairs >= 0.95


def test_planted_copies_of_real_pictures_are_found(real_data: Path) -> None:
    """At least 95 % of turned, mirrored, rescaled, recompressed copies, at most 1 % false."""
    from benchmarks.duplicates import plant_copy, read_originals

    rng = np.random.default_rng(4)
    originals = read_originals(real_data, every=5)
    chosen = rng.permutation(len(originals))[:60]
    copies = [plant_copy(originals[index], rng) for index in chosen]
    found = search(originals + copies)
    truth = np.concatenate([np.arange(len(originals)), chosen])
    labels = truth[[int(item[1:]) for item in found["item_id"]]]
    clusters = found.assign(truth=labels).groupby("cluster")["truth"]
    assert (clusters.nunique() == 1).all()
    assert (clusters.size() == 2).sum() >= 0.95 * len(chosen)
