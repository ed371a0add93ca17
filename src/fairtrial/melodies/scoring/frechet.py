"""The exact Frechet distance between two sets of features, without a D x D matrix root."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fairtrial.core.errors import StatisticsError


def frechet_distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Squared Frechet distance of the normal distributions fitted to two sets of features.

    ``|m1 - m2|^2 + Tr C1 + Tr C2 - 2 Tr (C1 C2)^(1/2)``. With centred rows X and Y, C1 = X'X and
    C2 = Y'Y, the eigenvalues of C1 C2 are the squared singular values of X Y', an N x N product:
    so the last trace is their sum, exact also where the covariances are singular. Where features
    are fewer than items, the triangular factors of X and Y give a D x D product of the same
    singular values.

    Args:
        first: float (n, d), n >= 2.
        second: float (m, d), m >= 2.

    Returns:
        The distance, 0 or more, in squared units of the features.

    Raises:
        StatisticsError: fewer than two items, other lengths of features, or values not finite.

    Source: Dowson and Landau 1982; Heusel et al. 2017, equation 6.
    """
    pair = []
    for name, features in (("first", first), ("second", second)):
        array = np.asarray(features, np.float64)
        if array.ndim != 2 or len(array) < 2 or not np.isfinite(array).all():
            raise StatisticsError(
                f"frechet_distance, {name} set",
                "at least two items of finite features",
                f"shape {array.shape}",
                "Raise evaluate.n_items or look at the extractor.",
            )
        pair.append(array)
    if pair[0].shape[1] != pair[1].shape[1]:
        raise StatisticsError(
            "frechet_distance",
            "features of one length",
            f"{pair[0].shape[1]} and {pair[1].shape[1]}",
            "Use one extractor for both sets.",
        )
    means = [array.mean(axis=0) for array in pair]
    roots = []
    for array, mean in zip(pair, means, strict=True):
        centred = (array - mean) / np.sqrt(len(array) - 1)
        wide = centred.shape[0] <= centred.shape[1]
        roots.append(centred if wide else np.asarray(np.linalg.qr(centred, mode="r")))
    cross = np.linalg.svd(roots[0] @ roots[1].T, compute_uv=False).sum()
    traces = sum(float(np.square(root).sum()) for root in roots)
    distance = float(np.square(means[0] - means[1]).sum()) + traces - 2 * float(cross)
    # Rounding can leave a tiny negative number where the sets are equal.
    return max(distance, 0.0)
