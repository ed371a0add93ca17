"""Arrays that are mapped from files: what was read of them need not stay in memory."""

from __future__ import annotations

import mmap

import numpy as np


def forget_pages(array: np.ndarray) -> None:
    """Let go of the pages that were read of a memory-mapped array; other arrays are left alone.

    A pass over a pack of a hundred thousand pictures else ends with all of it in this process's
    memory. What is asked for again is read again.
    """
    owner: object = array.base
    if isinstance(owner, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        owner.madvise(mmap.MADV_DONTNEED)
