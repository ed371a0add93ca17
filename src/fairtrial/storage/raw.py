"""Raw items where they lie: a folder or an archive, listed with content hashes, never altered."""

from __future__ import annotations

import json
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from fairtrial.core.cores import usable_cores
from fairtrial.core.errors import DataError
from fairtrial.core.files import partial_path
from fairtrial.core.hashing import sha256_bytes, sha256_file
from fairtrial.core.records import Files, RawFolder
from fairtrial.storage.archives import ListedArchive, is_archive, is_hidden, list_archive
from fairtrial.storage.folders import write_files
from fairtrial.storage.listed import Listed, make_listing
from fairtrial.storage.seals import CHECKSUM, SEAL, check_seal, write_beside_checksum, write_seal
from fairtrial.storage.staging import publish

if TYPE_CHECKING:
    import pandas as pd


class ListedFolder(Listed):
    """A folder of raw items. Threads may read from it."""

    def read(self, path: str) -> bytes:
        """Content of one listed file; DataError if it is not what was listed."""
        try:
            content = (Path(self.root) / path).read_bytes()
        except OSError as error:
            raise DataError(
                f"{self.root}/{path}", "a file that can be read", error.strerror, "Mend or move it."
            ) from None
        return self.checked(path, content)


def _remembered(cache: Path) -> dict[str, list[Any]]:
    """Hashes of last time; none if the cache is not as it was written, and all are made anew."""
    content = cache.read_bytes()
    checksum = cache.with_name(cache.name + CHECKSUM)
    if not checksum.is_file() or checksum.read_text().strip() != sha256_bytes(content):
        return {}
    remembered: dict[str, list[Any]] = json.loads(content)
    return remembered


def _list_folder(root: Path, pattern: str, cache: Path | None) -> pd.DataFrame:
    """Hash every file; a file whose size and time are those of last time keeps its hash."""
    known: dict[str, list[Any]] = {}
    if cache is not None and cache.is_file():
        known = _remembered(cache)
    found = _walk(root, pattern)

    def row(relative: str) -> tuple[str, int, str]:
        path, status = found[relative]
        key = [status.st_size, status.st_mtime_ns]
        before = known.get(str(path.absolute()))
        try:
            digest = before[2] if before and before[:2] == key else sha256_file(path)
        except OSError:
            # Listed without a hash: one bad file is left out with a reason, and stops nobody.
            return relative, status.st_size, ""
        known[str(path.absolute())] = [*key, digest]
        return relative, status.st_size, digest

    # Hashing releases the interpreter's lock, so threads use every core.
    with ThreadPoolExecutor(usable_cores()) as pool:
        rows = list(pool.map(row, sorted(found)))
    if cache is not None:
        current = {str(path.absolute()) for path, _ in found.values()}
        kept = {path: entry for path, entry in sorted(known.items()) if path in current}
        write_beside_checksum(cache, json.dumps(kept).encode())
    return make_listing(rows)


def _walk(root: Path, pattern: str) -> dict[str, tuple[Path, os.stat_result]]:
    """Relative POSIX path -> file; DataError for links and whatever is no file."""
    found: dict[str, tuple[Path, os.stat_result]] = {}
    home = root.resolve()
    # A table may lie beside a terabyte of other things.
    walk = [(str(root), [], [pattern])] if (root / pattern).is_file() else os.walk(root)
    for folder, names, files in walk:
        names[:] = sorted(name for name in names if not is_hidden(name))
        for name in names:
            if (Path(folder) / name).is_symlink():
                # The walk would pass it over, and a class would vanish without a word.
                linked = Path(folder) / name
                raise DataError(linked, "a folder", "a link", "Put the folder itself there.")
        for name in files:
            path = Path(folder) / name
            relative = path.relative_to(root).as_posix()
            chosen = relative == pattern or fnmatch(relative, pattern)
            if name.startswith(".") or relative == SEAL or not chosen:
                continue
            if path.is_symlink() and not path.resolve().is_relative_to(home):
                raise DataError(path, "a file in the folder", "a link out of it", "Copy the file.")
            if not path.exists():
                raise DataError(path, "a file", "a link to nothing", "Remove it.")
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                # Reading a pipe would wait for ever.
                raise DataError(path, "a file", "a pipe, socket or device", "Remove it.")
            found[relative] = (path, status)
    return found


class RawFolderDataset(AbstractDataset[Files, RawFolder]):
    """A folder or archive of raw items; saved only by ``draw_samples``.

    Args:
        filepath: folder, or a .zip, .tar or .tar.gz archive.
        drawn: whether it holds samples that the project draws, and nothing of a user's.
        pattern: which files below it belong to it (fnmatch on the POSIX path).
        cache: JSON file that remembers hashes by path, size and time of change.
        metadata: for other tools.

    Attributes:
        fingerprint: of the recipe by which samples are drawn; set by the catalog before it saves.
        name: in the catalog, likewise.
    """

    def __init__(
        self,
        *,
        filepath: str,
        drawn: bool = False,
        pattern: str = "*",
        cache: str | None = None,
        metadata: Any = None,
    ) -> None:
        self._filepath = Path(filepath)
        self._drawn = drawn
        self._pattern = pattern
        self._cache = Path(cache) if cache else None
        self.metadata = metadata
        self.fingerprint: str | None = None
        self.name = self._filepath.name

    @property
    def folder(self) -> Path:
        """The folder or archive itself."""
        return self._filepath

    def fetch(self) -> None:
        """Bring the items to this machine; those of a folder are there."""

    def load(self) -> RawFolder:
        root = self._filepath
        self.require()
        if is_archive(root):
            scratch = self._cache.parent if self._cache else None
            return ListedArchive(root, list_archive(root), scratch)
        sealed = (root / SEAL).is_file()
        if sealed and not self._drawn:
            raise DataError(
                root,
                "raw items of yours",
                "samples drawn by the project",
                "Name your data: --params data_root=DIR, or the study's ingest.root.",
            )
        if self._drawn:
            self._check_drawn()
            check_seal(root)
        return ListedFolder(root, _list_folder(root, self._pattern, self._cache))

    def require(self) -> None:
        """Raise DataError if there is neither a folder nor an archive."""
        root = self._filepath
        if not root.is_dir() and not is_archive(root):
            raise DataError(
                root,
                "a folder or a .zip, .tar, .tar.gz archive",
                "a file" if root.exists() else "nothing",
                "Put the data there, or set the study's ingest.root (or --params data_root=DIR).",
            )

    def _check_drawn(self) -> None:
        """Samples never mix with, or replace, files that somebody else put in their place."""
        if self._filepath.exists() and not (self._filepath / SEAL).is_file():
            raise DataError(
                self._filepath,
                "samples drawn by the project",
                "files of another origin",
                "Move them away, or set samples: null in studies.yml and ingest.root to use them.",
            )

    def save(self, data: Files) -> None:
        home = self._filepath
        self._check_drawn()
        staging = partial_path(home)
        built = staging / home.name
        try:
            built.mkdir(parents=True)
            write_files(built, data)
            write_seal(built, dataset=self.name, fingerprint=self.fingerprint, run_id="samples")
            publish(built, home)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _exists(self) -> bool:
        return (self._filepath / SEAL).is_file() if self._drawn else self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "pattern": self._pattern}
