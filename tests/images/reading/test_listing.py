"""From a folder to a manifest and a pack: classes, groups, exclusions and counts."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fairtrial.core.errors import DataError
from fairtrial.core.records import ArrayStream
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.listing import list_items
from fairtrial.images.reading.pack import build_pack
from fairtrial.images.splitting.groups import join_groups
from tests.images.support import MemoryFolder, encode, png, whole


def picture(seed: int) -> bytes:
    return png(np.random.default_rng(seed).integers(0, 256, (8, 8, 3), dtype=np.uint8))


def files(*paths: str) -> dict[str, bytes]:
    """A different picture at every path."""
    return {path: picture(index) for index, path in enumerate(paths)}


SIDE = {"image_side_px": 8}


def test_folders_are_classes() -> None:
    """The first folder is the class; hidden files and files beside the folders are no items."""
    raw = MemoryFolder(
        files("cat/a.png", "cat/deep/b.JPG", "dog/a.png", "x.png", "dog/.hidden.png")
    )
    rows = list_items(raw, Ingest(**SIDE)).rows
    assert rows["item_id"].tolist() == ["cat/a.png", "cat/deep/b.JPG", "dog/a.png"]
    assert rows["label"].tolist() == ["cat", "cat", "dog"]


def test_classes_are_renamed_merged_and_ignored() -> None:
    """The map renames and merges; patterns keep folders of masks out."""
    raw = MemoryFolder(files("Shrimp/1.png", "Shrimp GT/1.png", "Prawn/1.png", "Trout/1.png"))
    ingest = Ingest(
        **SIDE,
        classes={"Shrimp": "shrimp", "Prawn": "shrimp", "Trout": "trout"},
        ignore=("* GT",),
    )
    assert list_items(raw, ingest).rows["label"].tolist() == ["shrimp", "shrimp", "trout"]


def test_a_folder_that_is_neither_class_nor_ignored_is_an_error() -> None:
    """A stray folder never becomes a class by accident."""
    raw = MemoryFolder(files("a/1.png", "b/1.png", "c/1.png"))
    with pytest.raises(DataError, match="the classes a, b, found c as well. Add them"):
        list_items(raw, Ingest(**SIDE, classes={"a": "a", "b": "b"}))
    with pytest.raises(DataError, match="none named d. Found: a, b, c"):
        list_items(raw, Ingest(**SIDE, classes={x: x for x in "abcd"}))
    with pytest.raises(DataError, match="at least two classes"):
        list_items(raw, Ingest(**SIDE, ignore=("b", "c")))


def table(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def test_groups_are_joined_over_columns() -> None:
    """Sharing either column joins pictures, also through a third; empty cells join nothing."""
    raw = MemoryFolder(
        files("a/1.png", "a/2.png", "a/3.png", "b/4.png", "b/5.png")
        | {
            "metadata.csv": table(
                "file,label,patient,twin,source",
                "a/1.png,a,p1,,north",
                "a/2.png,a,p1,t1,north",
                "a/3.png,a,p2,t1,",
                "b/4.png,b,,,south",
                "b/5.png,b,,,south",
            )
        }
    )
    rows = list_items(raw, Ingest(**SIDE, group=("patient", "twin"), source="source")).rows
    assert rows["group"].tolist() == ["a/1.png", "a/1.png", "a/1.png", "b/4.png", "b/5.png"]
    assert rows["source"].tolist() == ["north", "north", "", "south", "south"]


def test_order_of_items_does_not_change_groups() -> None:
    """Groups depend on what is shared, not on the order in which it is met."""
    keys = {"a": ["x"], "b": ["x", "y"], "c": ["y"], "d": ["z"], "e": []}
    expected = {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}
    for order in ("abcde", "edcba", "cadbe"):
        assert join_groups(list(order), keys) == expected


def test_equal_files_are_one_group_or_a_contradiction() -> None:
    """Copies of a file stay together; under two labels they are left out with the reason."""
    same, torn = picture(1), picture(2)
    raw = MemoryFolder(
        {"a/1.png": same, "a/2.png": same, "a/3.png": torn, "b/3.png": torn} | files("b/4.png")
    )
    rows = list_items(raw, Ingest(**SIDE)).rows.set_index("item_id")
    assert rows.loc["a/1.png", "group"] == rows.loc["a/2.png", "group"]
    assert rows.loc["a/3.png", "excluded"] == "the same file stands under the labels a and b"
    assert (rows["excluded"] != "").sum() == 2


def test_metadata_layout_reads_labels_from_the_table() -> None:
    """A table may name files anywhere, and files that are missing."""
    raw = MemoryFolder(
        files("all/1.png", "all/2.png")
        | {"metadata.csv": table("file,label", "all/1.png,x", "all/2.png,y", "all/3.png,y")}
    )
    rows = list_items(raw, Ingest(**SIDE, layout="metadata")).rows
    assert rows["label"].tolist() == ["x", "y", "y"]
    assert rows["excluded"].iloc[2] == "listed in metadata.csv, but there is no such file"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"raw/metadata.csv: expected a table with the columns file, patient, found no such"),
        (table("file,label", "a/1.png,a"), "found no patient. It has: file, label"),
        (table("file,patient", "a/1.png,1", "a/1.png,2"), "one row a file, found two for a/1.png"),
    ],
)
def test_a_table_that_cannot_serve_is_an_error(content: bytes | None, message: str) -> None:
    """A group column that is not there stops the run instead of being passed over."""
    more = {} if content is None else {"metadata.csv": content}
    raw = MemoryFolder(files("a/1.png", "b/1.png") | more)
    with pytest.raises(DataError, match=message):
        list_items(raw, Ingest(**SIDE, group=("patient",)))


def test_pack_and_ledger_reconcile() -> None:
    """Good pictures are packed in the manifest's order, bad ones counted with their reason."""
    raw = MemoryFolder(
        files("a/1.png", "a/3.png", "b/1.png", "b/2.png")
        | {"a/2.png": b"", "b/notes.txt": b"x", "b/3.png": b"<html>"}
    )
    manifest, pack, report = build_pack(raw, Ingest(**SIDE), synthetic=False)
    assert isinstance(pack["pixels"], ArrayStream)
    pixels = whole(pack)["pixels"]
    assert pack.description["items"] == ["a/1.png", "a/3.png", "b/1.png", "b/2.png"]
    assert pixels.shape == (4, 8, 8, 3)
    np.testing.assert_array_equal(
        pixels[2], np.random.default_rng(2).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    )
    assert report["counts"] == {"listed": 7, "used": 4, "excluded": 3}
    excluded = manifest[manifest["excluded"] != ""]
    assert report["reasons"] == excluded["excluded"].value_counts().to_dict()
    assert excluded["aspect_ratio"].isna().all()
    assert dict(zip(excluded["item_id"], excluded["excluded"], strict=True)) == {
        "a/2.png": "the file is empty",
        "b/3.png": "content is none of BMP, JPEG, PNG, TIFF, WEBP",
        "b/notes.txt": "not a picture file (.txt)",
    }
    assert len(manifest) == 7
    assert any("No group column" in note for note in report["notes"])


