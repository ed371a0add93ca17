"""What a trivial model reaches: a probe that sees shape, brightness and colour, and no content.

Where it comes near the networks, they may tell the pictures' sources apart and not their classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from fairtrial.core.records import Arrays
from fairtrial.core.seeds import stream_seed
from fairtrial.images.items import items_of, rows_by_role
from fairtrial.images.predict import SPLITS, join_rows, predicted_rows

# Levels of each channel in the histogram: 64 colours, or 4 shades of grey.
_LEVELS = 4
_TREES = 200
# scikit-learn takes seeds of 32 bits.
_SEEDS = 2**32


def probe_trivial(
    pack: Arrays,
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    study: str,
    name: str,
    blocks: Sequence[str],
    seed: int,
) -> Arrays:
    """Predict every block with a random forest on `trivial_features`.

    A forest and no linear model: the aspect ratios of a hospital are a few narrow ranges, and a
    linear model, which sees only more or less of a ratio, would call such a set harmless.

    Args:
        pack: the pictures.
        manifest: labels and aspect ratios.
        splits: roles of the items.
        study: name of the study.
        name: name of the probe.
        blocks: blocks to predict.
        seed: the root seed.

    Returns:
        As `fairtrial.images.predict.predict_trials`.
    """
    items = items_of(pack, manifest)
    features = trivial_features(pack, manifest)
    parts = []
    for block in blocks:
        rows = rows_by_role(items, splits, block)
        place = stream_seed(seed, study, block, "probe") % _SEEDS
        model = RandomForestClassifier(_TREES, n_jobs=1, random_state=place)
        model.fit(features[rows["train"]], items.y[rows["train"]])
        for split in SPLITS:
            probabilities = model.predict_proba(features[rows[split]])
            parts.append(predicted_rows(items, block, split, rows[split], probabilities))
    description = {
        "study": study,
        "arm": name,
        "role": "probe",
        "labels": list(items.labels),
        "blocks": {block: {"status": "ok", "updates": None, "note": ""} for block in blocks},
    }
    return Arrays(join_rows(parts, len(items.labels)), description)


def trivial_features(pack: Arrays, manifest: pd.DataFrame) -> np.ndarray:
    """Aspect ratio of the original, mean, contrast (95th less 5th percentile), colour histogram.

    Returns:
        float64 (N, 3 + 4**channels) in the order of the pack; grey levels 0-255, shares of pixels.
    """
    ratios = manifest.set_index("item_id")["aspect_ratio"]
    rows = []
    for item, pixels in zip(pack.description["items"], pack["pixels"], strict=True):
        low, high = np.percentile(pixels, (5, 95))
        shape = [ratios[item], pixels.mean(), high - low]
        rows.append(np.concatenate([shape, _histogram(pixels)]))
    return np.stack(rows)


def _histogram(pixels: np.ndarray) -> np.ndarray:
    """Share of the pixels uint8 (S, S, C) in each of 4**C cells of colour."""
    channels = pixels.shape[2]
    weights = _LEVELS ** np.arange(channels)
    cells = (pixels // (256 // _LEVELS)).reshape(-1, channels) @ weights
    share: np.ndarray = np.bincount(cells, minlength=_LEVELS**channels) / len(cells)
    return share
