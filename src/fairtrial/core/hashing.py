"""SHA-256 of files, of plain data and of tables, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def sha256_bytes(data: bytes) -> str:
    """Hexadecimal SHA-256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's content, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_json(value: Any) -> str:
    """SHA-256 of plain data (mappings, sequences, numbers, text); the order of keys is no matter.

    Raises:
        ValueError: for NaN or an infinity, which JSON has no word for.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256_bytes(text.encode())


def sha256_table(table: pd.DataFrame, key: str | list[str]) -> str:
    """SHA-256 of a table's rows in the order of ``key`` and its columns in alphabetical order.

    The order of rows and columns and the index do not matter; missing values are all alike.
    """
    ordered = table.sort_values(key)[sorted(table.columns)]
    text = ordered.to_csv(index=False, na_rep="", float_format="%.17g", lineterminator="\n")
    return sha256_bytes(text.encode())
