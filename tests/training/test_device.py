"""The choice of a device."""

import pytest
import torch

from fairtrial.core.errors import ConfigError
from fairtrial.training.device import pick_device


def test_auto_takes_cuda_where_it_is() -> None:
    """``auto`` means CUDA on a machine that has it, the CPU elsewhere."""
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert pick_device("auto").type == expected
    assert pick_device("cpu").type == "cpu"


def test_unknown_and_absent_devices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that does not exist is an error, never a quiet fallback to the CPU."""
    with pytest.raises(ConfigError, match="auto, cpu or cuda"):
        pick_device("gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="a CUDA device that torch can use"):
        pick_device("cuda")
