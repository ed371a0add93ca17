"""The exact Frechet distance between two sets of features, without a D x D matrix root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairtrial.core.errors import StatisticsError


@dataclass(frozen=True)
class Normal:
    """The normal distribution fitted to one set of features: C = root' root.

    Args:
        mean: float64 (d,).
        root: float64 (r, d) with r = min(n, d).
        trace: of C.
    """

    mean: NDArray[np.float64]
    root: NDArray[np.float64]
    trace: float


def fit_normal(features: NDArray[np.float64], name: str = "features") -> Normal:
    """Fit a normal distribution, with the unbiased covariance.

    Args:
        features: float (n, d), n >= 2.
        name: of the set, for messages.

    Raises:
        StatisticsError: fewer than two items, or values not finite.
    """
    array = np.asarray(features, np.float64)
    if array.ndim != 2 or len(array) < 2 or not np.isfinite(array).all():
        raise StatisticsError(
            f"frechet_distance, {name}",
            "at least two items of finite features",
            f"shape {array.shape}",
            "Raise evaluate.n_items or look at the extractor.",
        )
    mean = array.mean(axis=0)
    root = (array - mean) / np.sqrt(len(array) - 1)
    trace = float(np.square(root).sum())
    if root.shape[0] > root.shape[1]:
        # The triangular factor has the same root' root in fewer rows.
        root = np.asarray(np.linalg.qr(root, mode="r"))
    return Normal(mean, root, trace)


def distance_between(first: Normal, second: Normal) -> float:
    """Squared Frechet distance of two normal distributions.

    ``|m1 - m2|^2 + Tr C1 + Tr C2 - 2 Tr (C1 C2)^(1/2)``. With C1 = X'X and C2 = Y'Y the
    eigenvalues of C1 C2 are the squared singular values of X Y', at most an N x N product: the last
    trace is their sum, exact also where the covariances are singular, so that nothing needs to be
    added to their diagonals.

    Returns:
        The distance, 0 or more, in squared units of the features.

    Raises:
        StatisticsError: other lengths of features.

    Source: Dowson and Landau 1982; Heusel et al. 2017, equation 6.
    """
    if len(first.mean) != len(second.mean):
        raise StatisticsError(
            "frechet_distance",
            "features of one length",
            f"{len(first.mean)} and {len(second.mean)}",
            "Use one extractor for both sets.",
        )
    cross = float(np.linalg.svd(first.root @ second.root.T, compute_uv=False).sum())
    shift = float(np.square(first.mean - second.mean).sum())
    # Rounding can leave a tiny negative number where the sets are equal.
    return max(shift + first.trace + second.trace - 2 * cross, 0.0)


def frechet_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """`distance_between` the normal distributions fitted to two sets of features.

    Args:
        first: float (n, d), n >= 2.
        second: float (m, d), m >= 2.

    Raises:
        StatisticsError: as `fit_normal` and `distance_between`.
    """
    return distance_between(fit_normal(first, "first set"), fit_normal(second, "second set"))
