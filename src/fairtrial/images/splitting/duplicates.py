"""Pictures that are copies of each other: turned, mirrored, rescaled or recompressed.

What is found: any turn by a multiple of 90 degrees and any other turn about the centre, mirroring,
another size or shape, another quality of JPEG, and these together. What is not: crops.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import pandas as pd

from fairtrial.core.records import Arrays
from fairtrial.images.parameters import Duplicates, Ingest
from fairtrial.images.splitting.groups import join_groups
from fairtrial.images.splitting.rings import Rings, find_rings, likeness

LOG = logging.getLogger(__name__)

COLUMNS = ("item_id", "cluster", "like", "likeness")

# Measured on photos and X-rays with planted copies (benchmarks/duplicates.py): copies have 0.994
# or more and 0.53 or more, different pictures 0.976 or less, or less than 0.6 in outlines.
COARSE = 0.98
FINE = 0.6
# Shapes closer than this are looked at once.
_SAME_SHAPE = 0.01
_ROWS = 512


def find_duplicates(
    pack: Arrays, manifest: pd.DataFrame, settings: Duplicates, ingest: Ingest
) -> pd.DataFrame:
    """Search a pack for copies.

    Every pair that `fairtrial.images.splitting.rings` holds for a copy is found: the search leaves
    out only pairs whose signatures rule them out. Time grows with the square of the pictures by a
    matrix product, memory with their number (about 12 kB a picture).

    Args:
        pack: the pictures.
        manifest: their aspect ratios.
        settings: whether to search, and the shapes in which pictures may have been turned.
        ingest: how they were fitted to the square.

    Returns:
        One row a picture that has copies: item_id, cluster (its first item in alphabetical
        order), like (the item through which it was found) and likeness (correlation of their
        outlines). Empty without a search.
    """
    items = list(pack.description["items"])
    found: list[tuple[int, int, float]] = []
    if settings.search:
        ratios = manifest.set_index("item_id")["aspect_ratio"].reindex(items).to_numpy(float)
        for shapes in _views(ratios, settings, ingest):
            found += _search(find_rings(pack["pixels"], shapes))
            LOG.info("%d pairs of copies after one of the views", len(found))
    return _table(items, found)


def _views(ratios: np.ndarray, settings: Duplicates, ingest: Ingest) -> Iterator[np.ndarray]:
    """Width by height at which all pictures are looked at, view by view, no two alike.

    As they are stored; in the shape of their own files, which our squashing took from them; and
    in the shapes that they may have had when they were turned.
    """
    views = [np.ones_like(ratios)]
    if ingest.fit == "squash":
        views.append(ratios)
    views += [np.full_like(ratios, shape) for shape in settings.turned_at]
    for index, view in enumerate(views):
        if all(np.abs(view / other - 1).max() > _SAME_SHAPE for other in views[:index]):
            yield view


def _search(rings: Rings) -> list[tuple[int, int, float]]:
    """Pairs of copies with the likeness of their outlines, enough of them to join each cluster."""
    signatures = rings.signatures()
    root = np.arange(len(signatures))
    found = []
    for first, candidates in _candidates(signatures):
        # Within a cluster nothing is left to find: many copies cost no more than few.
        new = candidates[root[candidates] != root[first]]
        new = new[likeness(rings.coarse, np.full(len(new), first), new) >= COARSE]
        fine = likeness(rings.fine, np.full(len(new), first), new)
        for other, value in zip(new[fine >= FINE], fine[fine >= FINE], strict=True):
            root[root == root[other]] = root[first]
            found.append((first, int(other), float(value)))
    return found


def _candidates(signatures: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each row with the later rows whose signatures allow a copy."""
    for start in range(0, len(signatures), _ROWS):
        block = signatures[start : start + _ROWS]
        # A little less than the threshold: the rings are kept in half precision.
        near = block @ signatures[start:].T >= COARSE - 2e-3
        for row in range(len(block)):
            later = np.flatnonzero(near[row, row + 1 :]) + start + row + 1
            if len(later):
                yield start + row, later


def _table(items: list[str], found: list[tuple[int, int, float]]) -> pd.DataFrame:
    keys: dict[str, list[int]] = {}
    best: dict[str, tuple[float, str]] = {}
    for number, (first, other, value) in enumerate(found):
        for item, mate in ((items[first], items[other]), (items[other], items[first])):
            keys.setdefault(item, []).append(number)
            best[item] = max(best.get(item, (-1.0, "")), (value, mate))
    cluster = join_groups(sorted(keys), keys)
    rows = [(item, cluster[item], best[item][1], best[item][0]) for item in sorted(keys)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"item_id": str, "cluster": str, "like": str, "likeness": "float64"})
