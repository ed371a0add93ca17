"""Kedro datasets that store a folder: arrays, trained models, plain files.

They only write and read; atomicity, checksums and versions are the catalog's.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

import numpy as np
from kedro.io import AbstractVersionedDataset, Version

from fairtrial.core.errors import StorageError
from fairtrial.core.records import Arrays, ArrayStream, Files, Models

Content = TypeVar("Content")
_DESCRIPTION = "description.json"


class FolderDataset(AbstractVersionedDataset[Content, Content], Generic[Content]):
    """Base: a folder of files under ``filepath``.

    Args:
        filepath: folder; versions lie below it.
        version: set by Kedro from ``versioned: true``.
        metadata: for other tools, e.g. the layer in the drawing.
    """

    def __init__(
        self, *, filepath: str, version: Version | None = None, metadata: Any = None
    ) -> None:
        super().__init__(PurePosixPath(filepath), version)
        self.metadata = metadata

    def save(self, data: Content) -> None:
        folder = Path(self._get_save_path())
        folder.mkdir(parents=True)
        self._write(folder, data)

    def load(self) -> Content:
        return self._read(Path(self._get_load_path()))

    def _exists(self) -> bool:
        return Path(self._get_load_path()).is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "version": self._version}

    @abstractmethod
    def _write(self, folder: Path, data: Content) -> None: ...

    @abstractmethod
    def _read(self, folder: Path) -> Content: ...


def _write_description(folder: Path, description: Any) -> None:
    text = json.dumps(description, indent=1, sort_keys=True, allow_nan=False)
    (folder / _DESCRIPTION).write_text(text + "\n")


def _read_description(folder: Path) -> dict[str, Any]:
    description: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text())
    return description


class ArraysDataset(FolderDataset[Arrays]):
    """`Arrays`: one .npy a name, streamed when written, memory-mapped read-only when loaded."""

    def _write(self, folder: Path, data: Arrays) -> None:
        for name, array in data.arrays.items():
            path = folder / f"{name}.npy"
            if isinstance(array, ArrayStream):
                _write_stream(path, array)
            else:
                np.save(path, np.asarray(array), allow_pickle=False)
        _write_description(folder, dict(data.description))

    def _read(self, folder: Path) -> Arrays:
        arrays = {path.stem: _open_array(path) for path in sorted(folder.glob("*.npy"))}
        return Arrays(arrays, _read_description(folder))


def _open_array(path: Path) -> np.ndarray:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    # An empty array cannot be mapped by the caller's libraries; a copy of nothing costs nothing.
    return np.array(array) if array.size == 0 else array


def _write_stream(path: Path, stream: ArrayStream) -> None:
    """Write row batches behind a header that is filled in when their number is known."""

    def header(rows: int) -> dict[str, Any]:
        shape = (rows, *stream.row_shape)
        descr = np.lib.format.dtype_to_descr(np.dtype(stream.dtype))
        return {"descr": descr, "fortran_order": False, "shape": shape}

    rows = 0
    with path.open("wb") as file:
        np.lib.format.write_array_header_2_0(file, header(0))
        start = file.tell()
        for batch in stream.batches:
            if batch.shape[1:] != stream.row_shape or batch.dtype != np.dtype(stream.dtype):
                raise StorageError(
                    path,
                    f"rows {stream.row_shape} {stream.dtype}",
                    f"{batch.shape[1:]} {batch.dtype}",
                    "Give the stream the shape and dtype of its batches.",
                )
            file.write(np.ascontiguousarray(batch).data)
            rows += len(batch)
        file.seek(0)
        # numpy pads headers so that the first axis can grow in place.
        np.lib.format.write_array_header_2_0(file, header(rows))
        if file.tell() != start:
            raise StorageError(path, "a header of fixed length", "a longer one", "Use fewer rows.")


class ModelsDataset(FolderDataset[Models]):
    """`Models`: one safetensors file a block, and the description that rebuilds the module."""

    def _write(self, folder: Path, data: Models) -> None:
        from safetensors.numpy import save_file

        for block, state in data.states.items():
            tensors = {name: np.ascontiguousarray(array) for name, array in state.items()}
            save_file(tensors, folder / f"{block}.safetensors")
        _write_description(folder, dict(data.description))

    def _read(self, folder: Path) -> Models:
        return Models(_StoredStates(folder), _read_description(folder))


class _StoredStates(Mapping[str, Mapping[str, np.ndarray]]):
    """block -> weights, each read when it is asked for: a study has more than memory holds."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.safetensors"))}

    def __getitem__(self, block: str) -> Mapping[str, np.ndarray]:
        from safetensors.numpy import load_file

        state: Mapping[str, np.ndarray] = load_file(self._paths[block])
        return state

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class FilesDataset(FolderDataset[Files]):
    """`Files`: relative path -> bytes, e.g. a figure with its data."""

    def _write(self, folder: Path, data: Files) -> None:
        write_files(folder, data)

    def _read(self, folder: Path) -> Files:
        return read_files(folder)


def read_files(folder: Path) -> Files:
    """All files below ``folder``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def write_files(folder: Path, files: Files) -> None:
    """Write ``files`` below ``folder``.

    Raises:
        StorageError: a name is absolute or leaves the folder.
    """
    for name, content in files.items():
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise StorageError(name, "a path inside the folder", "one outside", "Rename it.")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