def test_pictures_are_read_by_content_and_the_wrong_names_are_told() -> None:
    """A JPEG named .png is used, counted in a note, and of a table even one named .data."""
    jpeg = encode(Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)), "JPEG")
    raw = MemoryFolder(files("a/1.png", "b/1.png") | {"b/2.png": jpeg})
    manifest, pack, report = build_pack(raw, Ingest(**SIDE), synthetic=False)
    whole(pack)
    assert (manifest["excluded"] == "").all()
    assert "1 picture read by content, not by suffix: .png is JPEG (1)." in report["notes"]
    named = {"1.data": picture(1), "2.data": picture(2), "labels.csv": b"file,label\n"}
    named["labels.csv"] += b"1.data,x\n2.data,y\n"
    ingest = Ingest(**SIDE, layout="metadata", table="labels.csv")
    _, pack, report = build_pack(MemoryFolder(named), ingest, synthetic=False)
    whole(pack)
    assert report["counts"] == {"listed": 2, "used": 2, "excluded": 0}


def test_files_too_large_or_unreadable_are_left_out_unopened() -> None:
    """Neither a file beyond the limit nor one that the disk does not give is asked for."""
    raw = MemoryFolder(files("a/1.png", "a/2.png", "a/3.png", "b/1.png"))
    raw.files.loc[raw.files["path"] == "a/2.png", "size"] = 300_000_000
    raw.files.loc[raw.files["path"] == "a/3.png", "sha256"] = ""
    manifest, pack, report = build_pack(raw, Ingest(**SIDE), synthetic=False)
    whole(pack)
    assert report["counts"] == {"listed": 4, "used": 2, "excluded": 2}
    assert report["reasons"] == {
        "a file of more than 256 megabytes": 1,
        "cannot be read from the disk": 1,
    }
    assert manifest["width"].notna().tolist() == [True, False, False, True]


