"""Limit curves and the numbers that sum them up, against published sums."""

from __future__ import annotations

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError
from fairtrial.problems.practice.curves import find_curve, library, numbers_of, power_curve
from fairtrial.problems.practice.mixes import passing_matrix
from tests.problems.files import example

# k-value and D-sum as published beside the curves (betontechnische-daten.de, 2.7.2).
PUBLISHED = {
    "din_a32": (5.48, 352), "din_b32": (4.20, 480), "din_c32": (3.30, 570), "din_u32": (5.65, 335),
    "din_a16": (4.60, 440), "din_b16": (3.66, 534), "din_c16": (2.75, 625), "din_u16": (4.87, 413),
    "din_a8": (3.63, 537), "din_b8": (2.90, 610), "din_c8": (2.27, 673),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_sums_of_the_din_curves_are_the_published_ones(name: str) -> None:
    """A wrong figure in the library would move them; 100 k + D is 900."""
    curve = find_curve(name)
    numbers = numbers_of(curve.sieve_mm, curve.lower)
    k_value, d_sum = PUBLISHED[name]
    assert numbers.k_value == pytest.approx(k_value, abs=1e-9)
    assert numbers.d_sum == pytest.approx(d_sum, abs=1e-9)
    assert 100 * numbers.k_value + numbers.d_sum == pytest.approx(900)
    assert not numbers.read_off


def test_a_mix_of_the_standards_example() -> None:
    """A/B16, worked out there: k 3.75, D 525, whatever the order of the sieves."""
    sieves = np.array([16, 0.25, 0.5, 1, 2, 4, 8])
    numbers = numbers_of(sieves, np.array([100.0, 8, 19, 30, 40, 53, 75]))
    assert (numbers.k_value, numbers.d_sum) == pytest.approx((3.75, 525))


def test_fineness_modulus_of_sand() -> None:
    """Middle of ASTM C33's limits: (0 + 2.5 + 10 + 32.5 + 57.5 + 82.5 + 95) / 100 = 2.8."""
    curve = find_curve("astm_c33_fine")
    numbers = numbers_of(curve.sieve_mm, (curve.lower + curve.upper) / 2)
    assert numbers.modulus == pytest.approx(2.8)


@pytest.mark.parametrize("name", list(library()))
def test_every_curve_rises_to_all_and_names_its_source(name: str) -> None:
    """Passing never falls with the sieve, limits do not cross, the largest sieve lets all pass."""
    curve = find_curve(name)
    assert (np.diff(curve.sieve_mm) > 0).all()
    assert (np.diff(curve.lower) >= 0).all()
    assert (np.diff(curve.upper) >= 0).all()
    assert (curve.lower <= curve.upper).all()
    assert curve.lower[-1] == curve.upper[-1] == 100
    assert curve.source


def test_the_papers_limits_are_a32_and_b32_but_for_one() -> None:
    """At 0.5 mm the paper prints 20 where B32 has 18; 31.5 mm is left open by 0.01."""
    problem = example("aggregates")
    limits = {float(row.name): row for row in problem.rows[:9]}
    for size, lower, upper in zip(
        find_curve("din_a32").sieve_mm,
        find_curve("din_a32").lower,
        find_curve("din_b32").lower,
        strict=True,
    ):
        assert limits[size].low == pytest.approx(lower, abs=0.011)
        assert limits[size].high == (20 if size == 0.5 else upper)


def test_power_curves() -> None:
    """Fuller's passes half at a quarter of the largest grain; nothing passes more than all."""
    assert power_curve(np.array([8.0, 32.0, 63.0]), 32.0, 0.5) == pytest.approx([50, 100, 100])


def test_numbers_of_the_cheapest_mix() -> None:
    """From its exact shares, by the definition."""
    problem = example("aggregates")
    point = problem.point({"GCS": 103 / 441, "CCS": 130 / 441, "CCA": 208 / 441})
    passing = passing_matrix(problem) @ point
    numbers = numbers_of(np.array(problem.sieve_mm), passing)
    # Rows are 31.5, 16, ... 0.25, 0.125; of them 0.125 is no sieve of the sum, but 63 is.
    assert numbers.d_sum == pytest.approx(passing[:8].sum() + 100)


def test_an_unknown_curve_lists_those_there_are() -> None:
    """With the parameter that names it."""
    with pytest.raises(ConfigError, match="grading.curves: expected names of the library .*din_a8"):
        find_curve("din_d32")
