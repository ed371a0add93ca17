"""Which pretrained weights an arm asks for. Light: no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Arm
from fairtrial.training import weights as tool


def wanted_weights(arm: Arm, weights_dir: str | None, where: str) -> tool.Wanted:
    """What to look for: a file of ``weights_dir``, or without it torchvision's own.

    Args:
        arm: its network and ``weights``.
        weights_dir: the folder, or none.
        where: name of the arm for messages.

    Raises:
        ConfigError: the network is not known.
    """
    network = NETWORKS.load(arm.network)
    stem = network.weights_stem or network.name
    return tool.Wanted(
        where, stem, network.weights_url, weights_dir, "train.weights_dir", arm.weights
    )


def weights_used(description: Mapping[str, Any], weights_dir: str | None) -> Path:
    """The file of weights that a trained arm's description names, unchanged since.

    Raises:
        ConfigError: it is no longer there.
        StorageError: its content has changed.
    """
    arm = Arm(
        network=description["network"],
        init=description["init"],
        weights=description["weights"]["file"] if weights_dir is not None else None,
    )
    wanted = wanted_weights(arm, weights_dir, f"{description['study']}.arms")
    file = tool.find_weights(wanted)
    tool.check_weights(file, description["weights"]["sha256"])
    return file


def frozen_base(description: Mapping[str, Any], weights_dir: str | None) -> Path | None:
    """The file of a trained arm's frozen base; none where its base was trained.

    Raises:
        ConfigError, StorageError: as `weights_used`.
    """
    return weights_used(description, weights_dir) if description["init"] == "frozen" else None
