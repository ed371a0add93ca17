"""Features of bars from torchvision's Inception v3, where its weights are at hand.

Weights: torchvision ``Inception_V3_Weights.IMAGENET1K_V1`` (BSD-3-Clause), ported from Google's
2015 network. They are not those of the original FID, so values compare only among themselves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from fairtrial.melodies.piano_roll import SILENT, Roll
from fairtrial.melodies.scoring.weights import find_weights
from fairtrial.training.device import one_thread
from fairtrial.training.weights import read_weights

_SIDE_PX = 299
_BATCH = 16


def extract_inception(rolls: Roll, weights_dir: str | None) -> NDArray[np.float64]:
    """Inception features of bars.

    Args:
        rolls: uint8 (n, 48, 64).
        weights_dir: folder of the weights; torch's cache where none is given.

    Returns:
        float64 (n, 2048).

    Raises:
        ConfigError: the weights are not there.
        StorageError: they cannot be read.
    """
    return run_features(load_network(find_weights("inception", weights_dir)), rolls)


def load_network(weights: Path) -> nn.Module:
    """The network up to its pooled features, in evaluation mode."""
    network = build_network()
    # Its classes are not wanted.
    state = {k: part for k, part in read_weights(weights).items() if not k.startswith("fc.")}
    network.load_state_dict(state)
    return network


def build_network() -> nn.Module:
    """Inception v3 with fresh weights that ends in its 2048 pooled features."""
    from torchvision.models import inception_v3

    network: nn.Module = inception_v3(
        weights=None, aux_logits=True, transform_input=True, init_weights=False
    )
    network.fc = nn.Identity()
    return network.eval()


@one_thread()
def run_features(network: nn.Module, rolls: Roll) -> NDArray[np.float64]:
    """Features float64 (n, 2048) of rolls uint8 (n, 48, 64) by a network of `build_network`."""
    with torch.inference_mode():
        parts = [
            network(_to_pictures(rolls[start : start + _BATCH]))
            for start in range(0, len(rolls), _BATCH)
        ]
    return torch.cat(parts).double().numpy()


def _to_pictures(rolls: Roll) -> Tensor:
    """White notes on black, float32 (n, 3, 299, 299), scaled as the weights expect."""
    sounding = torch.from_numpy(rolls > SILENT).float().unsqueeze(1)
    pictures = functional.interpolate(sounding, size=(_SIDE_PX, _SIDE_PX), mode="nearest")
    pictures = pictures.expand(-1, 3, -1, -1)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return (pictures - mean) / deviation
