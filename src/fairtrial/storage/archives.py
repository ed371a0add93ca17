"""Zip and tar archives read in place, without trust: no member leaves them, none is unpacked."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tempfile
import threading
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from fairtrial.core.errors import DataError
from fairtrial.storage.listed import Listed, make_listing

if TYPE_CHECKING:
    import pandas as pd

_MAX_MEMBERS = 1_000_000
_MAX_MEMBER_BYTES = 2**30
_MAX_RATIO = 200
# Headers and padding of a listed member of a tar, and of one that a system packed beside it.
_TAR_OVERHEAD = 4096
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


def is_archive(path: Path) -> bool:
    """Whether ``path`` is a file named like an archive that can be read in place."""
    return path.is_file() and path.name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz"))


def is_hidden(name: str) -> bool:
    """Whether a file or folder is the system's own and no item."""
    return name.startswith((".", "__MACOSX"))


def list_archive(archive: Path) -> pd.DataFrame:
    """Path, size and SHA-256 of every member that is a file and not hidden.

    Raises:
        DataError: the archive is damaged, looks like a bomb, or has a member that leaves it, stands
            twice or is a link.
    """
    rows: list[tuple[str, int, str]] = []
    members = _zip_members if archive.suffix.lower() == ".zip" else _tar_members
    try:
        for name, size, content in members(archive):
            if not any(is_hidden(part) for part in name.split("/")):
                # In blocks: a member may be larger than what memory is left.
                with content:
                    rows.append((name, size, hashlib.file_digest(content, "sha256").hexdigest()))
    except _UNREADABLE as error:
        raise DataError(
            archive, "a whole zip or tar archive", error, "Download it again."
        ) from None
    return make_listing(rows)


class _Guard:
    """What every member of an archive must keep, before a byte of it is unpacked."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        self._limit = _unpacked_limit(archive)
        self._seen: set[str] = set()
        self._total = 0

    def check(self, name: str, size: int, plain: bool) -> None:
        where = f"{self._archive}: {name!r}"
        if not plain:
            raise DataError(where, "a plain file", "a link or device", "Pack the file.")
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.startswith(("/", "\\")) or ".." in parts or (parts and ":" in parts[0]):
            raise DataError(
                where, "a path inside the archive", "one outside", "Refuse it: pack anew yourself."
            )
        if name.casefold() in self._seen:
            raise DataError(where, "each name once", "it twice (or in another case)", "Remove one.")
        if size > _MAX_MEMBER_BYTES:
            raise DataError(
                where,
                f"at most {_MAX_MEMBER_BYTES} bytes",
                size,
                "Unpack it yourself if it is real.",
            )
        self._seen.add(name.casefold())
        self._total += size
        if self._total > self._limit or len(self._seen) > _MAX_MEMBERS:
            raise _bomb(self._archive, f"{self._total} bytes in {len(self._seen)} members")


def _unpacked_limit(archive: Path) -> int:
    """How many bytes all members of an archive may have."""
    return max(archive.stat().st_size, 1) * _MAX_RATIO


def _bomb(archive: Path, seen: str) -> DataError:
    return DataError(
        archive,
        f"at most {_MAX_RATIO} times its size and {_MAX_MEMBERS} members",
        seen,
        "It looks like a decompression bomb; unpack it yourself if it is real.",
    )


def _zip_members(archive: Path) -> Iterator[tuple[str, int, io.BufferedIOBase]]:
    guard = _Guard(archive)
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if not info.is_dir():
                guard.check(info.filename, info.file_size, (info.external_attr >> 28) != 0xA)
                yield info.filename, info.file_size, cast(io.BufferedIOBase, opened.open(info))


def _tar_members(archive: Path) -> Iterator[tuple[str, int, io.BufferedIOBase]]:
    guard = _Guard(archive)
    with tarfile.open(archive) as opened:
        for member in opened:
            if not member.isdir():
                guard.check(member.name, member.size, member.isfile())
                content = opened.extractfile(member)
                if content is not None:
                    yield member.name, member.size, cast(io.BufferedIOBase, content)


class ListedArchive(Listed):
    """A zip or tar archive of raw items. Threads may read from it.

    Args:
        root: the archive.
        files: its listing.
        scratch: folder where a compressed tar, which can only be read from its beginning, is
            decompressed once into a nameless file.
    """

    def __init__(self, root: Path, files: pd.DataFrame, scratch: Path | None = None) -> None:
        super().__init__(root, files)
        self._scratch = scratch
        self._lock = threading.Lock()
        self._opened: zipfile.ZipFile | tarfile.TarFile | None = None
        self._tar_members: dict[str, tarfile.TarInfo] = {}

    def read(self, path: str) -> bytes:
        """Content of one listed member; DataError if it is not what was listed."""
        with self._lock:
            self._opened = self._opened or self._open()
            archive = self._opened
            # A tar has one place to read from, a zip one for each member.
            if isinstance(archive, tarfile.TarFile):
                member = self._tar_members.get(path)
                content = archive.extractfile(member) if member else None
                return self.checked(path, content.read() if content else b"")
        return self.checked(path, archive.read(path))

    def _open(self) -> zipfile.ZipFile | tarfile.TarFile:
        path = Path(self.root)
        if path.suffix.lower() == ".zip":
            return zipfile.ZipFile(path)
        tar = self._open_tar(path)
        # By name, the library would go through all members at each read.
        self._tar_members = {member.name: member for member in tar if member.isfile()}
        return tar

    def _open_tar(self, path: Path) -> tarfile.TarFile:
        if path.suffix.lower() == ".tar":
            return tarfile.open(path)
        return tarfile.open(fileobj=self._decompress(path))

    def _decompress(self, path: Path) -> IO[bytes]:
        """A compressed tar as a nameless file.

        Raises:
            DataError: it holds more than the members that were listed: data behind a tar's end mark
                are in no listing.
        """
        limit = _unpacked_limit(path) + _TAR_OVERHEAD * len(self.files)
        # Open as long as this archive (SIM115 wants a `with`): closed by the finalizer below.
        plain = tempfile.TemporaryFile(dir=self._scratch)  # noqa: SIM115
        close = weakref.finalize(self, plain.close)
        with gzip.open(path) as packed:
            while block := packed.read(2**20):
                if plain.tell() + len(block) > limit:
                    close()
                    raise _bomb(path, f"more than {limit} bytes")
                plain.write(block)
        plain.seek(0)
        return plain
