"""Inception v3, its weights, and extractors of a user's own."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import inception_v3

from fairtrial.core import registry
from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.melodies.parameters import Evaluate
from fairtrial.melodies.piano_roll import Roll
from fairtrial.melodies.scoring.extractors import EXTRACTORS, Extractor, Resources
from fairtrial.melodies.scoring.inception import (
    draw_as_the_paper,
    draw_white_on_black,
    load_inception,
)
from fairtrial.melodies.scoring.study import load_spaces
from fairtrial.melodies.scoring.weights import check_recipe, needed_weights, weights_recipe
from fairtrial.training.randomness import torch_stream
from fairtrial.training.weights import find_weights

# Inception v3 takes seconds to build: once for all claims about it.
FILE = "inception_v3_google-0cc3c7bd.pth"


@pytest.fixture(scope="module")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with weights under the published name: random, but of every published part."""
    folder = tmp_path_factory.mktemp("weights")
    with torch_stream(0):
        network = inception_v3(weights=None, aux_logits=True, init_weights=False)
    torch.save(network.state_dict(), folder / FILE)
    return str(folder)


def test_features_depend_on_the_bar_and_on_the_scaling(weights_dir: str, tunes: Roll) -> None:
    """2048 finite features a bar; pictures drawn as the paper's are nearly all black."""
    right, black = (
        load_inception(Resources(weights_dir=weights_dir, paper=paper, device="cpu"))(tunes[:2])
        for paper in (False, True)
    )
    assert right.shape == black.shape == (2, 2048)
    assert np.isfinite(right).all()
    apart = np.abs(right[0] - right[1]).max()
    assert apart > 0
    assert np.abs(black[0] - black[1]).max() < 0.1 * apart


def test_pictures_are_scaled_as_each_side_expects() -> None:
    """Right: brightness of 0 and 1. As the paper's: -1 and +1 of 255."""
    cells = torch.tensor([0.0, 1.0])
    assert draw_white_on_black(cells).tolist() == [0, 1]
    assert draw_as_the_paper(cells).tolist() == pytest.approx([-1 / 255, 1 / 255])


def test_missing_weights_name_the_file_and_where_to_get_it(tmp_path: Path) -> None:
    """Weights are asked for, never fetched silently."""
    wanted = needed_weights(["descriptors", "inception"], str(tmp_path))
    assert list(wanted) == ["inception"]
    with pytest.raises(ConfigError, match="inception_v3") as error:
        find_weights(wanted["inception"], fetch=False)
    assert "https://download.pytorch.org/models/" in str(error.value)


def test_weights_are_part_of_the_recipe(tmp_path: Path) -> None:
    """A file of a folder counts by its content, torch's own by the digits in its name."""
    assert weights_recipe(["descriptors", "inception"], None) == {"inception": "0cc3c7bd"}
    file = tmp_path / FILE
    file.write_bytes(b"one")
    before = weights_recipe(["inception"], str(tmp_path))
    check_recipe(before, str(tmp_path))
    file.write_bytes(b"other")
    assert weights_recipe(["inception"], str(tmp_path)) != before
    with pytest.raises(StorageError, match="weights whose SHA-256"):
        check_recipe(before, str(tmp_path))


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """A state dict of another network gives an error that names the file."""
    torch.save({"weight": torch.zeros(1)}, tmp_path / FILE)
    with pytest.raises(DataError, match="names and shapes of Inception3"):
        load_inception(Resources(weights_dir=str(tmp_path)))


def total_cells(rolls: Roll) -> np.ndarray:
    """A user's own feature."""
    return rolls.reshape(len(rolls), -1).sum(axis=1, keepdims=True).astype(float)


CELLS = Extractor(lambda resources: total_cells)


def test_a_users_own_extractor_is_found_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch, tunes: Roll
) -> None:
    """Installed under fairtrial.extractors it is named in YAML like any other."""
    entry = EntryPoint("cells", f"{__name__}:CELLS", "fairtrial.extractors")
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    assert "cells" in EXTRACTORS.names()
    spaces = load_spaces(Evaluate(extractors=("cells",)), None)
    assert spaces["cells"](tunes[:3]).shape == (3, 1)
