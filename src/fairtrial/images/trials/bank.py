"""Banks made before training: varied copies of pictures, and features of frozen bases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from fairtrial.core.records import Arrays, ArrayStream
from fairtrial.core.seeds import stream_seed
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm, Augment, Train
from fairtrial.images.trials.classifier import Base, build_base
from fairtrial.images.trials.feed import Pictures
from fairtrial.images.trials.weights import wanted_weights
from fairtrial.images.varying.variation import vary
from fairtrial.training.device import one_thread, pick_device
from fairtrial.training.weights import check_weights, find_weights, weights_sha256


def make_copies(pack: Arrays, augment: Augment, study: str, seed: int) -> Arrays:
    """Vary every picture of a pack ``augment.copies`` times.

    Which copies belong to training items differs by block: a training takes them for its training
    rows alone.

    Returns:
        ``pixels`` uint8 (N, copies, S, S, C), written as a stream; the pack's description.
    """
    pixels = pack["pixels"]
    shape = (augment.copies, *pixels.shape[1:])
    feed = Pictures(pack, pixels.shape[1], torch.device("cpu"))
    generator = torch.Generator().manual_seed(stream_seed(seed, study, "copies"))

    def batches() -> Iterator[np.ndarray]:
        for row in range(len(pixels)):
            with one_thread():
                images = feed.clean(np.full(augment.copies, row))
                varied = vary(images, augment, generator)
            bytes_ = (varied * 255).round().clamp(0, 255).to(torch.uint8)
            yield bytes_.permute(0, 2, 3, 1).numpy()[None]

    return Arrays({"pixels": ArrayStream(batches(), shape, "uint8")}, dict(pack.description))


@one_thread()
def cache_features(
    pack: Arrays,
    copies: Arrays | None,
    arm: Arm,
    train: Train,
    where: str,
    digits: str | None = None,
) -> Arrays:
    """Features of every picture, and of its copies, from an arm's frozen base.

    Args:
        pack: the pictures.
        copies: their varied copies, or none.
        arm: network, weights and side.
        train: device, precision is always fp32.
        where: name of the arm for messages.
        digits: first digits of the SHA-256 that the weights must have, if known.

    Returns:
        ``features`` float32 (N, 1 + copies, F), version 0 the original; the pack's description
        with ``weights`` (file name and SHA-256).

    Raises:
        ConfigError: the weights are not there.
        StorageError: they are others than ``digits`` says, or cannot be read.
    """
    device = pick_device(train.device)
    network = NETWORKS.load(arm.network)
    file = find_weights(wanted_weights(arm, train.weights_dir, where))
    check_weights(file, digits)
    base = build_base(network, file).to(device)
    side = arm.image_side_px or int(pack.description["image_side_px"])
    feed = Pictures(pack, side, device)
    versions = 1 if copies is None else 1 + copies["pixels"].shape[1]
    n = len(pack["pixels"])
    features = np.empty((n, versions, network.features), dtype=np.float32)
    size = max(1, feed.batch // versions)
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        pixels = pack["pixels"][rows][:, None]
        if copies is not None:
            pixels = np.concatenate([pixels, copies["pixels"][rows]], axis=1)
        features[rows] = _features(base, feed, pixels).reshape(-1, versions, network.features)
    description = {**pack.description, "weights": describe_weights(file)}
    return Arrays({"features": features}, description)


@torch.no_grad()
def _features(base: Base, feed: Pictures, pixels: np.ndarray) -> np.ndarray:
    """uint8 (n, versions, S, S, C) -> float32 (n versions, F)."""
    base.eval()
    found: torch.Tensor = base(feed.convert(pixels.reshape(-1, *pixels.shape[2:])))
    return found.cpu().numpy()


def describe_weights(file: Path) -> dict[str, str]:
    """Name and SHA-256 of a file of weights."""
    return {"file": file.name, "sha256": weights_sha256(file)}
