"""The one affine resampling: pixels move where the matrix says, wherever they start."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from fairtrial.images.parameters import Augment
from fairtrial.images.warp import compose, draw_matrices, warp


def one(
    rotation_deg: float = 0.0,
    scale: float = 1.0,
    shear_deg: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    mirror: bool = False,
) -> torch.Tensor:
    """A single matrix, float32 (1, 2, 3)."""
    return compose(
        torch.tensor([math.radians(rotation_deg)]),
        torch.tensor([scale]),
        torch.tensor([math.radians(shear_deg)]),
        torch.tensor([shift]),
        torch.tensor([mirror]),
    )


def dot(side: int, row: int, col: int) -> torch.Tensor:
    """A black picture with one white pixel, (1, 1, S, S)."""
    image = torch.zeros(1, 1, side, side)
    image[0, 0, row, col] = 1
    return image


def place(side: int, row: int, col: int) -> tuple[float, float]:
    """Normalised (x, y) of a pixel's centre."""
    return (2 * col + 1) / side - 1, (2 * row + 1) / side - 1


sides = st.integers(9, 24)


@settings(deadline=None)
@given(side=sides, data=st.data())
def test_identity_changes_nothing(side: int, data: st.DataObject) -> None:
    """The identity returns the picture, at odd and even sides."""
    images = torch.rand(
        2, 3, side, side, generator=torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    )
    moved = warp(images, one().expand(2, 2, 3))
    torch.testing.assert_close(moved, images, atol=1e-5, rtol=0)


@settings(deadline=None)
@given(
    side=sides,
    rotation=st.floats(-180, 180),
    scale=st.floats(0.8, 1.25),
    shear=st.floats(-20, 20),
    dx=st.floats(-0.2, 0.2),
    dy=st.floats(-0.2, 0.2),
    mirror=st.booleans(),
    data=st.data(),
)
def test_a_point_moves_where_the_matrix_says(
    side: int,
    rotation: float,
    scale: float,
    shear: float,
    dx: float,
    dy: float,
    mirror: bool,
    data: st.DataObject,
) -> None:
    """A ramp of coordinates, resampled, holds at each place the point that was moved there."""
    matrices = one(rotation, scale, shear, (dx, dy), mirror)
    # A pixel of the result well inside the source: what comes from outside is mirrored.
    centre = side // 2
    row = data.draw(st.integers(centre - 2, centre + 1))
    col = data.draw(st.integers(centre - 2, centre + 1))
    axis = (torch.arange(side) * 2 + 1) / side - 1
    ramps = torch.stack([axis.expand(side, side), axis[:, None].expand(side, side)])[None]
    came_from = warp(ramps, matrices)[0, :, row, col]  # normalised (x, y) in the source
    limit = 1 - 1 / side
    if came_from.abs().max() > limit - 1e-3:
        return
    went_to = matrices[0, :, :2] @ came_from + matrices[0, :, 2]
    torch.testing.assert_close(went_to, torch.tensor(place(side, row, col)), atol=2e-4, rtol=0)


@pytest.mark.parametrize("side", [8, 9])
@pytest.mark.parametrize(("row", "col"), [(1, 2), (4, 6), (6, 1)])
def test_known_moves_of_a_single_pixel(side: int, row: int, col: int) -> None:
    """Quarter turns, mirrors and whole-pixel shifts are exact, from any starting pixel."""
    last = side - 1
    moves = {
        (last - col, row): one(rotation_deg=-90),  # against the clock: right goes up
        (col, last - row): one(rotation_deg=90),
        (last - row, last - col): one(rotation_deg=180),
        (row, last - col): one(mirror=True),
        (row + 1, col - 1): one(shift=(-2 / side, 2 / side)),
    }
    for (to_row, to_col), matrices in moves.items():
        moved = warp(dot(side, row, col), matrices)
        torch.testing.assert_close(moved, dot(side, to_row, to_col), atol=1e-4, rtol=0)


def test_flip_comes_before_the_rest() -> None:
    """The order of the parts is mirror, scale, shear, rotation, shift."""
    point = torch.tensor([0.3, -0.2])
    matrices = one(90, 2.0, 45, (0.1, 0.05), True)
    expected = torch.tensor([-0.3, -0.2]) * 2  # mirror, scale
    expected = torch.stack([expected[0] + expected[1], expected[1]])  # shear
    expected = torch.stack([-expected[1], expected[0]])  # rotation, eq. 3 at 90 degrees
    expected = expected + torch.tensor([0.1, 0.05])
    found = matrices[0, :, :2] @ point + matrices[0, :, 2]
    torch.testing.assert_close(found, expected)


def test_drawn_maps_stay_in_their_ranges() -> None:
    """Angles, magnifications and shifts keep to the parameters, and fill them."""
    ranges = Augment(rotation_deg=20, scale=(0.5, 2.0), translation=0.1, flip=False)
    matrices = draw_matrices(2000, ranges, torch.Generator().manual_seed(3))
    scale = torch.linalg.det(matrices[:, :, :2]).sqrt()
    angle = torch.rad2deg(torch.atan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert 0.5 <= scale.min() < 0.51
    assert 1.99 < scale.max() <= 2.0
    assert 19.5 < angle.abs().max() <= 20.001
    assert 0.19 < matrices[:, :, 2].abs().max() <= 0.2


def test_noise_does_not_depend_on_the_ranges() -> None:
    """Studies with wider ranges meet the same noise, and no range means no change."""
    state = [torch.Generator().manual_seed(5) for _ in range(2)]
    still = Augment(rotation_deg=0, scale=(1, 1), flip=False)
    assert torch.equal(draw_matrices(4, still, state[0]), one().expand(4, 2, 3))
    draw_matrices(4, Augment(rotation_deg=90), state[1])
    assert torch.equal(state[0].get_state(), state[1].get_state())
