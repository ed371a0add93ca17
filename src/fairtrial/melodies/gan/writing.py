"""What a trained GAN does: its generator writes bars, its discriminator judges them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fairtrial.melodies.gan.networks import NOISE, Discriminator, Generator
from fairtrial.melodies.piano_roll import Roll, rolls_to_signals, signals_to_rolls
from fairtrial.training.device import one_thread

_BATCH = 64


@one_thread()
def generate_bars(state: Mapping[str, np.ndarray], width: float, n_items: int, seed: int) -> Roll:
    """Bars of a trained generator.

    Args:
        state: the run's weights by name.
        width: of its channels.
        n_items: how many bars.
        seed: of the noise; arms of a block share it.

    Returns:
        uint8 (n_items, 48, 64).
    """
    module = Generator(width)
    _load(module, state, "generator.")
    noise = torch.randn(n_items, 1, NOISE, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        signals = torch.cat([module(part) for part in torch.split(noise, _BATCH)])
    return signals_to_rolls(signals.squeeze(1).numpy())


@one_thread()
def judge_bars(state: Mapping[str, np.ndarray], width: float, rolls: Roll) -> NDArray[np.float64]:
    """How real bars look to a trained discriminator.

    Args:
        state: the run's weights by name.
        width: of its channels.
        rolls: bars, uint8 (n, 48, 64).

    Returns:
        float64 (n,) in [0, 1]; above 0.5 a bar is taken for a real one.
    """
    module = Discriminator(width)
    _load(module, state, "discriminator.")
    signals = torch.from_numpy(rolls_to_signals(rolls)).unsqueeze(1)
    with torch.inference_mode():
        logits = torch.cat([module(part, ()) for part in torch.split(signals, _BATCH)])
    scores: NDArray[np.float64] = torch.sigmoid(logits.squeeze(1).double()).numpy()
    return scores


def _load(module: nn.Module, state: Mapping[str, np.ndarray], prefix: str) -> None:
    """Fill a network of one run and set it to evaluation."""
    chosen = {
        name.removeprefix(prefix): torch.from_numpy(np.array(values))
        for name, values in state.items()
        if name.startswith(prefix)
    }
    missing = module.load_state_dict(chosen, strict=False).missing_keys
    counts = [name for name in missing if name.endswith("num_batches_tracked")]
    if len(counts) < len(missing):
        raise KeyError(f"no weights of {sorted(set(missing) - set(counts))}")
    module.eval()
