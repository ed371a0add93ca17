"""Features of bars from torchvision's Inception v3, where its weights are at hand.

Weights: torchvision ``Inception_V3_Weights.IMAGENET1K_V1`` (BSD-3-Clause), ported from Google's
2015 network. They are not those of the original FID, so values compare only among themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from fairtrial.melodies.piano_roll import SILENT, Roll
from fairtrial.melodies.scoring.extractors import INCEPTION_WEIGHTS, Extract, Resources
from fairtrial.melodies.scoring.weights import wanted_weights
from fairtrial.training.device import one_thread, pick_device
from fairtrial.training.weights import find_weights, load_weights

_SIDE_PX = 299
_BATCH = 16
_WHITE = 255


def load_inception(resources: Resources) -> Extract:
    """The function from bars uint8 (n, 48, 64) to features float64 (n, 2048).

    Raises:
        ConfigError: the weights are not there.
        DataError: they are not those of Inception v3.
        StorageError: they cannot be read, or are not what was published.
    """
    wanted = wanted_weights(INCEPTION_WEIGHTS, resources.weights_dir)
    network = load_network(find_weights(wanted, fetch=False)).to(pick_device(resources.device))
    draw = draw_as_the_paper if resources.paper else draw_white_on_black
    return lambda rolls: run_features(network, rolls, draw)


def load_network(weights: Path) -> nn.Module:
    """Inception v3 that ends in its 2048 pooled features, in evaluation mode.

    Args:
        weights: of the whole network with its classes.

    Raises:
        DataError, StorageError: as `fairtrial.training.weights.load_weights`.
    """
    from torchvision.models import inception_v3

    network: nn.Module = inception_v3(
        weights=None, aux_logits=True, transform_input=True, init_weights=False
    )
    load_weights(network, weights)
    network.fc = nn.Identity()
    return network.eval()


@one_thread()
def run_features(
    network: nn.Module, rolls: Roll, draw: Callable[[Tensor], Tensor]
) -> NDArray[np.float64]:
    """Features float64 (n, 2048) of rolls uint8 (n, 48, 64) by a network of `load_network`."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        parts = [
            network(_to_input(rolls[start : start + _BATCH], draw).to(device)).cpu()
            for start in range(0, len(rolls), _BATCH)
        ]
    return torch.cat(parts).double().numpy()


def draw_white_on_black(sounding: Tensor) -> Tensor:
    """Brightness in [0, 1], as the weights expect it, of cells that sound (1) or do not (0)."""
    return sounding


def draw_as_the_paper(sounding: Tensor) -> Tensor:
    """The signal of -1 and +1 where brightness of 0 to 255 is expected: nearly all black."""
    return (2 * sounding - 1) / _WHITE


def _to_input(rolls: Roll, draw: Callable[[Tensor], Tensor]) -> Tensor:
    """Pictures float32 (n, 3, 299, 299), normalised as the weights expect."""
    sounding = torch.from_numpy(rolls > SILENT).float().unsqueeze(1)
    pictures = functional.interpolate(draw(sounding), size=(_SIDE_PX, _SIDE_PX), mode="nearest")
    pictures = pictures.expand(-1, 3, -1, -1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return (pictures - mean) / deviation
