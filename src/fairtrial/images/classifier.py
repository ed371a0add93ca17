"""A classifier: normalisation, base and last layer, from pixels in [0, 1] to logits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from fairtrial.images.networks.network import Network
from fairtrial.training.randomness import torch_stream
from fairtrial.training.weights import load_weights


class Head(nn.Module):
    """Standardise, drop out, map linearly: float32 (B, features) -> (B, classes).

    Standardisation does nothing until `fit` is called; frozen bases use it.
    """

    def __init__(self, features: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("std", torch.ones(features))
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(features, classes)

    def fit(self, features: torch.Tensor) -> None:
        """Take mean and standard deviation from the training features, float32 (N, features)."""
        std = features.std(dim=0, correction=0)
        # A feature that never varies carries nothing; dividing by its zero would make NaN.
        self.std: torch.Tensor = torch.where(std > 0, std, torch.ones_like(std))
        self.mean: torch.Tensor = features.mean(dim=0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.linear(self.dropout((x - self.mean) / self.std))
        return logits


class Base(nn.Module):
    """Normalisation and a network without its last layer: (B, 1 or 3, S, S) -> (B, features)."""

    def __init__(self, network: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.network = network
        # Constants of the network, not of a training: they stay out of the state dict.
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)
        self.mean: torch.Tensor
        self.std: torch.Tensor

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
        load_weights(whole, weights)
    return Base(network.strip(whole), network.mean, network.std)


def build_head(network: Network, classes: int, dropout: float, seed: int) -> Head:
    """A head with random weights of ``seed``'s stream: equal for bases of equal width."""
    with torch_stream(seed):
        return Head(network.features, classes, dropout)
