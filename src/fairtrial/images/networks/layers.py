"""The layers of a network in the order in which a picture passes them: to freeze, and to list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import torch
from torch import nn

from fairtrial.images.networks.network import HEAD, Network


def modules_before(network: nn.Module, stage: str) -> Iterator[nn.Module]:
    """The outermost modules that come before a stage.

    Args:
        network: a stripped network; its modules stand in the order in which they are passed.
        stage: dotted name of the module that the stage begins with, or ``head`` for its end.

    Raises:
        AttributeError: no such module.
    """
    if stage == HEAD:
        yield network
        return
    network.get_submodule(stage)
    first, _, rest = stage.partition(".")
    for name, child in network.named_children():
        if name == first:
            if rest:
                yield from modules_before(child, rest)
            return
        yield child


def layer_table(network: Network, side: int) -> pd.DataFrame:
    """What a picture passes in a network, layer by layer, up to its features.

    Nothing is computed and no memory taken: shapes alone are passed through the network.

    Args:
        network: from the registry.
        side: side of the picture, px.

    Returns:
        One row a layer that has weights or changes the shape, then one for the features that the
        head gets: ``stage`` (as ``unfreeze_from`` takes it), ``layer`` (dotted name), ``kind``,
        ``output`` (channels x height x width, or length) and ``parameters``.
    """
    with torch.device("meta"):
        stripped = network.strip(network.build()).eval()
        picture = torch.empty(1, 3, side, side)
    shapes = _output_shapes(stripped, picture)
    rows: list[tuple[str, str, str, str, int]] = []
    stage, shape = "", picture.shape
    for name, layer in _layers(stripped):
        stage = next((first for first in network.stages if _is_in(name, first)), stage)
        before, shape = shape, shapes.get(name, shape)
        weights = sum(weight.numel() for weight in layer.parameters())
        # What passes all through is no layer, though a flattening before it may show in its shape.
        passes = isinstance(layer, (nn.Identity, nn.Dropout))
        if weights or (shape != before and not passes):
            rows.append((stage, name, type(layer).__name__, _text(shape), weights))
    rows.append((HEAD, "features", "", str(network.features), 0))
    return pd.DataFrame(rows, columns=["stage", "layer", "kind", "output", "parameters"])


def _is_in(name: str, module: str) -> bool:
    return f"{name}.".startswith(f"{module}.")


def _text(shape: torch.Size) -> str:
    return " x ".join(str(size) for size in shape[1:])


def _layers(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Name and module of all layers; plain sequences are opened, blocks are not."""
    for name, child in module.named_children():
        where = f"{path}.{name}" if path else name
        if type(child) is nn.Sequential:
            yield from _layers(child, where)
        else:
            yield where, child


@torch.no_grad()
def _output_shapes(network: nn.Module, picture: torch.Tensor) -> dict[str, torch.Size]:
    """Layer's name -> shape of what it gave when last called."""
    shapes: dict[str, torch.Size] = {}

    def keep(name: str) -> Any:
        def hook(_: nn.Module, __: Any, output: torch.Tensor) -> None:
            shapes[name] = output.shape

        return hook

    hooks = [layer.register_forward_hook(keep(name)) for name, layer in _layers(network)]
    network(picture)
    for hook in hooks:
        hook.remove()
    return shapes
