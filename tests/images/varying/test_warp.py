"""The one affine resampling: pixels move where the matrix says, wherever they start."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from fairtrial.images.parameters import Augment
from fairtrial.images.varying.warp import compose, make_matrices, warp


def one(
    rotation_deg: float = 0.0,
    scale: float = 1.0,
    shear_deg: float = 0.0,
    shift: tuple[float, float] = (0.0, 0.0),
    mirror: tuple[bool, bool] = (False, False),
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
    mirror=st.tuples(st.booleans(), st.booleans()),
    data=st.data(),
)
def test_a_point_moves_where_the_matrix_says(
    side: int,
    rotation: float,
    scale: float,
    shear: float,
    dx: float,
    dy: float,
    mirror: tuple[bool, bool],
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
        (row, last - col): one(mirror=(True, False)),
        (last - row, col): one(mirror=(False, True)),
        (row + 1, col - 1): one(shift=(-2 / side, 2 / side)),
    }
    for (to_row, to_col), matrices in moves.items():
        moved = warp(dot(side, row, col), matrices)
        torch.testing.assert_close(moved, dot(side, to_row, to_col), atol=1e-4, rtol=0)


def test_flip_comes_before_the_rest() -> None:
    """The order of the parts is mirror, scale, shear, rotation, shift."""
    point = torch.tensor([0.3, -0.2])
    matrices = one(90, 2.0, 45, (0.1, 0.05), (True, False))
    expected = torch.tensor([-0.3, -0.2]) * 2  # mirror, scale
    expected = torch.stack([expected[0] + expected[1], expected[1]])  # shear
    expected = torch.stack([-expected[1], expected[0]])  # rotation, eq. 3 at 90 degrees
    expected = expected + torch.tensor([0.1, 0.05])
    found = matrices[0, :, :2] @ point + matrices[0, :, 2]
    torch.testing.assert_close(found, expected)


@settings(deadline=None)
@given(
    theta=st.floats(-180, 180),
    x=st.floats(-1, 1),
    y=st.floats(-1, 1),
    origin=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
)
def test_rotation_is_the_paper_s_equation(
    theta: float, x: float, y: float, origin: tuple[float, float]
) -> None:
    """About any origin, x' = x cos - y sin and y' = x sin + y cos (equation 3)."""
    matrices = one(theta)[0, :, :2].double()
    found = matrices @ torch.tensor([x + origin[0], y + origin[1]], dtype=torch.float64)
    found = found - matrices @ torch.tensor(origin, dtype=torch.float64)
    cos, sin = math.cos(math.radians(theta)), math.sin(math.radians(theta))
    expected = torch.tensor([x * cos - y * sin, x * sin + y * cos], dtype=torch.float64)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=30)
@given(
    rotation=st.floats(-180, 180),
    scale=st.floats(0.5, 2),
    shear=st.floats(-30, 30),
    shift=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    mirror=st.tuples(st.booleans(), st.booleans()),
)
def test_one_map_is_all_its_parts_in_turn(
    rotation: float,
    scale: float,
    shear: float,
    shift: tuple[float, float],
    mirror: tuple[bool, bool],
) -> None:
    """The composed matrix is the product of those of its parts, in the stated order."""

    def square(matrix: torch.Tensor) -> torch.Tensor:
        return torch.cat([matrix[0], torch.tensor([[0.0, 0.0, 1.0]])])

    steps = [one(mirror=mirror), one(scale=scale), one(shear_deg=shear), one(rotation)]
    product = torch.eye(3)
    for step in [*steps, one(shift=shift)]:
        product = square(step) @ product
    found = square(one(rotation, scale, shear, shift, mirror))
    torch.testing.assert_close(found, product, atol=1e-5, rtol=1e-5)


def test_maps_fill_their_ranges() -> None:
    """Numbers from 0 to 1 span each range from its lower to its upper end."""
    ranges = Augment(
        rotation_deg=20, scale=(0.5, 2.0), translation=0.1, flip=False, flip_vertical=True
    )
    for end, scale, sign in ((0.0, 0.5, -1), (1.0, 2.0, 1)):
        expected = one(sign * 20, scale, 0, (sign * 0.2, sign * 0.2), (False, end > 0))
        torch.testing.assert_close(make_matrices(torch.full((1, 7), end), ranges), expected)
