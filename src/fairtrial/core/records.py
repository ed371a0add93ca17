"""What nodes hand to each other beside tables: arrays, trained models, files, raw listings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class ArrayStream:
    """An array too large for memory, as a stream of row batches of one dtype.

    Args:
        batches: arrays of shape (n_i, *row_shape), consumed once when saved.
        row_shape: shape of one row.
        dtype: numpy dtype name, e.g. ``"uint8"``.
    """

    batches: Iterable[np.ndarray]
    row_shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Arrays:
    """Named arrays with a description: packs, banks, outputs.

    Args:
        arrays: name -> array (memory-mapped and read-only when loaded) or `ArrayStream`.
        description: plain JSON data that says what the arrays are.
    """

    arrays: Mapping[str, Any]
    description: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> np.ndarray:
        array: np.ndarray = self.arrays[name]
        return array


@dataclass(frozen=True)
class Models:
    """Weights of the trained models of one chunk.

    Args:
        states: block -> tensor name -> array (torch's state dict as numpy arrays).
        description: plain JSON data from which the module is rebuilt.
    """

    states: Mapping[str, Mapping[str, np.ndarray]]
    description: Mapping[str, Any] = field(default_factory=dict)


Files = dict[str, bytes]
"""Relative POSIX path -> content: figures, clips, samples."""


class RawFolder(Protocol):
    """A listed folder or archive of raw items.

    Attributes:
        root: the folder or archive, as text for messages.
        files: one row a file: ``path`` (POSIX, from the root), ``size`` (bytes), ``sha256`` (empty
            where the file cannot be read).
    """

    root: str
    files: pd.DataFrame

    def read(self, path: str) -> bytes:
        """Content of the file at ``path``, checked against its listed hash."""
        ...
