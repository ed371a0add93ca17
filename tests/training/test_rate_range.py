"""The range test on losses whose best rate is known."""

from __future__ import annotations

import math

import pytest

from fairtrial.core.errors import TrialError
from fairtrial.training.rate_range import find_rate


@pytest.mark.parametrize("curvature", [10.0, 1000.0])
def test_the_rate_lies_below_where_descent_explodes(curvature: float) -> None:
    """Descent on a parabola is stable below 2 / curvature, and so the choice lies there."""
    x = 1.0

    def update(rate: float) -> float:
        nonlocal x
        loss = curvature * x * x / 2
        x -= rate * curvature * x
        return loss

    found = find_rate(update, "a parabola", high=100.0)
    assert 0.01 / curvature < found.rate < 2 / curvature
    assert found.updates < 60
    assert found.losses[-1] > 4 * min(found.losses) or found.updates > len(found.losses)


def test_the_choice_is_a_tenth_of_the_rate_with_the_least_loss() -> None:
    """Two digits of a tenth; a loss that never falls leaves the lowest rate."""
    found = find_rate(lambda rate: abs(math.log10(rate) + 2) + 1, "a valley", updates=600)
    assert found.rate == pytest.approx(1e-3, rel=0.35)
    assert found.rate == float(f"{found.rate:.2g}")
    assert find_rate(lambda rate: 1 + rate, "a slope").rate == 1e-6


def test_a_loss_that_explodes_ends_the_test() -> None:
    """A loss that is not finite ends it and is no candidate; from the start it is an error."""
    losses = iter([3.0, 2.0, 1.0, math.inf])
    found = find_rate(lambda _: next(losses), "it")
    assert (found.updates, len(found.losses)) == (4, 3)
    with pytest.raises(TrialError, match="it, learning rate: expected a finite loss"):
        find_rate(lambda _: math.nan, "it")
