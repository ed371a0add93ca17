"""Which device a trial is computed on."""

from __future__ import annotations

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
