"""What the page says of the pictures and of the trivial models."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest

from fairtrial.core.records import Files
from fairtrial.images.exhibits.data import balance_exhibit, sizes_exhibit, sources_exhibit
from fairtrial.images.exhibits.shortcuts import shortcuts_exhibit


def caption(files: Files) -> str:
    return str(json.loads(files["figure.json"])["caption"])


def table(files: Files, name: str = "data.csv") -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(files[name]))


@pytest.fixture
def manifest() -> pd.DataFrame:
    """Six wide cats of one source, three tall dogs of two sources, and a broken dog."""
    rows = [("cat", 200.0 + i, 100.0, "shop", "") for i in range(6)]
    rows += [("dog", 50.0 + i, 100.0, "shop" if i else "street", "") for i in range(3)]
    rows += [("dog", float("nan"), float("nan"), "street", "broken")]
    found = pd.DataFrame(rows, columns=["label", "width", "height", "source", "excluded"])
    found["item_id"] = [f"i{row}" for row in range(len(found))]
    found["group"] = [f"g{row // 2}" for row in range(len(found))]
    found["aspect_ratio"] = found["width"] / found["height"]
    return found


def test_the_balance_counts_pictures_by_role(manifest: pd.DataFrame) -> None:
    """Means over the study's own folds; a division at random beside them is left out."""
    roles = {
        "fold_0": ["train"] * 4 + ["valid", "test"] + ["train", "valid", "test"],
        "fold_1": ["test"] * 3 + ["train"] * 5 + ["test"],
        "naive_fold_0": ["test"] * 9,
    }
    splits = pd.DataFrame(
        [
            {"block": block, "item_id": f"i{row}", "role": role}
            for block, dealt in roles.items()
            for row, role in enumerate(dealt)
        ]
    )
    files = balance_exhibit(manifest, splits)
    found = table(files).set_index("label")
    assert found.loc["cat", ["pictures", "groups", "left_out"]].tolist() == [6, 3, 0]
    assert found.loc["dog", ["pictures", "groups", "left_out"]].tolist() == [3, 2, 1]
    assert found.loc["cat", ["train", "valid", "test"]].tolist() == [3.5, 0.5, 2.0]
    assert found.loc["dog", ["train", "valid", "test"]].tolist() == [1.5, 0.5, 1.0]
    assert "mean over 2 folds" in caption(files)
    assert "right for 66.7%" in caption(files)
    assert "2 times as many pictures as the smallest" in caption(files)
    assert b"<svg" in files["figure.svg"]


def test_sizes_that_tell_the_class_are_called_out(manifest: pd.DataFrame) -> None:
    """Wide cats and tall dogs: the shape alone says something; alike sizes say nothing."""
    files = sizes_exhibit(manifest)
    assert "Shape or size alone says something of the class" in caption(files)
    assert len(table(files)) == 9
    same = manifest.assign(width=64.0, height=64.0, aspect_ratio=1.0)
    assert "aspect ratio the same for all" in caption(sizes_exhibit(same))
    assert "Shape or size alone" not in caption(sizes_exhibit(same))


def test_sources_are_counted_by_class(manifest: pd.DataFrame) -> None:
    """A source of one class only is counted; one source alone is said to prove nothing."""
    files = sources_exhibit(manifest)
    found = table(files).set_index("source")
    assert found.loc["shop"].tolist() == [6, 2, 8]
    assert found.loc["street"].tolist() == [0, 1, 1]
    assert "1 source of 2 hold" not in caption(files)
    assert "1 of 2 sources holds pictures of one class only." in caption(files)
    assert "from the source is right for 77.8%" in caption(files)
    assert "All pictures are of one source" in caption(
        sources_exhibit(manifest.assign(source="shop"))
    )
    assert "No source of the pictures is known" in caption(
        sources_exhibit(manifest.assign(source=""))
    )


def test_trivial_models_stand_beside_the_arms_with_what_to_conclude() -> None:
    """One row an arm, probe and floor; the caption says what is open and by which rule."""
    level = {"mean": 0.8, "low": 0.7, "high": 0.9}
    verdict: dict[str, Any] = {
        "primary_metric": "macro_f1",
        "alpha": 0.05,
        "arms": [{"arm": "net", **level}],
        "others": [
            {"arm": "border_only", "role": "probe", **level},
            {"arm": "shuffled_labels", "role": "floor", **level},
            {"arm": "lp", "role": "reference", **level},
        ],
    }
    check = {
        "probe": "border_only",
        "target": "label",
        "value": 0.9,
        "chance": 0.5,
        "p": 0.0005,
        "level": 0.01,
        "reading": "Something at the edge gives the class away.",
    }
    audit: dict[str, Any] = {
        "warnings": ["A model that sees only a frame predicts the class."],
        "sees": {"border_only": "only a frame"},
        "level": 0.01,
        "skill": 0.2,
        "checks": [check],
    }
    files = shortcuts_exhibit(verdict, audit)
    assert table(files)["name"].tolist() == ["net", "border_only", "shuffled_labels"]
    assert table(files)["kind"].tolist() == ["arm", "trivial model", "chance"]
    shown = table(files, "table.csv")
    assert shown.loc[0, "predicts"] == "class"
    assert shown.loc[0, "reading"] == check["reading"]
    assert "1 shortcut is open" in caption(files)
    assert "border_only: only a frame" in caption(files)
    clean = caption(shortcuts_exhibit(verdict, {**audit, "warnings": []}))
    assert "no shortcut was found, which does not prove that there is none" in clean
