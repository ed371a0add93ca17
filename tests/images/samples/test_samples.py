"""Drawn samples: the same every time, balanced, and beyond a table of mean colours."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score

from fairtrial.core.errors import ConfigError
from fairtrial.images.samples.sets import draw_samples


@pytest.mark.parametrize(("name", "classes"), [("chest_phantoms", 2), ("fish_shapes", 5)])
def test_samples_are_the_same_every_time(name: str, classes: int) -> None:
    """A seed gives the same bytes; classes are equally large; groups lie within a class."""
    one = draw_samples(name, 40, 32, np.random.default_rng(7))
    assert one == draw_samples(name, 40, 32, np.random.default_rng(7))
    assert one != draw_samples(name, 40, 32, np.random.default_rng(8))
    table = pd.read_csv(io.BytesIO(one["metadata.csv"]))
    assert sorted(table["file"]) == sorted(path for path in one if path.endswith(".png"))
    assert table["label"].nunique() == classes
    assert table["label"].value_counts().nunique() == 1
    assert (table.groupby("group")["label"].nunique() == 1).all()
    assert (table.groupby("group").size() > 1).all()
    assert Image.open(io.BytesIO(one[table["file"][0]])).size == (32, 32)


@pytest.mark.parametrize(("name", "most"), [("chest_phantoms", 0.8), ("fish_shapes", 0.65)])
def test_a_histogram_of_colours_does_not_tell_classes_apart(name: str, most: float) -> None:
    """A linear model of colour histograms stays far from what shapes would give."""
    files = draw_samples(name, 200, 48, np.random.default_rng(0))
    table = pd.read_csv(io.BytesIO(files["metadata.csv"]))
    features = []
    for path in table["file"]:
        pixels = np.asarray(Image.open(io.BytesIO(files[path])).convert("RGB"))
        bands = [np.histogram(pixels[:, :, c], 8, (0, 256))[0] for c in range(3)]
        features.append(np.concatenate(bands) / pixels[:, :, 0].size)
    model = LogisticRegression(C=10, max_iter=2000)
    cut = GroupKFold(4)
    found = cross_val_score(
        model, np.array(features), table["label"], groups=table["group"], cv=cut
    )
    assert found.mean() < most


def test_unknown_samples_are_an_error() -> None:
    """The message lists the sets there are."""
    with pytest.raises(ConfigError, match="one of chest_phantoms, fish_shapes, found 'cats'"):
        draw_samples("cats", 4, 32, np.random.default_rng(0))