def test_sizes_are_those_of_the_upright_original() -> None:
    """Width, height and their ratio are what a viewer shows, whatever side is stored first."""
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.random.default_rng(0).integers(0, 256, (10, 20, 3), dtype=np.uint8)
    turned = encode(Image.fromarray(pixels), "JPEG", exif=exif)
    raw = MemoryFolder({"a/1.jpg": turned, "b/1.png": png(pixels)})
    manifest, pack, _ = build_pack(raw, Ingest(**SIDE), synthetic=False)
    whole(pack)
    assert manifest[["width", "height", "aspect_ratio"]].to_numpy().tolist() == [
        [10.0, 20.0, 0.5],
        [20.0, 10.0, 2.0],
    ]


def test_fixed_splits_reach_the_manifest_and_the_report() -> None:
    """Folders that deal the pictures are told of, and the same picture twice is one group."""
    paths = [
        f"{part}/{label}/{n}.png" for part in ("train", "test") for label in "ab" for n in (1, 2)
    ]
    raw = MemoryFolder(files(*paths))
    manifest, pack, report = build_pack(raw, Ingest(**SIDE), synthetic=False)
    whole(pack)
    assert manifest["split"].tolist() == ["test"] * 4 + ["train"] * 4
    assert "The data set deals its pictures itself: train 4, test 4." in report["notes"]


def test_a_class_without_a_usable_picture_is_an_error() -> None:
    """A class is never lost in silence."""
    raw = MemoryFolder(files("a/1.png") | {"b/1.png": b""})
    with pytest.raises(DataError, match="usable picture of the class b, found none; the first"):
        build_pack(raw, Ingest(**SIDE), synthetic=False)


@pytest.mark.parametrize(("mixed", "warned"), [(False, True), (True, False)])
def test_a_source_that_gives_the_label_away_is_noted(mixed: bool, warned: bool) -> None:
    """The report says how far the source alone tells the classes."""
    paths = [f"{label}/{index}.png" for label in "ab" for index in range(4)]
    north = {path: int(path[2]) % 2 == 0 if mixed else path[0] == "a" for path in paths}
    lines = [f"{path},{path[0]},{'north' if north[path] else 'south'}" for path in paths]
    raw = MemoryFolder(files(*paths) | {"metadata.csv": table("file,label,source", *lines)})
    _, pack, report = build_pack(raw, Ingest(**SIDE, source="source"), synthetic=False)
    whole(pack)
    found = [note for note in report["warnings"] if "gives the label away" in note]
    assert bool(found) is warned
    assert (
        not warned
        or "right for 100.0% of the pictures, guessing the largest class for 50.0%" in found[0]
    )
