"""Which device a trial is computed on, and with how many threads."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from fairtrial.core.errors import ConfigError


def pick_device(name: str) -> torch.device:
    """The device called ``name``: "cpu", "cuda", or "auto" for CUDA where there is one.

    Raises:
        ConfigError: an unknown name, or CUDA asked for where torch finds none.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError("device", "auto, cpu or cuda", repr(name), "Set one of the three.")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ConfigError(
            "device", "a CUDA device that torch can use", "none", "Set device: auto or cpu."
        )
    return torch.device("cuda" if available and name != "cpu" else "cpu")


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread of torch inside the block (or the function it decorates).

    Sums of floats depend on the number of threads: under any runner a trial gives the same bits.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
