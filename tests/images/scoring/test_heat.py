"""Heat maps of every network, and the body that their heat lies on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fairtrial.images.networks import NETWORKS
from fairtrial.images.scoring.heat import heat_maps
from fairtrial.images.scoring.region import body_region, heat_share, otsu_threshold
from fairtrial.images.trials.classifier import Base, Classifier, Head, build_base, build_head


def test_densenets_heat_is_that_of_its_formula() -> None:
    """Equations 1 and 2 of Grad-CAM on the maps of its last batch norm, worked out by hand."""
    network = NETWORKS.load("densenet121")
    base, head = build_base(network, None, 1), build_head(network, 3, 0.0, 1)
    classifier = Classifier(base, head).eval()
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    maps = base.network.features((picture - base.mean) / base.std).detach().requires_grad_()
    logits = classifier.head(torch.relu(maps).mean(dim=(2, 3)))
    for index in range(3):
        (gradient,) = torch.autograd.grad(logits[0, index], maps, retain_graph=True)
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        coarse = torch.relu((weights * maps).sum(dim=1, keepdim=True)).detach()
        fine = nn.functional.interpolate(coarse, size=64, mode="bilinear")[0, 0]
        expected = fine / fine.max() if fine.max() > 0 else fine
        found = heat_maps(classifier, network, picture, [index])[0]
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


class Bright(nn.Module):
    """A base whose one map is the picture's own brightness."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Conv2d(3, 1, 1, bias=False)
        nn.init.constant_(self.last.weight, 1 / 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.last(x).mean(dim=(2, 3)))


def test_heat_lies_where_the_evidence_is() -> None:
    """A class that brightness speaks for is hot on the bright corner, its rival cold."""
    network = replace(NETWORKS.load("residual"), heat_layer="last")
    head = Head(1, 2, 0.0)
    with torch.no_grad():
        head.linear.weight.copy_(torch.tensor([[1.0], [-1.0]]))
    classifier = Classifier(Base(Bright(), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), head).eval()
    picture = torch.zeros(1, 3, 32, 32)
    picture[:, :, :8, :8] = 1
    maps = heat_maps(classifier, network, picture.expand(2, -1, -1, -1), [0, 1])
    corner = np.zeros((32, 32), bool)
    corner[:8, :8] = True
    assert heat_share(maps[0].numpy(), corner) == 1
    assert heat_share(maps[1].numpy(), corner) is None


def disc(side: int, radius: float, x: float, y: float) -> np.ndarray:
    rows, columns = np.mgrid[:side, :side]
    return (rows - y) ** 2 + (columns - x) ** 2 <= radius**2


def test_the_body_is_the_largest_part_with_its_holes_filled() -> None:
    """A bright ring is found with its hole, without the small bright mark; dark ones as well."""
    whole, hole = disc(64, 20, 34, 30), disc(64, 8, 34, 30)
    picture = np.full((64, 64, 1), 30, np.uint8)
    picture[whole & ~hole] = 200
    picture[:5, :5] = 255
    found = body_region(picture, "brighter")
    assert found is not None
    assert (found == whole).all()
    # A narrow gap in the ring still leaves a hole; but for its mouth all is found.
    picture[28:31, 40:60] = 30
    open_ring = body_region(picture, "brighter")
    assert open_ring is not None
    assert (open_ring != whole).mean() < 0.01
    picture[28:31, 42:60][whole[28:31, 42:60]] = 200
    inverse = body_region(255 - picture, "darker")
    assert inverse is not None
    assert (inverse == whole).all()


def test_a_warm_body_is_found_on_a_cold_table() -> None:
    """A brown disc on blue is found though black corners and a white spot are there too."""
    whole = disc(64, 16, 34, 30)
    picture = np.full((64, 64, 3), (30, 70, 160), np.uint8)
    picture[whole] = (150, 110, 70)
    picture[:10, :10] = 0
    picture[55:60, 5:10] = 255
    found = body_region(picture, "warmer")
    assert found is not None
    assert (found == whole).all()


def test_a_picture_without_a_body_has_none() -> None:
    """A flat picture, a speck and a picture that is all body: no region is made up."""
    flat = np.full((40, 40, 3), 90, np.uint8)
    assert body_region(flat, "brighter") is None
    assert body_region(flat, "darker") is None
    speck = flat.copy()
    speck[3:6, 3:6] = 250
    assert body_region(speck, "brighter") is None
    assert body_region(speck, "darker") is None


def test_otsus_threshold_parts_two_levels() -> None:
    """Of two levels the lower is the threshold: all of the upper lies above it."""
    levels = np.concatenate([np.full(70, 40), np.full(30, 200)]).astype(np.uint8)
    assert 40 <= otsu_threshold(levels) < 200
    # Found by trying every level: the variance between the parts is largest there.
    x = np.clip(np.random.default_rng(0).normal([60] * 300 + [150] * 200, 20), 0, 255)
    x = x.astype(np.uint8)

    def between(level: float) -> float:
        low, high = x[x <= level], x[x > level]
        return len(low) * len(high) * (low.mean() - high.mean()) ** 2 if len(high) else 0.0

    tried = [between(level) if (x <= level).any() else 0.0 for level in range(256)]
    assert between(otsu_threshold(x)) == pytest.approx(max(tried), rel=1e-9)
