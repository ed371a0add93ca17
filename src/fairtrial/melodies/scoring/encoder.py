"""A small encoder of bars, trained on bars that no arm is trained on: a study's own features.

A denoising autoencoder: some cells are silenced, the bar is transposed, and 32 numbers must do to
draw the whole bar again. Those numbers are its features.

Source: Vincent et al. 2008, "Extracting and composing robust features with denoising autoencoders".
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from fairtrial.core.errors import ConfigError
from fairtrial.melodies.gan.networks import draw_weights
from fairtrial.melodies.piano_roll import COLUMNS, ROWS, SILENT, Roll, as_generated
from fairtrial.melodies.scoring.extractors import Extract, Resources
from fairtrial.training.device import one_thread
from fairtrial.training.loop import train

FEATURES = 32
UPDATES = 600
_CHANNELS = (12, 24)
_BATCH = 32
_LEARNING_RATE = 2e-3
_SILENCED = 0.2
_TRANSPOSED = 6  # semitones up or down at most
_CHECKPOINT_EVERY = 100


class Autoencoder(nn.Module):
    """Bars float32 (B, 48, 64) of 0 and 1 to logits of the same shape, through 32 numbers."""

    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        first, second = _CHANNELS
        self.shape = (second, ROWS // 4, COLUMNS // 4)
        size = second * (ROWS // 4) * (COLUMNS // 4)
        self.down1 = nn.Conv2d(1, first, 5, 2, padding=2)
        self.down2 = nn.Conv2d(first, second, 5, 2, padding=2)
        self.features = nn.Linear(size, FEATURES)
        self.spread = nn.Linear(FEATURES, size)
        self.up1 = nn.ConvTranspose2d(second, first, 5, 2, padding=2, output_padding=1)
        self.up2 = nn.ConvTranspose2d(first, 1, 5, 2, padding=2, output_padding=1)
        # Of the features of the bars learnt from: a distance of 1 is then the variance among them.
        self.register_buffer("deviation", torch.ones(()))

    def encode(self, bars: Tensor) -> Tensor:
        """Features float32 (B, 32)."""
        x = functional.relu(self.down1(bars.unsqueeze(1)))  # (B, 12, 24, 32)
        x = functional.relu(self.down2(x))  # (B, 24, 12, 16)
        features: Tensor = self.features(x.flatten(1))
        return features

    def forward(self, bars: Tensor) -> Tensor:
        """Logits float32 (B, 48, 64) of the cells that sound."""
        x = functional.relu(self.spread(self.encode(bars))).view(-1, *self.shape)
        x = functional.relu(self.up1(x))  # (B, 12, 24, 32)
        logits: Tensor = self.up2(x)
        return logits.squeeze(1)


class _EncoderTrainee:
    """The autoencoder and what its updates draw.

    Args:
        bars: uint8 (n, 48, 64) as a GAN could write them.
        seed: of weights and of every draw.
    """

    def __init__(self, bars: Roll, seed: int) -> None:
        self.bars = torch.from_numpy(bars > SILENT)
        self.generator = torch.Generator().manual_seed(seed)
        self.network = Autoencoder()
        draw_weights(self.network, self.generator)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=_LEARNING_RATE)

    def step(self, index: int) -> Mapping[str, float]:
        """One update on one batch; the loss is the cross-entropy of a cell in nats."""
        chosen = torch.randint(len(self.bars), (_BATCH,), generator=self.generator)
        shift = torch.randint(-_TRANSPOSED, _TRANSPOSED + 1, (_BATCH,), generator=self.generator)
        whole = _transpose(self.bars[chosen], shift)
        kept = torch.rand(whole.shape, generator=self.generator) >= _SILENCED
        logits = self.network((whole & kept).float())
        loss = functional.binary_cross_entropy_with_logits(logits, whole.float())
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.optimiser.step()
        return {"loss": loss.item()}

    def state(self) -> dict[str, Any]:
        """Network, optimiser and generator."""
        return {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from `state`."""
        self.network.load_state_dict(state["network"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])


def _transpose(bars: Tensor, shift: Tensor) -> Tensor:
    """Bars bool (B, 48, 64) moved up by (B,) rows; what leaves the roll is lost."""
    rows = torch.arange(ROWS)[None, :] - shift[:, None]  # (B, 48), rows that they come from
    inside = (rows >= 0) & (rows < ROWS)
    index = rows.clamp(0, ROWS - 1)[:, :, None].expand(-1, -1, COLUMNS)
    return bars.gather(1, index) & inside[:, :, None]


@one_thread()
def train_encoder(
    bars: Roll, seed: int, *, checkpoint: Path | None, label: str, updates: int
) -> dict[str, NDArray[np.float32]]:
    """Train an encoder on bars, on the CPU: the same bars and seed give the same bits.

    Args:
        bars: that no arm is trained on, uint8 (n, 48, 64).
        seed: of weights and of every draw.
        checkpoint: where its state is kept between runs; none keeps none.
        label: its name on the log.
        updates: of the training.

    Returns:
        Weights by name.
    """
    trainee = _EncoderTrainee(as_generated(bars), seed)
    train(
        trainee,
        updates,
        checkpoint=checkpoint,
        checkpoint_every=_CHECKPOINT_EVERY,
        label=label,
    )
    network = trainee.network
    with torch.no_grad():
        features = network.encode(trainee.bars.float())
        network.deviation.copy_(features.var(dim=0).sum().sqrt())
    return {name: part.numpy().copy() for name, part in network.state_dict().items()}


def load_encoder(resources: Resources) -> Extract:
    """The function from bars uint8 (n, 48, 64) to features float64 (n, 32).

    Raises:
        ConfigError: the study has no trained encoder.
    """
    if resources.encoder is None:
        raise ConfigError(
            "evaluate.extractors", "a trained encoder", "none", "Run the stage train first."
        )
    network = Autoencoder()
    network.load_state_dict(
        {name: torch.from_numpy(np.array(part)) for name, part in resources.encoder.items()}
    )
    return lambda rolls: _encode(network.eval(), rolls)


@one_thread()
def _encode(network: Autoencoder, rolls: Roll) -> NDArray[np.float64]:
    with torch.inference_mode():
        features = network.encode(torch.from_numpy(rolls > SILENT).float()) / network.deviation
    return features.double().numpy()
