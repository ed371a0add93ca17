"""Every picture decoded once into a pack of pixels, with the ledger of those left out."""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays, ArrayStream, RawFolder
from fairtrial.images.decode import UnusableError, read_upright, to_square
from fairtrial.images.listing import list_items
from fairtrial.images.parameters import Ingest

LOG = logging.getLogger(__name__)

_BATCH = 64
_LOG_EVERY = 2000


def build_pack(
    raw: RawFolder, ingest: Ingest, synthetic: bool, scratch: Path | None = None
) -> tuple[pd.DataFrame, Arrays, dict[str, Any]]:
    """Decode a folder of pictures.

    Memory stays flat: pixels pass through a nameless temporary file.

    Args:
        raw: the listed folder.
        ingest: how to read it.
        synthetic: whether our own code drew the pictures.
        scratch: folder of the temporary file; the system's own where none is given, which may be
            memory.

    Returns:
        Manifest (one row an item, as `list_items`, with ``width`` and ``height`` of the upright
        original in px and ``aspect_ratio``, width by height; NaN where it is excluded), pack (``pixels`` uint8 (N, side, side,
        channels) of the used items in the manifest's order; description: items, labels, side,
        channels) and ingest report.

    Raises:
        DataError: as `list_items` and `decode`, or nothing is left of a class.
    """
    manifest = list_items(raw, ingest)
    row_shape = (ingest.image_side_px, ingest.image_side_px, ingest.channels)
    # Closed with the stream that reads it.
    store = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
    try:
        reasons, sizes = _decode_all(raw, manifest, ingest, store)
        manifest["excluded"] = reasons
        manifest[["width", "height"]] = sizes
        manifest["aspect_ratio"] = manifest["width"] / manifest["height"]
        used = manifest[manifest["excluded"] == ""]
        _check_classes(raw.root, manifest, used)
    except BaseException:
        store.close()
        raise
    pack = Arrays(
        {"pixels": ArrayStream(_stream(store, row_shape), row_shape, "uint8")},
        {
            "items": used["item_id"].tolist(),
            "labels": sorted(set(used["label"])),
            "image_side_px": ingest.image_side_px,
            "channels": ingest.channels,
        },
    )
    return manifest, pack, _report(manifest, ingest, synthetic)


def _decode_all(
    raw: RawFolder, manifest: pd.DataFrame, ingest: Ingest, store: IO[bytes]
) -> tuple[list[str], list[tuple[float, float]]]:
    """Write the pixels of every good picture to ``store``.

    Returns:
        Of each picture the reason against it, or "", and its width and height, px.
    """
    reasons, sizes = [], []
    for index, row in enumerate(manifest.itertuples()):
        reason, size = str(row.excluded), (math.nan, math.nan)
        if not reason:
            name = f"{raw.root}/{row.path}"
            try:
                image = read_upright(raw.read(str(row.path)), name, ingest)
                store.write(to_square(image, name, ingest).tobytes())
                size = (float(image.width), float(image.height))
            except UnusableError as error:
                reason = str(error)
        reasons.append(reason)
        sizes.append(size)
        if (index + 1) % _LOG_EVERY == 0:
            LOG.info("%d of %d pictures decoded", index + 1, len(manifest))
    return reasons, sizes


def _stream(store: IO[bytes], row_shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Batches of the rows written to ``store``, which is closed at the end."""
    size = int(np.prod(row_shape))
    with store:
        store.seek(0)
        while data := store.read(size * _BATCH):
            yield np.frombuffer(data, dtype=np.uint8).reshape(-1, *row_shape)


def _check_classes(root: str, manifest: pd.DataFrame, used: pd.DataFrame) -> None:
    for label in sorted(set(manifest["label"])):
        if label not in set(used["label"]):
            reason = manifest.loc[manifest["label"] == label, "excluded"].iloc[0]
            raise DataError(
                root,
                f"a usable picture of the class {label}",
                f"none; the first is left out because: {reason}",
                "Mend the files, or take the class out with ingest.ignore.",
            )


def _report(manifest: pd.DataFrame, ingest: Ingest, synthetic: bool) -> dict[str, Any]:
    """The ledger of the ingest; its counts reconcile."""
    left_out = manifest[manifest["excluded"] != ""]
    used = manifest[manifest["excluded"] == ""]
    classes = used.groupby("label").agg(n=("item_id", "size"), groups=("group", "nunique"))
    sizes = [f"{label} {row.n} in {row.groups} groups" for label, row in classes.iterrows()]
    notes = [
        f"Pictures used: {', '.join(sizes)}.",
        f"Every picture is fitted to {ingest.image_side_px} px a side ({ingest.fit}).",
    ]
    if not synthetic and not ingest.group:
        notes.append("No group column is declared: related pictures may stand on both sides.")
    if synthetic:
        notes.append("The pictures are drawn by a program; no result says anything of real ones.")
    return {
        "counts": {"listed": len(manifest), "used": len(used), "excluded": len(left_out)},
        # Which picture was left out for which reason stands in the manifest.
        "reasons": {
            str(reason): int(n) for reason, n in left_out.groupby("excluded").size().items()
        },
        "synthetic": synthetic,
        "notes": notes,
        "warnings": _source_warnings(used),
    }


def _source_warnings(used: pd.DataFrame) -> list[str]:
    """A warning where a picture's source says much of its label."""
    counts = pd.crosstab(used["source"], used["label"])
    if len(counts) < 2:
        return []
    by_source = counts.max(axis=1).sum() / len(used)
    by_class = counts.sum().max() / len(used)
    # Half of what a blind guess gets wrong: no accuracy means anything until that is excluded.
    if 1 - by_source > (1 - by_class) / 2:
        return []
    return [
        f"The source gives the label away: guessing the class from it alone is right for "
        f"{by_source:.1%} of the pictures, guessing the largest class for {by_class:.1%}. "
        "A network may tell the sources apart and not the classes."
    ]
