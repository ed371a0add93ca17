"""Small score tables for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from fairtrial.statistics.parameters import VerdictParameters
from fairtrial.statistics.scores import make_scores
from fairtrial.statistics.verdict import judge

_RNG = np.random.default_rng(11)
BASE = _RNG.normal(50, 5, 12)
APART = {
    "good": BASE + _RNG.normal(0, 0.3, 12),
    "fair": BASE + 4 + _RNG.normal(0, 0.3, 12),
    "poor": BASE + 9 + _RNG.normal(0, 0.3, 12),
}


def row(arm: str, block: str, value: float | None, **more: Any) -> dict[str, Any]:
    """One row of scores with the columns that have no default."""
    full = {
        "study": "study",
        "arm": arm,
        "block": block,
        "metric": "error",
        "value": value,
        "higher_is_better": False,
        "manifest_sha256": "ab" * 32,
    }
    return {**full, **more}


def scores_of(columns: Mapping[str, Sequence[float]], **more: Any) -> pd.DataFrame:
    """Scores of arms over run_000, run_001, ...; a value None is a diverged trial."""
    return make_scores(
        row(arm, f"run_{i:03d}", value, status="ok" if value is not None else "diverged", **more)
        for arm, values in columns.items()
        for i, value in enumerate(values)
    )


def verdict_of(scores: pd.DataFrame, design: str = "blocked", **parameters: Any) -> dict[str, Any]:
    """The verdict on the metric ``error``, real samples."""
    return judge(
        scores,
        design=design,
        primary_metric="error",
        parameters=VerdictParameters(**parameters),
        synthetic=False,
    )
