"""Which device a trial is computed on, and with how many threads."""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Iterator

import numpy as np
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


def device_name(device: torch.device) -> str:
    """The processor or graphics card, as far as the system tells."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


@contextlib.contextmanager
def compute_threads(count: int) -> Iterator[None]:
    """Compute with ``count`` threads of torch inside the block (or the function it decorates).

    Sums of floats depend on the number of threads: under any runner a trial gives the same bits.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """`compute_threads` with one."""
    with compute_threads(1):
        yield


def to_device(values: np.ndarray, device: torch.device) -> torch.Tensor:
    """A copy of an array (memory-mapped or not) on a device, without waiting for the transfer."""
    tensor = torch.from_numpy(np.array(values))
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor
