"""Stand-ins for the storage: a listing in memory or of a folder, and streams made whole."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Arrays, ArrayStream, Files


class MemoryFolder:
    """A `RawFolder` over files in memory."""

    def __init__(self, files: Files, root: str = "raw") -> None:
        self.root, self._files = root, files
        self.files = pd.DataFrame(
            [(path, len(data), sha256_bytes(data)) for path, data in sorted(files.items())],
            columns=["path", "size", "sha256"],
        )

    def read(self, path: str) -> bytes:
        return self._files[path]


def folder(path: Path) -> MemoryFolder:
    """The files below ``path``."""
    return MemoryFolder(
        {
            file.relative_to(path).as_posix(): file.read_bytes()
            for file in sorted(path.rglob("*"))
            if file.is_file()
        },
        str(path),
    )


def whole(arrays: Arrays) -> Arrays:
    """Streams joined into arrays, as a reader of the stored form sees them."""

    def join(value: np.ndarray | ArrayStream) -> np.ndarray:
        if isinstance(value, ArrayStream):
            return np.concatenate(list(value.batches))
        return value

    joined = {name: join(value) for name, value in arrays.arrays.items()}
    return Arrays(joined, arrays.description)


def png(pixels: np.ndarray, **settings: object) -> bytes:
    """An array as PNG bytes."""
    return encode(Image.fromarray(pixels), "PNG", **settings)


def encode(image: Image.Image, kind: str, **settings: object) -> bytes:
    """A picture as bytes of the format ``kind``."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **settings)
    return buffer.getvalue()
