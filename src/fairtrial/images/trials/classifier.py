"""A classifier: normalisation, base and last layer, from pixels in [0, 1] to logits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

from fairtrial.images.networks.layers import modules_before
from fairtrial.images.networks.network import Network
from fairtrial.training.randomness import torch_stream
from fairtrial.training.weights import load_weights


class Head(nn.Module):
    """Standardise, hidden layers, drop out, map linearly: float32 (B, features) -> (B, classes).

    Standardisation does nothing until `fit` is called; frozen bases use it.

    Args:
        features: length of what comes in.
        classes: length of what goes out.
        dropout: share dropped before each linear layer in training.
        hidden: widths of layers in between, each linear with a ReLU.
    """

    def __init__(
        self, features: int, classes: int, dropout: float, hidden: Sequence[int] = ()
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))
        widths = [features, *hidden]
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            layers += [nn.Dropout(dropout), nn.Linear(inputs, outputs), nn.ReLU()]
        self.hidden = nn.Sequential(*layers)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(widths[-1], classes)

    def fit(self, features: torch.Tensor) -> None:
        """Take mean and standard deviation from the training features, float32 (N, features)."""
        std = features.std(dim=0, correction=0)
        # A feature that never varies carries nothing; dividing by its zero would make NaN.
        self.std: torch.Tensor = torch.where(std > 0, std, torch.ones_like(std))
        self.mean: torch.Tensor = features.mean(dim=0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.hidden((x - self.mean) / self.std)
        logits: torch.Tensor = self.linear(self.dropout(x))
        return logits


class Base(nn.Module):
    """Normalisation and a network without its last layer: (B, 1 or 3, S, S) -> (B, features).

    What `freeze_before` froze stays as it is, whoever calls `train`: its weights need no gradient,
    and its batch norms and dropouts keep to evaluation mode, so that no statistic moves either.
    """

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        # Constants of the network, not of a training: they stay out of the state dict.
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        self.mean: torch.Tensor
        self.std: torch.Tensor
        self._frozen: tuple[nn.Module, ...] = ()

    def freeze_before(self, stage: str) -> None:
        """Freeze all that comes before a stage of the network, or with ``head`` all of it."""
        self._frozen = tuple(modules_before(self.network, stage))
        for module in self._frozen:
            module.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> Base:
        """Set the mode of all that is not frozen."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # Grey pictures meet the three means here and so become (B, 3, S, S).
        features: torch.Tensor = self.network((x - self.mean) / self.std)
        return features


class Classifier(nn.Module):
    """float32 (B, 1 or 3, S, S) in [0, 1] -> logits (B, classes)."""

    def __init__(self, base: Base, head: Head) -> None:
        super().__init__()
        self.base = base
        self.head = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.base(x))
        return logits


class Probabilities(nn.Module):
    """What is exported: a classifier with its softmax."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.classifier(x), dim=1)


def build_base(network: Network, weights: Path | None, seed: int = 0) -> Base:
    """A base with random weights of ``seed``'s stream, or with those of a file."""
    with torch_stream(seed):
        whole = network.build()
    if weights is not None:
        load_weights(whole, weights, network.rename)
    return Base(network.strip(whole), network.mean, network.std)


def build_head(
    network: Network, classes: int, dropout: float, seed: int, hidden: Sequence[int] = ()
) -> Head:
    """A head with random weights of ``seed``'s stream: equal for bases of equal width."""
    with torch_stream(seed):
        return Head(network.features, classes, dropout, hidden)
