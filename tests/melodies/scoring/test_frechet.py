"""The Frechet distance against its textbook form."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity import metric_fid as fidelity
from torchmetrics.image import fid as torchmetrics_fid

from fairtrial.core.errors import StatisticsError
from fairtrial.melodies.scoring.frechet import frechet_distance


def by_matrix_root(first: np.ndarray, second: np.ndarray) -> float:
    """The distance by roots of D x D matrices, in the symmetric form that may be singular."""
    c1, c2 = np.cov(first, rowvar=False), np.cov(second, rowvar=False)
    values, vectors = np.linalg.eigh(c1)
    half = vectors @ np.diag(np.sqrt(np.clip(values, 0, None))) @ vectors.T
    inner = np.linalg.eigvalsh(half @ c2 @ half)
    trace = np.sqrt(np.clip(inner, 0, None)).sum()
    mean = np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
    return float(mean + np.trace(c1) + np.trace(c2) - 2 * trace)


@given(
    seed=st.integers(0, 1000),
    sizes=st.tuples(st.integers(2, 40), st.integers(2, 40)),
    features=st.integers(2, 30),
    shift=st.floats(-100, 100),
    scale=st.floats(0.1, 10),
)
@settings(max_examples=60, deadline=None)
def test_equal_to_the_matrix_root(
    seed: int, sizes: tuple[int, int], features: int, shift: float, scale: float
) -> None:
    """For random features, fewer or more than items, at any origin, to 1e-6 relative."""
    generator = np.random.default_rng(seed)
    mixing = generator.normal(size=(features, features))
    first = generator.normal(size=(sizes[0], features)) @ mixing + shift
    second = scale * generator.normal(size=(sizes[1], features)) + shift + 1
    expected = by_matrix_root(first, second)
    tolerance = 1e-6 * (np.square(first - shift).sum() + np.square(second - shift).sum())
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-6, abs=tolerance)


def test_equal_to_scipys_root_of_the_product() -> None:
    """Where covariances have full rank, the plain root of C1 C2 gives the same to 1e-6."""
    generator = np.random.default_rng(0)
    first, second = generator.normal(size=(200, 8)), generator.normal(1, 2, size=(150, 8))
    root = scipy.linalg.sqrtm(np.cov(first, rowvar=False) @ np.cov(second, rowvar=False))
    expected = (
        np.square(first.mean(axis=0) - second.mean(axis=0)).sum()
        + np.cov(first, rowvar=False).trace()
        + np.cov(second, rowvar=False).trace()
        - 2 * root.real.trace()
    )
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("sizes", "features"), [((30, 30), 64), ((20, 45), 64), ((80, 60), 24)])
def test_equal_to_its_peers_on_the_same_features(sizes: tuple[int, int], features: int) -> None:
    """torch-fidelity and torchmetrics, to 1e-6 relative, with covariances of full rank or not."""
    generator = np.random.default_rng(3)
    mixing = generator.normal(size=(features, features)) * np.linspace(2, 0.1, features)
    pair = [np.abs(generator.normal(size=(size, features)) @ mixing) for size in sizes]
    statistics = [fidelity.fid_features_to_statistics(torch.from_numpy(side)) for side in pair]
    theirs = fidelity.fid_statistics_to_metric(*statistics, verbose=False)
    ours = frechet_distance(*pair)
    assert ours == pytest.approx(theirs["frechet_inception_distance"], rel=1e-6)
    tensors = [torch.from_numpy(part[key]) for part in statistics for key in ("mu", "sigma")]
    assert ours == pytest.approx(float(torchmetrics_fid._compute_fid(*tensors)), rel=1e-6)


def test_equal_to_pytorch_fid_where_its_root_exists() -> None:
    """Of covariances of full rank; where they are singular it adds to their diagonals."""
    generator = np.random.default_rng(4)
    pair = [generator.normal(size=(90, 12)), generator.normal(0.5, 2, size=(70, 12))]
    moments = [part for side in pair for part in (side.mean(0), np.cov(side, rowvar=False))]
    with warnings.catch_warnings():
        # It asks SciPy for a root in a way that SciPy will drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        theirs = calculate_frechet_distance(*moments)
    assert frechet_distance(*pair) == pytest.approx(theirs, rel=1e-6)


def test_normal_distributions_in_one_dimension_have_their_known_distance() -> None:
    """(m1 - m2)^2 + (s1 - s2)^2."""
    first, second = np.array([[-1.0], [1.0]]), np.array([[2.0], [8.0]])
    spread = (np.sqrt(2) - np.sqrt(18)) ** 2
    assert frechet_distance(first, second) == pytest.approx(25 + spread)


def test_a_set_is_at_no_distance_from_itself_and_distances_are_symmetric() -> None:
    """Zero to itself in any order of rows, the same both ways, the same after a shift of both."""
    generator = np.random.default_rng(1)
    first, second = generator.normal(size=(30, 60)), generator.normal(size=(30, 60))
    assert frechet_distance(first, first[::-1]) == pytest.approx(0, abs=1e-9)
    there = frechet_distance(first, second)
    assert there == pytest.approx(frechet_distance(second, first), rel=1e-9)
    assert there == pytest.approx(frechet_distance(first + 7, second + 7), rel=1e-9)


@pytest.mark.parametrize(
    "bad", [np.zeros((1, 3)), np.full((4, 3), np.nan), np.zeros(3), np.zeros((4, 2))]
)
def test_sets_that_have_no_distance_are_refused(bad: np.ndarray) -> None:
    """Too few items, values not finite, or other features are an error, not a number."""
    with pytest.raises(StatisticsError, match="frechet_distance"):
        frechet_distance(np.ones((4, 3)), bad)
