"""Folder trees as they are handed round: wrapped, split, nested, with masks beside the pictures."""

from __future__ import annotations

import pytest

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.layout import place_in_folders

PLAIN = Ingest()


def names(*files: str, ingest: Ingest = PLAIN) -> dict[str, str]:
    return dict(place_in_folders(files, ingest, "raw").names)


def test_wrapping_folders_are_skipped() -> None:
    """However deep an archive wraps its classes, they are found; a class may be wrapped too."""
    found = names("Fish/Fish/Trout/Trout/1.png", "Fish/Fish/Shrimp/Shrimp/1.png", "Fish/README.txt")
    assert found == {
        "Fish/Fish/Trout/Trout/1.png": "Trout",
        "Fish/Fish/Shrimp/Shrimp/1.png": "Shrimp",
    }


def test_masks_are_ignored_at_any_depth_and_told_of() -> None:
    """A pattern leaves folders out wherever they lie, by name or by path, and a note says so."""
    files = [
        f"F/F/{name}/{part}/{number}.png"
        for name in ("Trout", "Shrimp")
        for part in (name, f"{name} GT")
        for number in (1, 2)
    ]
    ingest = Ingest(ignore=("* GT", "NA_F/*"))
    placed = place_in_folders([*files, "NA_F/Trout/9.png"], ingest, "raw")
    assert set(placed.names) == {path for path in files if " GT/" not in path}
    assert placed.notes == (
        "5 picture files passed over by ingest.ignore: F/F/Shrimp/Shrimp GT (2), "
        "F/F/Trout/Trout GT (2), NA_F/Trout (1).",
    )


def test_the_map_says_which_level_counts() -> None:
    """Folders named as classes are classes wherever they stand; two trees of them are merged."""
    files = ("Fish/Fish/Trout/1.png", "NA_Fish/Trout/2.png", "NA_Fish/Shrimp/3.png")
    ingest = Ingest(classes={"Trout": "trout", "Shrimp": "shrimp"})
    assert list(names(*files, ingest=ingest).values()) == ["Trout", "Trout", "Shrimp"]
    radiography = ("R/COVID/images/1.png", "R/Normal/images/1.png", "R/Normal/masks/1.png")
    ingest = Ingest(classes={"COVID": "covid", "Normal": "normal"}, ignore=("masks",))
    assert set(names(*radiography, ingest=ingest).values()) == {"COVID", "Normal"}


def test_two_levels_that_could_be_classes_are_an_error() -> None:
    """Patients are never taken for classes, nor classes for patients, without a word."""
    with pytest.raises(DataError) as caught:
        names("covid/p1/1.png", "covid/p2/1.png", "normal/p3/1.png")
    assert str(caught.value) == (
        "raw/covid: expected pictures in one folder a class (covid, normal, ...), found 2 folders "
        "(p1, p2). Name the folders that are classes in ingest.classes, as in "
        "{cat: cat, dog: dog}, or leave some out with ingest.ignore."
    )
    ingest = Ingest(classes={"covid": "covid", "normal": "normal"})
    found = names("covid/p1/1.png", "covid/p2/1.png", "normal/p3/1.png", ingest=ingest)
    assert list(found.values()) == ["covid", "covid", "normal"]


@pytest.mark.parametrize(
    "files",
    [
        ("d/train/cat/1.png", "d/train/dog/2.png", "d/val/cat/3.png", "d/Test/dog/4.png"),
        ("cat/train/1.png", "dog/train/2.png", "cat/validation/3.png", "dog/test/4.png"),
    ],
    ids=["outside", "inside"],
)
def test_fixed_splits_are_kept(files: tuple[str, ...]) -> None:
    """Folders named train, valid and test deal the pictures, above the classes or below them."""
    placed = place_in_folders(files, PLAIN, "raw")
    assert [placed.names[path] for path in files] == ["cat", "dog", "cat", "dog"]
    assert [placed.splits[path] for path in files] == ["train", "train", "valid", "test"]


def test_a_class_named_train_is_a_class() -> None:
    """Names of splits mean splits only where nothing but splits stands side by side."""
    placed = place_in_folders(("car/1.png", "bus/1.png", "train/1.png"), PLAIN, "raw")
    assert set(placed.names.values()) == {"car", "bus", "train"}
    assert set(placed.splits.values()) == {""}
    ingest = Ingest(classes={"train": "train", "test": "test"})
    assert set(names("train/1.png", "test/1.png", ingest=ingest).values()) == {"train", "test"}


def test_pictures_beside_the_classes_are_told_of() -> None:
    """Unlabelled test pictures are no class named test; they are counted in a sentence."""
    placed = place_in_folders(
        ("train/cat/1.png", "train/dog/1.png", "test/1.png", "x.png"), PLAIN, "raw"
    )
    assert set(placed.names.values()) == {"cat", "dog"}
    assert placed.notes == ("2 picture files passed over beside the classes: . (1), test (1).",)


def test_files_without_a_suffix_count_where_none_has_one() -> None:
    """Exports of hospitals name no suffix; a LICENSE beside pictures is no picture."""
    assert names("a/IM001", "b/IM002") == {"a/IM001": "a", "b/IM002": "b"}
    assert "LICENSE" not in names("LICENSE", "a/1.png", "b/1.png", "b/2.jpg")
