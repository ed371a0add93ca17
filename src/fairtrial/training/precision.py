"""In which number format a model is computed.

``fp32``; ``bf16``, where torch's autocast chooses; ``hybrid``, the same with grouped convolutions
in fp32: on a CPU their bf16 kernels are often slower than the plain ones.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

import torch
from torch import nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from fairtrial.core.errors import ConfigError

Precision = Literal["fp32", "bf16", "hybrid"]

# Place of `groups` among the arguments of a convolution.
_GROUPS = 6


@contextlib.contextmanager
def computing(device: torch.device, precision: Precision) -> Iterator[None]:
    """Compute what is called inside the block in a precision; weights stay float32.

    Args:
        device: where it is computed.
        precision: ``fp32``, ``bf16`` or ``hybrid``.
    """
    with contextlib.ExitStack() as stack:
        if precision != "fp32":
            stack.enter_context(torch.autocast(device.type, torch.bfloat16))
        if precision == "hybrid":
            stack.enter_context(_GroupedInFull(device.type))
        yield


def check_precision(device: torch.device, precision: Precision) -> None:
    """Raise ConfigError where a graphics card has no units for a precision."""
    if device.type == "cuda" and precision != "fp32" and not torch.cuda.is_bf16_supported(False):
        raise ConfigError(
            "train.precision",
            "fp32 on a graphics card without bf16 units",
            precision,
            "Set precision: fp32, or device: cpu.",
        )


def has_grouped_convolutions(model: nn.Module) -> bool:
    """Whether ``hybrid`` differs from ``bf16`` for a model."""
    return any(isinstance(part, nn.Conv2d) and part.groups > 1 for part in model.modules())


class _GroupedInFull(TorchFunctionMode):
    """Takes grouped convolutions out of autocast: they get and give float32."""

    def __init__(self, device_type: str) -> None:
        super().__init__()
        self.device_type = device_type

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func is functional.conv2d and len(args) > _GROUPS and args[_GROUPS] > 1:
            with torch.autocast(self.device_type, enabled=False):
                return func(args[0].float(), *args[1:], **(kwargs or {}))
        return func(*args, **(kwargs or {}))
