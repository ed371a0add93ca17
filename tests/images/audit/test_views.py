"""What each probe sees of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.records import Arrays
from fairtrial.images.audit.views import (
    border,
    colour_shares,
    small_pictures,
    surroundings,
    trivial_features,
    whole,
)
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading.pack import build_pack
from tests.images.support import MemoryFolder, png
from tests.images.support import whole as joined


def pack_of(pixels: np.ndarray) -> Arrays:
    return Arrays({"pixels": pixels}, {"items": [str(row) for row in range(len(pixels))]})


def test_trivial_features_are_those_of_each_picture() -> None:
    """Aspect ratio of the original, mean, contrast and shares of colour, by hand."""
    wide = np.zeros((8, 32, 3), np.uint8)
    wide[:, 16:, 0] = 200
    tall = np.full((32, 16, 3), 10, np.uint8)
    tall[16:] = 30
    files = {"a/wide.png": png(wide), "b/tall.png": png(tall)}
    manifest, stream, _ = build_pack(MemoryFolder(files), Ingest(image_side_px=16), True)
    assert manifest["aspect_ratio"].tolist() == [4.0, 0.5]
    first, second = trivial_features(joined(stream), manifest)
    assert first.shape == (3 + 64,)
    assert first[0] == 4.0
    assert first[1] == pytest.approx(200 / 6, abs=1)
    assert first[2] == 200
    # Red of 200 is the fourth of four levels; green and blue are the first.
    assert first[[3, 6]] == pytest.approx([0.5, 0.5], abs=1 / 16)
    assert first[3:].sum() == pytest.approx(1)
    assert second[1] == pytest.approx(20, abs=1)
    assert second[3] == 1.0


def test_grey_pictures_have_sixteen_shades() -> None:
    """Shares of 16 grey levels a step; the same pixels in another order are the same histogram."""
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    turned = pixels[:, ::-1].transpose(0, 2, 1, 3)
    first, second = colour_shares(pack_of(np.concatenate([pixels, turned])))
    assert first == pytest.approx([1 / 16] * 16)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("side", "channels"), [(16, 1), (40, 3), (224, 1), (10, 3)])
def test_the_border_and_the_surroundings_miss_the_middle(side: int, channels: int) -> None:
    """What happens in the middle half reaches neither view; a mark at the edge reaches both."""
    plain = np.full((1, side, side, channels), 90, np.uint8)
    inside, outside = plain.copy(), plain.copy()
    quarter = -(-side // 4) + 1  # a small picture's cells blend into each other at their edges
    inside[:, quarter:-quarter, quarter:-quarter] = 255
    outside[:, :2, :2] = 255
    small = small_pictures(pack_of(np.concatenate([plain, inside, outside])))
    assert small.shape == (3, 16, 16, channels)
    for view, cells in ((border, 256 - 196), (surroundings, 256 - 144)):
        same, hidden, marked = view(small)
        assert same.shape == (cells * channels,)
        np.testing.assert_array_equal(same, hidden)
        assert not np.array_equal(same, marked)
    assert not np.array_equal(*whole(small)[:2])
