"""The kernel distance against its peers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_fidelity import metric_kid as fidelity
from torchmetrics.image import kid

from fairtrial.core.errors import StatisticsError
from fairtrial.melodies.scoring.kernel import kernel_distance


def draws(count: int, features: int, shift: float = 0.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(shift, 1, (count, features))


def test_equal_to_torchmetrics_and_torch_fidelity() -> None:
    """One subset of all items, to 1e-6 relative, as both compute it on the same features."""
    first, second = draws(60, 40), draws(60, 40, 0.3, 1)
    ours = kernel_distance(first, second)
    pair = torch.from_numpy(first), torch.from_numpy(second)
    assert ours == pytest.approx(float(kid.poly_mmd(*pair)), rel=1e-6)
    theirs = fidelity.kid_features_to_metric(*pair, kid_subsets=1, kid_subset_size=60)
    assert ours == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-6)


def test_a_mean_over_small_subsets_estimates_the_same() -> None:
    """Hundred subsets of 30 items agree with one of 120 within their own error."""
    first, second = draws(120, 10), draws(120, 10, 0.5, 1)
    theirs = fidelity.kid_features_to_metric(
        torch.from_numpy(first), torch.from_numpy(second), kid_subsets=100, kid_subset_size=30
    )
    error = theirs["kernel_inception_distance_std"]
    assert abs(kernel_distance(first, second) - theirs["kernel_inception_distance_mean"]) < error


def test_unbiased_where_the_frechet_distance_is_not() -> None:
    """Draws of one distribution are at distance 0 on average, also of unequal numbers."""
    values = [
        kernel_distance(draws(12, 8, seed=seed), draws(20, 8, seed=1000 + seed))
        for seed in range(400)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20


@pytest.mark.parametrize("bad", [np.zeros((1, 3)), np.zeros((4, 2))])
def test_sets_that_have_no_distance_are_refused(bad: np.ndarray) -> None:
    """Too few items or other features are an error, not a number."""
    with pytest.raises(StatisticsError, match="kernel_distance"):
        kernel_distance(np.ones((4, 3)), bad)
