"""What the registry knows of a network. Light: torch is imported when one is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

# Means and standard deviations of ImageNet's training pictures, which all published weights expect.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)

# Stands in `unfreeze_from` for the head: all of the network stays frozen.
HEAD = "head"


@dataclass(frozen=True)
class Network:
    """A network without its last layer.

    Args:
        name: name in the registry.
        build: makes the whole network as its weights were published, random weights.
        strip: takes the last layer off: float32 (B, 3, S, S) -> (B, features).
        features: length of what the base gives.
        heat_layer: dotted name, within the stripped network, of the module that gives the last
            convolutional feature maps, float32 (B, channels, s, s).
        stages: dotted names, within the stripped network, of the modules that its stages begin
            with, in the order in which they are passed. A stage reaches to the next one; together
            they hold every weight.
        native_side_px: side of the pictures that it was published with.
        smallest_side_px: smallest side that it can take.
        weights_stem: how names of weight files begin; none if none are published.
        weights_url: where torchvision keeps its weights (the hash is in the name).
        rename: name of a tensor in the published file -> its name in the network; none if equal.
        mean, std: normalisation of RGB in [0, 1].
    """

    name: str
    build: Callable[[], nn.Module]
    strip: Callable[[nn.Module], nn.Module]
    features: int
    heat_layer: str
    stages: tuple[str, ...]
    native_side_px: int
    smallest_side_px: int = 32
    weights_stem: str | None = None
    weights_url: str | None = None
    rename: Callable[[str], str] | None = None
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
