"""Raw items with the hashes they had when they were listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fairtrial.core.errors import DataError
from fairtrial.core.hashing import sha256_bytes

if TYPE_CHECKING:
    import pandas as pd


def make_listing(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    """Table of (path, size in bytes, sha256), sorted by path.

    Raises:
        DataError: a name is no text, so no table could hold it.
    """
    # Loaded when items are listed: the registry is read without it.
    import pandas as pd

    for path, _, _ in rows:
        if any("\ud800" <= letter <= "\udfff" for letter in path):
            raise DataError(repr(path), "a file name in UTF-8", "other bytes", "Rename the file.")
    return pd.DataFrame(sorted(rows), columns=["path", "size", "sha256"])


class Listed:
    """Base of the places that raw items are read from. See `core.records.RawFolder`."""

    def __init__(self, root: Path, files: pd.DataFrame) -> None:
        self.root = str(root)
        self.files = files
        self._hashes = dict(zip(files["path"], files["sha256"], strict=True))

    def checked(self, path: str, content: bytes) -> bytes:
        """``content`` if it is what was listed; else DataError."""
        if self._hashes.get(path) != sha256_bytes(content):
            raise DataError(
                f"{self.root}/{path}",
                "the content that was listed",
                "another one",
                "Leave raw files alone while a run reads them, then run again.",
            )
        return content
