"""Every picture decoded once into a pack of pixels, with the ledger of those left out."""

from __future__ import annotations

import logging
import math
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import numpy as np
import pandas as pd

from fairtrial.core.cores import usable_cores
from fairtrial.core.errors import DataError
from fairtrial.core.records import Arrays, ArrayStream, RawFolder
from fairtrial.images.parameters import Ingest
from fairtrial.images.reading import dicom
from fairtrial.images.reading.decode import FORMAT_OF, quiet_decoding, read_upright, to_square
from fairtrial.images.reading.ingest_report import report_ingest
from fairtrial.images.reading.listing import list_items
from fairtrial.images.reading.refusals import UnusableError

LOG = logging.getLogger(__name__)

# Rows of the pack that are read back at a time: few, so that they stay in the cache.
_BATCH = 8
_LOG_EVERY = 2000


class Decoded(NamedTuple):
    """One picture, or the reason against it.

    Attributes:
        reason: why it is left out, or "".
        width: px, upright; NaN where it is left out.
        height: px.
        misnamed: ``".png is JPEG"`` where the content is not what the suffix promises, or "".
    """

    reason: str
    width: float = math.nan
    height: float = math.nan
    misnamed: str = ""


def build_pack(
    raw: RawFolder, ingest: Ingest, synthetic: bool, scratch: Path | None = None
) -> tuple[pd.DataFrame, Arrays, dict[str, Any]]:
    """Decode a folder of pictures on every core.

    Memory stays flat: pixels pass through a nameless temporary file.

    Args:
        raw: the listed folder.
        ingest: how to read it.
        synthetic: whether our own code drew the pictures.
        scratch: folder of the temporary file; the system's own where none is given, which may be
            memory.

    Returns:
        Manifest (one row an item, as `list_items`, with ``width`` and ``height`` of the upright
        original in px and ``aspect_ratio``, width by height; NaN where it is excluded), pack
        (``pixels`` uint8 (N, side, side, channels) of the used items in the manifest's order;
        description: items, labels, side, channels) and ingest report.

    Raises:
        DataError: as `list_items` and `decode`, or nothing is left of a class.
        ConfigError: there is DICOM and pydicom is not installed.
    """
    listing = list_items(raw, ingest)
    manifest = listing.rows
    if manifest["path"].str.lower().str.endswith(dicom.SUFFIXES).any():
        dicom.check_extra(raw.root)
    row_shape = (ingest.image_side_px, ingest.image_side_px, ingest.channels)
    # Closed with the stream that reads it, so a `with` here (SIM115) would close it too early.
    store = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115
    try:
        decoded = pd.DataFrame(_decode_all(raw, manifest, ingest, store), index=manifest.index)
        manifest["excluded"] = decoded["reason"]
        manifest[["width", "height"]] = decoded[["width", "height"]]
        manifest["aspect_ratio"] = manifest["width"] / manifest["height"]
        good = (manifest["excluded"] == "").to_numpy()
        used = manifest[good]
        _check_classes(raw.root, manifest, used)
    except BaseException:
        store.close()
        raise
    stored = _stream(store, np.flatnonzero(good), row_shape)
    pack = Arrays(
        {"pixels": ArrayStream(stored, row_shape, "uint8")},
        {
            "items": used["item_id"].tolist(),
            "labels": sorted(set(used["label"])),
            "image_side_px": ingest.image_side_px,
            "channels": ingest.channels,
        },
    )
    misnamed = decoded["misnamed"][decoded["misnamed"] != ""]
    return manifest, pack, report_ingest(manifest, misnamed, listing.notes, ingest, synthetic)


def _decode_all(
    raw: RawFolder, manifest: pd.DataFrame, ingest: Ingest, store: IO[bytes]
) -> list[Decoded]:
    """Write the pixels of the row i of the manifest as the row i of ``store``, if it is good."""
    row_bytes = ingest.image_side_px**2 * ingest.channels

    def read(index: int, path: str, excluded: str) -> Decoded:
        if excluded:
            return Decoded(excluded)
        decoded, pixels = _decode_one(raw, path, ingest)
        written, start = 0, index * row_bytes
        # A disk that fills takes a part first and refuses the rest.
        while written < len(pixels):
            written += os.pwrite(store.fileno(), pixels[written:], start + written)
        return decoded

    found = []
    rows = (range(len(manifest)), manifest["path"], manifest["excluded"])
    # Decoders release the interpreter's lock and, unlike those of tensors, threads of theirs never
    # wait for each other: they may share cores with other workers without harm.
    with quiet_decoding(), ThreadPoolExecutor(usable_cores()) as pool:
        for decoded in pool.map(read, *rows):
            found.append(decoded)
            if len(found) % _LOG_EVERY == 0:
                LOG.info("%d of %d pictures decoded", len(found), len(manifest))
    store.truncate(len(manifest) * row_bytes)
    return found


def _decode_one(raw: RawFolder, path: str, ingest: Ingest) -> tuple[Decoded, bytes]:
    """What is known of one picture, and its pixels as uint8 (side, side, channels)."""
    name = f"{raw.root}/{path}"
    suffix = PurePosixPath(path).suffix.lower()
    try:
        image = read_upright(raw.read(path), name, ingest)
        pixels = to_square(image, name, ingest).tobytes()
    except UnusableError as error:
        return Decoded(str(error)), b""
    misnamed = "" if FORMAT_OF.get(suffix) == image.format else f"{suffix} is {image.format}"
    return Decoded("", float(image.width), float(image.height), misnamed), pixels


def _stream(store: IO[bytes], rows: np.ndarray, row_shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Batches of the given rows of ``store``, which is closed at the end."""
    size = math.prod(row_shape)
    with store:
        for start in range(0, len(rows), _BATCH):
            # Read, not mapped: mapped pages of a nameless file count as the process's own memory.
            places = rows[start : start + _BATCH].tolist()
            batch = b"".join(os.pread(store.fileno(), size, row * size) for row in places)
            yield np.frombuffer(batch, np.uint8).reshape(-1, *row_shape)


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
