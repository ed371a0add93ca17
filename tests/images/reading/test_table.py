"""The table beside the pictures: any name, anywhere, nothing taken on trust."""

from __future__ import annotations

import pytest

from fairtrial.core.errors import DataError
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.listing import list_items
from tests.images.support import MemoryFolder

PICTURES = {"all/1.png": b"1", "all/2.png": b"2", "all/3.jpg": b"3"}


def folder(content: bytes, name: str = "labels.csv") -> MemoryFolder:
    return MemoryFolder({**PICTURES, name: content})


def ingest(**more: object) -> Ingest:
    return Ingest(layout="metadata", table="labels.csv", **more)


def test_a_table_of_any_name_gives_labels_groups_sources_and_splits() -> None:
    """File, label, group, source and split are its columns; a byte-order mark is no letter."""
    content = (
        "\ufefffile,label,patient,clinic,part\n"
        "all/1.png,x,p1,north,Train\nall/2.png,y,p1,south,val\n./all/3.jpg,y,p2,,\n"
    ).encode()
    rows = list_items(
        folder(content), ingest(group=("patient",), source="clinic", split="part")
    ).rows
    assert rows["item_id"].tolist() == list(PICTURES)
    assert rows["label"].tolist() == ["x", "y", "y"]
    assert rows["group"].tolist() == ["all/1.png", "all/1.png", "all/3.jpg"]
    assert rows["source"].tolist() == ["north", "south", ""]
    assert rows["split"].tolist() == ["train", "valid", ""]
    assert "p1" not in rows.to_csv()


def test_a_wrapped_table_counts_from_its_own_folder() -> None:
    """In an archive the table lies below the folder that wraps everything."""
    raw = MemoryFolder(
        {f"set/{path}": data for path, data in PICTURES.items()}
        | {"set/labels.csv": b"file,label\nall\\1.png,x\nall/2.png,y\n"}
    )
    listing = list_items(raw, ingest())
    assert listing.rows["item_id"].tolist() == ["set/all/1.png", "set/all/2.png"]
    assert listing.notes == ("1 picture file passed over: not named in labels.csv.",)


def test_labels_are_renamed_merged_and_ignored() -> None:
    """The class map holds for labels of a table as it does for folders."""
    content = b"file,label\nall/1.png,Shrimp\nall/2.png,Trout\nall/3.jpg,?\n"
    rows = list_items(
        folder(content), ingest(classes={"Shrimp": "shrimp", "Trout": "fish"}, ignore=("[?]",))
    ).rows
    assert rows["label"].tolist() == ["shrimp", "fish"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "labels.csv: expected a CSV in UTF-8 with a line of column names, found No columns"),
        (b"file,label\na,b\na,b,c,d\n", "expected a CSV in UTF-8 .* Expected 2 fields in line 3"),
        ("file,label\nä.png,x\n".encode("latin-1"), "expected a CSV in UTF-8 .*decode byte"),
        (b"file;label\n", "the columns file, label, found no file, label. It has: file;label"),
        (b"file,label\n../1.png,x\n", "paths inside its folder in the column file, found '../1"),
        (b"file,label\n/etc/1.png,x\n", "paths inside its folder in the column file"),
        (b"file,label\nC:\\1.png,x\n", "paths inside its folder in the column file"),
        (b"file,label\n,x\n", "paths inside its folder in the column file, found ''"),
        (b"file,label\nall/1.png,x\nall/./1.png,y\n", "one row a file, found two for all/1.png"),
        (b"file,label\nall/1.png,x\nall/2.png, \n", "a label in every row, found none for all/2"),
    ],
)
def test_a_table_that_cannot_serve_is_one_message(content: bytes, message: str) -> None:
    """Each bad table is told by its file, the rule and what was found."""
    with pytest.raises(DataError, match=message):
        list_items(folder(content), ingest())


def test_a_strange_split_is_an_error() -> None:
    """A fold number in the split's column is no split."""
    content = b"file,label,fold\nall/1.png,x,1\nall/2.png,y,train\n"
    with pytest.raises(DataError, match="column fold: expected train, valid or test, or an empty"):
        list_items(folder(content), ingest(split="fold"))


def test_a_table_of_other_pictures_ties_nothing_and_is_an_error() -> None:
    """Groups whose paths fit no picture would let related ones part in silence."""
    files = {"a/1.png": b"1", "b/2.png": b"2"}
    tree = Ingest(group=("patient",))
    raw = MemoryFolder({**files, "metadata.csv": b"file,patient\n1.png,p\n2.png,p\n"})
    with pytest.raises(DataError, match=r"rows of the pictures \(a/1.png, ...\) in the column fi"):
        list_items(raw, tree)
    raw = MemoryFolder({**files, "metadata.csv": b"file,patient\na/1.png,p\n"})
    assert list_items(raw, tree).notes == (
        "1 picture without a row in metadata.csv (b/2.png, ...): each is a group of its own, "
        "without a source.",
    )


def test_two_tables_of_one_name_are_an_error() -> None:
    """Which of two tables counts is not guessed."""
    raw = MemoryFolder({**PICTURES, "a/labels.csv": b"file,label\n", "b/labels.csv": b""})
    with pytest.raises(DataError, match="several: a/labels.csv, b/labels.csv. Name it in"):
        list_items(raw, ingest())
