"""How much faster the exact Frechet distance is than its peers at few items of many features.

torch-fidelity and pytorch-fid take eigenvalues or a root of a 2048 x 2048 product; ours takes
singular values of a 100 x 100 one. All get the same features in the same process with the same
number of threads, and all are timed from features to distance. The features stand in for those of
Inception v3: not negative, of mixed scales, correlated. A peer that is not installed is left out.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from fairtrial.melodies.scoring.frechet import distance_between, fit_normal, frechet_distance

ITEMS, FEATURES = 100, 2048
REPEATS = 20
RUNS = 4 * 55

Features = np.ndarray


def draw_features(generator: np.random.Generator, shift: float) -> Features:
    """Features float64 (100, 2048)."""
    mixing = generator.normal(size=(FEATURES, FEATURES)) / np.sqrt(FEATURES)
    scaled = generator.normal(size=(ITEMS, FEATURES)) * np.geomspace(2, 0.05, FEATURES)
    return np.maximum(scaled @ mixing + shift, 0)


def by_torch_fidelity(first: Features, second: Features) -> float:
    """The distance as torch-fidelity computes it."""
    from torch_fidelity import metric_fid

    sides = [metric_fid.fid_features_to_statistics(torch.from_numpy(x)) for x in (first, second)]
    found = metric_fid.fid_statistics_to_metric(*sides, verbose=False)
    return float(found[metric_fid.KEY_METRIC_FID])


def by_pytorch_fid(first: Features, second: Features) -> float:
    """The distance as pytorch-fid computes it."""
    from pytorch_fid.fid_score import calculate_frechet_distance

    moments = [part for x in (first, second) for part in (x.mean(0), np.cov(x, rowvar=False))]
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore", DeprecationWarning)  # of how it calls SciPy
        return float(calculate_frechet_distance(*moments))


PEERS: dict[str, tuple[str, Callable[[Features, Features], float]]] = {
    "torch-fidelity": ("torch_fidelity", by_torch_fidelity),
    "pytorch-fid": ("pytorch_fid", by_pytorch_fid),
}


def seconds_of(call: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Median wall time of a call, and what it gave."""
    times, value = [], 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        value = call()
        times.append(time.perf_counter() - start)
    return float(np.median(times)), value


def main() -> None:
    """Measure and print."""
    generator = np.random.default_rng(0)
    first, second = draw_features(generator, 0.0), draw_features(generator, 0.1)
    frechet_distance(first, second)  # wakes the linear algebra up
    ours, distance = seconds_of(lambda: frechet_distance(first, second), REPEATS)
    print(
        f"Frechet distance, {ITEMS} items a side, {FEATURES} features, "
        f"{torch.get_num_threads()} threads: {1e3 * ours:.1f} ms"
    )
    for name, (module, compute) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"  {name} is not installed and left out")
            continue
        theirs, value = seconds_of(lambda compute=compute: compute(first, second), 1)
        difference = abs(value - distance) / distance
        print(
            f"  {name}: {theirs:.1f} s, {theirs / ours:,.0f} times as long; "
            f"relative difference {difference:.1e}"
        )
    start = time.perf_counter()
    reference = fit_normal(first)
    for _ in range(RUNS):
        distance_between(fit_normal(second), reference)
    print(f"  {RUNS} runs against one reference: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
