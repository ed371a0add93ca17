"""Ratings join their key, and whatever is wrong with them is named."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from fairtrial.core.errors import DataError
from fairtrial.statistics.parameters import ScoresIngest
from fairtrial.statistics.ratings import KEY, read_ratings

KEY_LINES = [
    "round,clip,arm,run,bars,highest,synthetic",
    "r1,clip_01,one,run_000,3 4,5,False",
    "r1,clip_02,two,run_000,7 8,5,False",
    "r1,clip_03,two,run_001,1 2,5,False",
    "r1,clip_04,real_bars,,5 6,5,False",
]


def csv(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def rated(rater: str, *ratings: object, number: str = "r1") -> bytes:
    rows = [f"{number},{rater},clip_{clip:02d},{rating}" for clip, rating in enumerate(ratings, 1)]
    return csv("round,rater,clip,rating", *rows)


def read(files: dict[str, bytes], **change: Any) -> tuple[pd.DataFrame, dict[str, Any]]:
    contents = {KEY: csv(*KEY_LINES), "a.csv": rated("ann", 1, 2, 3, 5), **files}
    settings: dict[str, Any] = {"arms": ["two", "one"], "synthetic": False, **change}
    return read_ratings({k: v for k, v in contents.items() if v}, "folder", **settings)


def test_each_rating_gets_its_arm_run_and_rater() -> None:
    """In the study's order of arms; clips of an arm that is not compared are left out, counted."""
    manifest, report = read({"b.csv": rated("bob", 5, 4, 4, 5)})
    used = manifest[manifest["excluded"] == ""]
    assert used["arm"].tolist() == ["two"] * 4 + ["one"] * 2
    assert used.groupby(["arm", "block"])["value"].mean().to_dict() == {
        ("one", "ann"): 1,
        ("one", "bob"): 5,
        ("two", "ann"): 2.5,
        ("two", "bob"): 4,
    }
    assert set(manifest.loc[manifest["excluded"] != "", "arm"]) == {"real_bars"}
    assert manifest["item_id"].is_unique
    assert report["counts"] == {"listed": 8, "used": 6, "excluded": 2}
    assert report["reasons"] == {"arm not compared": 2}
    assert "2 raters" in report["notes"][0]
    assert "2 clips of two from 2 runs" in report["notes"][0]
    assert report["synthetic"] is False


def test_several_raters_may_share_a_file() -> None:
    """What counts is the rater's column, not the file."""
    both = rated("ann", 1, 2, 3, 4) + rated("bob", 4, 3, 2, 1).split(b"\n", 1)[1]
    manifest, _ = read({"a.csv": both})
    assert manifest["block"].value_counts().to_dict() == {"ann": 4, "bob": 4}


@pytest.mark.parametrize("where", ["ratings", "key"])
def test_simulated_ratings_and_samples_are_marked(where: str) -> None:
    """Ratings of synthetic clips are as little evidence as ratings that nobody gave."""
    key = csv(*KEY_LINES).replace(b"False", b"True") if where == "key" else csv(*KEY_LINES)
    assert read({KEY: key}, synthetic=where == "ratings")[1]["synthetic"] is True


def test_a_rater_who_tells_nothing_apart_is_told_of() -> None:
    """One rating for everything is kept, and warned of."""
    _, report = read({"b.csv": rated("bob", 3, 3, 3, 3)})
    assert report["warnings"] == ["bob gave all clips one rating."]


@pytest.mark.parametrize(
    ("files", "place", "rule"),
    [
        ({KEY: b""}, "folder", "the key"),
        ({"a.csv": b""}, "folder", "a CSV file of ratings"),
        ({"a.csv": rated("ann", 1, 2, 3, 4, 5)}, "a.csv, line 6", "a clip of the round"),
        ({"a.csv": rated("ann", 1, 2, 6, 4)}, "a.csv, line 4, clip_03", "from 1 to 5"),
        ({"a.csv": rated("ann", 1, 0, 3, 4)}, "line 3", "from 1 to 5"),
        ({"a.csv": rated("ann", 1, 2, "3.5", 4)}, "line 4", "a whole number"),
        ({"a.csv": rated("ann", 1, 2, "", 4)}, "line 4", "found an empty cell"),
        ({"a.csv": rated("ann", 1, 2, 3)}, "ratings of ann", "none of clip_04"),
        ({"a.csv": rated("", 1, 2, 3, 4)}, "line 2", "a rater's name"),
        ({"a.csv": rated("ann", 1, 2, 3, 4, number="r2")}, "line 2", "ratings of round r1"),
        ({"b.csv": rated("ann", 1, 2, 3, 4)}, "b.csv, line 2", "one rating of clip_01 by ann"),
        ({"a.csv": rated("ann", 1, 2, 3, 4).replace(b",", b";")}, "a.csv", "separated by commas"),
        ({KEY: csv(*KEY_LINES, KEY_LINES[1])}, KEY, "as it was written"),
        ({KEY: csv(*KEY_LINES).replace(b"7 8,5", b"7 8,9")}, KEY, "as it was written"),
        ({KEY: csv(*KEY_LINES[:2])}, KEY, "clips of arm two"),
    ],
)
def test_every_fault_is_one_error_with_its_place(
    files: dict[str, bytes], place: str, rule: str
) -> None:
    """No key, no ratings, another round, unknown, missing, double or impossible ratings."""
    with pytest.raises(DataError) as caught:
        read(files)
    assert place in str(caught.value)
    assert rule in str(caught.value)


def test_ratings_are_read_in_one_way() -> None:
    """The layout of a table means nothing beside ratings, and is refused there."""
    assert ScoresIngest(ratings="round", synthetic=True).higher_is_better is None
    with pytest.raises(ValidationError, match="nothing but synthetic beside ratings, not columns"):
        ScoresIngest(ratings="round", columns={"one": 1})
