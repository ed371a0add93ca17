"""Why a picture is left out: the exception of all readers, and the limits that all of them keep."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath


class UnusableError(Exception):
    """One picture that is left out; the text is the reason in the manifest."""


def refuse_unopened(
    path: str, size: int, sha256: str, suffixes: Collection[str] | None, largest_megabytes: float
) -> str:
    """The reason for which a listed file is not even opened, or "".

    Args:
        path: POSIX path.
        size: in bytes.
        sha256: "" where the disk did not give the file.
        suffixes: those that tell pictures, in lower case; none if every file counts as one.
        largest_megabytes: limit of the size.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffixes is not None and suffix not in suffixes:
        return f"not a picture file ({suffix or 'no suffix'})"
    if not sha256:
        return "cannot be read from the disk"
    if size > largest_megabytes * 1e6:
        return f"a file of more than {largest_megabytes:g} megabytes"
    return ""


def check_pixels(width: int, height: int, largest_megapixels: float) -> None:
    """Refuse a picture by the size that its header declares, before its pixels take memory.

    Raises:
        UnusableError: width x height (px) exceeds the limit.
    """
    if width * height > largest_megapixels * 1e6:
        raise UnusableError(f"{width} x {height} is more than {largest_megapixels:g} megapixels")
