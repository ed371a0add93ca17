"""Our residual network for small sets of small pictures.

The fish paper draws a custom network with skip connections and gives no layer of it; this is ours.
For a picture of S x S pixels:

======== ============================================== ========== ===================
layer    what                                           channels   side
======== ============================================== ========== ===================
stem     3x3 convolution, stride 2, batch norm, ReLU    3 -> 32    S / 2
stage 1  2 basic blocks                                 32         S / 2
stage 2  2 basic blocks, the first with stride 2        32 -> 64   S / 4
stage 3  2 basic blocks, the first with stride 2        64 -> 128  S / 8
stage 4  2 basic blocks, the first with stride 2        128 -> 256 S / 16
pool     mean over the picture                          256        1
======== ============================================== ========== ===================

A basic block is two 3x3 convolutions with batch norm around a skip connection (a 1x1 convolution
where the shape changes). 2.8 million parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairtrial.images.networks.network import Network

if TYPE_CHECKING:
    from torch import nn


def _build() -> nn.Module:
    from fairtrial.images.networks.residual_base import ResidualBase

    return ResidualBase()


def _as_is(network: nn.Module) -> nn.Module:
    return network


RESIDUAL = Network(
    "residual",
    _build,
    _as_is,
    features=256,
    heat_layer="stages",
    stages=("stem", "stages.0", "stages.2", "stages.4", "stages.6"),
    native_side_px=96,
    smallest_side_px=16,
)
