"""Trivial models on the folds of the study: what can be scored without looking at the subject."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from fairtrial.core.records import Arrays
from fairtrial.core.seeds import stream, stream_seed
from fairtrial.images.audit import views
from fairtrial.images.audit.probes import ALL_PROBES
from fairtrial.images.items import Items, items_of, rows_by_role
from fairtrial.images.trials.predict import SPLITS, join_rows, predicted_rows

_TREES = 100
# A tree sees at most so many training pictures: more would cost minutes and change little.
_MOST_A_TREE = 2000
# scikit-learn takes seeds of 32 bits.
_SEEDS = 2**32


def run_battery(
    pack: Arrays,
    manifest: pd.DataFrame,
    splits: pd.DataFrame,
    study: str,
    probes: Sequence[str],
    blocks: Sequence[str],
    seed: int,
) -> list[Arrays]:
    """Predict every block with a random forest for each probe.

    Forests and no linear models: the aspect ratios of a hospital are a few narrow ranges, a mark
    may stand in one of several places, and a linear model would call such sets harmless.

    Args:
        pack: the pictures.
        manifest: labels, groups, sources and aspect ratios.
        splits: roles of the items.
        study: name of the study.
        probes: names in `ALL_PROBES`.
        blocks: blocks to predict.
        seed: the root seed.

    Returns:
        One output a probe, as `fairtrial.images.trials.predict.predict_trials`, with ``left_out``:
        a probe of the sources neither sees nor predicts items of unknown source. It has no blocks
        whose training items stem from fewer than two known sources, or of which a part has none.
    """
    items = items_of(pack, manifest)
    details = manifest.set_index("item_id").loc[list(items.ids)]
    small = views.small_pictures(pack)
    features = {
        "trivial_features": lambda: views.trivial_features(pack, manifest),
        "colour_histogram": lambda: views.colour_shares(pack),
        "border_only": lambda: views.border(small),
        "centre_masked": lambda: views.surroundings(small),
        "shuffled_labels": lambda: views.whole(small),
        "source_alone": lambda: _one_hot(details["source"]),
        "source_from_pixels": lambda: views.whole(small),
    }
    outputs = []
    sources = _sources(items, details["source"])
    for name in probes:
        targets = sources if ALL_PROBES[name].target == "source" else items
        known, tried = np.full(len(items.ids), True), list(blocks)
        if "source" in name:
            known = sources.y >= 0
            tried = [block for block in blocks if _tells_sources(sources, splits, block)]
        outputs.append(
            _predict_blocks(name, features[name](), targets, known, splits, study, tried, seed)
        )
    return outputs


def _predict_blocks(
    name: str,
    features: np.ndarray,
    items: Items,
    known: np.ndarray,
    splits: pd.DataFrame,
    study: str,
    blocks: Sequence[str],
    seed: int,
) -> Arrays:
    parts = []
    for block in blocks:
        dealt = rows_by_role(items, splits, block)
        rows = {role: here[known[here]] for role, here in dealt.items()}
        place = (seed, study, block, name)
        y = items.y[rows["train"]]
        if name == "shuffled_labels":
            y = shuffle_evenly(y, stream(*place, "labels"))
        forest = RandomForestClassifier(
            _TREES,
            class_weight="balanced_subsample",
            max_samples=min(len(y), _MOST_A_TREE),
            n_jobs=1,
            random_state=stream_seed(*place) % _SEEDS,
        )
        forest.fit(features[rows["train"]], y)
        for split in SPLITS:
            # A class without training pictures is never predicted.
            probabilities = np.zeros((len(rows[split]), len(items.labels)))
            probabilities[:, forest.classes_] = forest.predict_proba(features[rows[split]])
            parts.append(predicted_rows(items, block, split, rows[split], probabilities))
    description = {
        "study": study,
        "arm": name,
        "role": ALL_PROBES[name].role,
        "target": ALL_PROBES[name].target,
        "labels": list(items.labels),
        "left_out": [items.ids[row] for row in np.flatnonzero(~known)],
        "blocks": {block: {"status": "ok", "updates": None, "note": ""} for block in blocks},
    }
    return Arrays(join_rows(parts, len(items.labels)), description)


def shuffle_evenly(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels int64 (N,) shuffled so that every class receives the same mixture of them.

    A plain shuffle leaves one class by chance with more of its own labels than another. Where
    classes look apart a forest learns that, and its score swings to either side of chance.
    """
    _, place, counts = np.unique(y, return_inverse=True, return_counts=True)
    # Each label's tokens lie evenly spaced on a line; read along it they are mixed everywhere.
    rank = np.empty(len(y))
    for label, count in enumerate(counts):
        rank[place == label] = (np.arange(count) + rng.random(count)) / count
    mixed = y[np.argsort(rank)]
    shuffled = np.empty_like(y)
    shuffled[np.lexsort((rng.random(len(y)), y))] = mixed
    return shuffled


def _sources(items: Items, sources: pd.Series) -> Items:
    """The items with their sources in the place of labels; -1 for an unknown one."""
    names = sorted(set(sources) - {""})
    index = {name: position for position, name in enumerate(names)}
    y = np.array([index.get(source, -1) for source in sources], dtype=np.int64)
    return Items(items.ids, y, tuple(names))


def _tells_sources(sources: Items, splits: pd.DataFrame, block: str) -> bool:
    """Whether a block's training items stem from two known sources, and no part is without one."""
    rows = rows_by_role(sources, splits, block)
    known = {role: set(sources.y[here]) - {-1} for role, here in rows.items()}
    return len(known["train"]) > 1 and all(known.values())


def _one_hot(sources: pd.Series) -> np.ndarray:
    """float64 (N, sources)."""
    return pd.get_dummies(sources).to_numpy(np.float64)
