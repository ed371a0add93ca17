"""How training pictures are varied, and how the page shows it."""

from __future__ import annotations

import io
import json

import numpy as np
import pandas as pd
import pytest
import torch

from fairtrial.images.exhibits.augmentation import augmentation_sheet
from fairtrial.images.parameters import Augment
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.varying.light import Light, make_light, relight
from fairtrial.images.varying.variation import describe, draw_variation, parts, strongest, vary
from tests.images.studies import tiny

STILL = Augment(rotation_deg=0, scale=(1, 1), flip=False)
EVERYTHING = Augment(
    rotation_deg=20,
    scale=(0.8, 1.2),
    shear_deg=5,
    translation=0.1,
    flip_vertical=True,
    contrast=0.2,
    brightness=0.1,
    noise=0.05,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def images() -> torch.Tensor:
    return torch.rand(3, 2, 12, 12, generator=generator())


def test_nothing_set_changes_nothing() -> None:
    """Without ranges a picture stays as it is."""
    torch.testing.assert_close(vary(images(), STILL, generator()), images(), atol=1e-5, rtol=0)
    assert describe(STILL) == "no change"
    assert parts(STILL) == {}


def test_the_numbers_drawn_do_not_depend_on_the_ranges() -> None:
    """Studies with wider ranges, or with noise, meet the same random numbers."""
    one, two = generator(), generator()
    draw_variation(4, STILL, one)
    vary(images().repeat(2, 1, 1, 1)[:4], EVERYTHING, two)
    assert torch.equal(one.get_state(), two.get_state())


def test_variations_are_their_seed_s() -> None:
    """Equal generators give equal pictures; each picture of a batch is varied for itself."""
    same = images()[:1].expand(3, -1, -1, -1)
    one, two = vary(same, EVERYTHING, generator(1)), vary(same, EVERYTHING, generator(1))
    assert torch.equal(one, two)
    assert not torch.equal(one[0], one[1])
    assert not torch.equal(one, vary(same, EVERYTHING, generator(2)))
    assert 0 <= one.min() <= one.max() <= 1


def test_light_follows_its_order() -> None:
    """Contrast about the mean, then brightness, then the cut at black and white."""
    picture = torch.tensor([0.2, 0.4, 0.6, 0.8]).view(1, 1, 2, 2)  # mean 0.5
    none = torch.zeros(1)
    light = Light(torch.tensor([2.0]), torch.tensor([0.1]), none, seed=0)
    expected = torch.tensor([0.0, 0.4, 0.8, 1.0]).view(1, 1, 2, 2)
    torch.testing.assert_close(relight(picture, light), expected)


def test_light_fills_its_ranges() -> None:
    """Numbers from 0 to 1 span each range."""
    ranges = Augment(contrast=0.2, brightness=0.1, noise=0.05)
    low, high = (make_light(torch.full((1, 3), end), ranges, 0) for end in (0.0, 1.0))
    found = [
        float(value)
        for light in (low, high)
        for value in (light.contrast, light.brightness, light.noise)
    ]
    assert found == pytest.approx([0.8, -0.1, 0, 1.2, 0.1, 0.05])


def test_noise_has_the_deviation_asked_for() -> None:
    """Gaussian noise of each picture's own deviation, new in every pixel."""
    grey = torch.full((2, 1, 100, 100), 0.5)
    light = Light(torch.ones(2), torch.zeros(2), torch.tensor([0.02, 0.1]), seed=3)
    found = relight(grey, light) - grey
    assert found.std(dim=(1, 2, 3)).tolist() == pytest.approx([0.02, 0.1], rel=0.05)
    assert torch.equal(relight(grey, light), relight(grey, light))


def test_parts_are_shown_alone() -> None:
    """Each part changes what it is named after and leaves the rest."""
    alone = parts(EVERYTHING)
    assert list(alone) == [
        *("reflection", "scaling", "shear", "rotation", "translation"),
        *("contrast", "brightness", "noise"),
    ]
    matrices = {name: strongest(1, ranges).matrices[0] for name, ranges in alone.items()}
    turned = torch.tensor([[-1.0, 0, 0], [0, -1, 0]])
    torch.testing.assert_close(matrices["reflection"], turned)
    torch.testing.assert_close(matrices["scaling"], torch.tensor([[1.2, 0, 0], [0, 1.2, 0]]))
    torch.testing.assert_close(matrices["translation"], torch.tensor([[1, 0, 0.2], [0, 1, 0.2]]))
    assert matrices["shear"][0, 1] > 0
    assert float(matrices["rotation"][1, 0]) == pytest.approx(np.sin(np.radians(20)))
    assert torch.equal(matrices["noise"], torch.eye(2, 3))


def test_the_sheet_shows_each_part_and_all_together() -> None:
    """A column for the picture, one a part, and two of all parts; the numbers lie beside it."""
    data = tiny()
    files = augmentation_sheet(data.pack, data.manifest, EVERYTHING, "tiny", 0)
    table = pd.read_csv(io.BytesIO(files["data.csv"]))
    assert list(table["shown"].unique()) == [*parts(EVERYTHING), "all 1", "all 2"]
    assert table["item_id"].nunique() == 4
    caption = json.loads(files["figure.json"])["caption"]
    assert "shear within 5 degrees, rotation within 20 degrees" in caption
    svg = files["figure.svg"].decode()
    assert svg.count("<image") == 4 * (1 + 8 + 2)
    assert files == augmentation_sheet(data.pack, data.manifest, EVERYTHING, "tiny", 0)


def test_training_alone_is_varied() -> None:
    """Pictures are predicted as they are, whatever the ranges."""
    data = tiny()
    rows = np.arange(5)
    cpu = torch.device("cpu")
    plain, varied = Pictures(data.pack, 32, cpu), Pictures(data.pack, 32, cpu, EVERYTHING)
    assert torch.equal(plain.clean(rows), varied.clean(rows))
    assert torch.equal(plain.clean(rows), plain.varied(rows, generator()))
    assert not torch.equal(plain.clean(rows), varied.varied(rows, generator()))
