"""Raw items where they lie: a folder or an archive, listed with content hashes, never altered."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset

from fairtrial.core.errors import DataError
from fairtrial.core.files import partial_path
from fairtrial.core.hashing import sha256_bytes, sha256_file
from fairtrial.core.records import Files, RawFolder
from fairtrial.storage.folders import write_files
from fairtrial.storage.seals import CHECKSUM, SEAL, check_seal, write_beside_checksum, write_seal
from fairtrial.storage.staging import publish

if TYPE_CHECKING:
    import pandas as pd

_MAX_MEMBERS = 1_000_000
_MAX_MEMBER_BYTES = 2**30
_MAX_RATIO = 200
# RuntimeError: encrypted; NotImplementedError: a compression that Python lacks.
_UNREADABLE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)


def _listing(rows: list[tuple[str, int, str]]) -> pd.DataFrame:
    # Loaded when items are listed: the registry is read without it.
    import pandas as pd

    return pd.DataFrame(sorted(rows), columns=["path", "size", "sha256"])


class _Listed:
    """Raw items with the hashes they had when they were listed."""

    def __init__(self, root: Path, files: pd.DataFrame) -> None:
        self.root = str(root)
        self.files = files
        self._hashes = dict(zip(files["path"], files["sha256"], strict=True))

    def _checked(self, path: str, content: bytes) -> bytes:
        if self._hashes.get(path) != sha256_bytes(content):
            raise DataError(
                f"{self.root}/{path}",
                "the content that was listed",
                "another one",
                "Leave raw files alone while a run reads them, then run again.",
            )
        return content


class ListedFolder(_Listed):
    """A folder of raw items. See `core.records.RawFolder`."""

    def read(self, path: str) -> bytes:
        """Content of one listed file; DataError if it is not what was listed."""
        return self._checked(path, (Path(self.root) / path).read_bytes())


class ListedArchive(_Listed):
    """A zip or tar archive of raw items, read in place: nothing is unpacked to the disk."""

    @cached_property
    def _open(self) -> zipfile.ZipFile | tarfile.TarFile:
        path = Path(self.root)
        return zipfile.ZipFile(path) if path.suffix.lower() == ".zip" else tarfile.open(path)

    def read(self, path: str) -> bytes:
        """Content of one listed member; DataError if it is not what was listed."""
        archive = self._open
        if isinstance(archive, zipfile.ZipFile):
            return self._checked(path, archive.read(path))
        member = archive.extractfile(path)
        return self._checked(path, b"" if member is None else member.read())


def is_archive(path: Path) -> bool:
    """Whether ``path`` is a file named like an archive that can be read in place."""
    return path.is_file() and path.name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz"))


def _check_member(archive: Path, name: str, size: int, seen: set[str]) -> None:
    where = f"{archive}: {name!r}"
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
        raise DataError(
            where, "a path inside the archive", "one outside", "Refuse it: pack anew yourself."
        )
    if name.casefold() in seen:
        raise DataError(where, "each name once", "it twice (or in another case)", "Remove one.")
    if size > _MAX_MEMBER_BYTES:
        raise DataError(
            where, f"at most {_MAX_MEMBER_BYTES} bytes", size, "Unpack it yourself if it is real."
        )
    seen.add(name.casefold())


def _list_archive(archive: Path) -> pd.DataFrame:
    rows: list[tuple[str, int, str]] = []
    seen: set[str] = set()
    total = 0
    limit = max(archive.stat().st_size, 1) * _MAX_RATIO
    try:
        if archive.suffix.lower() == ".zip":
            with zipfile.ZipFile(archive) as opened:
                members = opened.infolist()
                for info in members:
                    if info.is_dir():
                        continue
                    if (info.external_attr >> 28) == 0xA:
                        raise _link(archive, info.filename)
                    _check_member(archive, info.filename, info.file_size, seen)
                    total = _check_total(archive, total + info.file_size, limit, len(rows))
                    content = opened.read(info)
                    rows.append((info.filename, len(content), sha256_bytes(content)))
        else:
            with tarfile.open(archive) as tar:
                for member in tar:
                    if member.isdir():
                        continue
                    if not member.isfile():
                        raise _link(archive, member.name)
                    _check_member(archive, member.name, member.size, seen)
                    total = _check_total(archive, total + member.size, limit, len(rows))
                    opened_member = tar.extractfile(member)
                    content = b"" if opened_member is None else opened_member.read()
                    rows.append((member.name, len(content), sha256_bytes(content)))
    except _UNREADABLE as error:
        raise DataError(
            archive, "a whole zip or tar archive", error, "Download it again."
        ) from None
    return _listing(rows)


def _link(archive: Path, name: str) -> DataError:
    return DataError(f"{archive}: {name!r}", "a plain file", "a link or device", "Pack the file.")


def _check_total(archive: Path, total: int, limit: int, members: int) -> int:
    if total > limit or members > _MAX_MEMBERS:
        raise DataError(
            archive,
            f"at most {_MAX_RATIO} times its size and {_MAX_MEMBERS} members",
            f"{total} bytes in {members} members",
            "It looks like a decompression bomb; unpack it yourself if it is real.",
        )
    return total


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
    found: dict[str, tuple[Path, os.stat_result]] = {}
    home = root.resolve()
    # A table may lie beside a terabyte of other things.
    walk = [(str(root), [], [pattern])] if (root / pattern).is_file() else os.walk(root)
    for folder, names, files in walk:
        names[:] = sorted(name for name in names if not name.startswith((".", "__MACOSX")))
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
            found[relative] = (path, path.stat())

    def row(relative: str) -> tuple[str, int, str]:
        path, status = found[relative]
        key = [status.st_size, status.st_mtime_ns]
        before = known.get(str(path.absolute()))
        digest = before[2] if before and before[:2] == key else sha256_file(path)
        known[str(path.absolute())] = [*key, digest]
        return relative, status.st_size, digest

    # Hashing releases the interpreter's lock, so threads use every core.
    with ThreadPoolExecutor() as pool:
        rows = list(pool.map(row, sorted(found)))
    if cache is not None:
        current = {str(path.absolute()) for path, _ in found.values()}
        kept = {path: entry for path, entry in sorted(known.items()) if path in current}
        write_beside_checksum(cache, json.dumps(kept).encode())
    return _listing(rows)


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

    def load(self) -> RawFolder:
        root = self._filepath
        self.require()
        if is_archive(root):
            return ListedArchive(root, _list_archive(root))
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
