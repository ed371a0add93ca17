"""Why a picture is left out: the exception of all readers, and the limit that all of them keep."""

from __future__ import annotations


class UnusableError(Exception):
    """One picture that is left out; the text is the reason in the manifest."""


def check_pixels(width: int, height: int, largest_megapixels: float) -> None:
    """Refuse a picture by the size that its header declares, before its pixels take memory.

    Raises:
        UnusableError: width x height (px) exceeds the limit.
    """
    if width * height > largest_megapixels * 1e6:
        raise UnusableError(f"{width} x {height} is more than {largest_megapixels:g} megapixels")
