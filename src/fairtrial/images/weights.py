"""Pretrained weights: found before any work, loaded strictly, never replaced by others.

Finding is light; torch is imported only to download or to load.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.core.hashing import sha256_file
from fairtrial.images.networks import NETWORKS
from fairtrial.images.networks.network import Network
from fairtrial.images.parameters import Arm

if TYPE_CHECKING:
    from torch import nn

LOG = logging.getLogger(__name__)

_SUFFIXES = (".pth", ".pt")


def find_weights(arm: Arm, network: Network, weights_dir: str | None, where: str) -> Path:
    """The file of an arm's pretrained weights.

    With ``weights_dir`` it is the file that the arm names, or the only one there that is named
    after the network. Without, it is torchvision's own, downloaded once into torch's cache.

    Args:
        arm: its ``weights``.
        network: its ``weights_stem`` and ``weights_url``.
        weights_dir: the folder, or none.
        where: name of the arm for messages.

    Raises:
        ConfigError: there is no such file, several, or it cannot be downloaded.
    """
    if weights_dir is None:
        return _published(arm, network, where)
    folder = Path(weights_dir)
    if arm.weights is not None:
        if Path(arm.weights).name != arm.weights or not (folder / arm.weights).is_file():
            raise ConfigError(
                f"{where}.weights",
                f"the name of a file in {folder}",
                repr(arm.weights),
                f"There: {_listing(folder)}.",
            )
        return folder / arm.weights
    stem = network.weights_stem or network.name
    pattern = re.compile(rf"{re.escape(stem)}(?![0-9a-z]).*")
    found = [file for file in _files(folder) if pattern.fullmatch(file.name)]
    if len(found) != 1:
        raise ConfigError(
            where,
            f"one file of weights named {stem}*.pth in {folder}",
            ", ".join(file.name for file in found) or "none",
            f"Put it there or name one with weights. There: {_listing(folder)}.",
        )
    return found[0]


def weights_used(description: Mapping[str, Any], weights_dir: str | None) -> Path:
    """The file of weights that a trained arm's description names, unchanged since.

    Raises:
        ConfigError: it is no longer there.
        StorageError: its content has changed.
    """
    network = NETWORKS.load(description["network"])
    named, digest = description["weights"]["file"], description["weights"]["sha256"]
    arm = Arm(
        network=description["network"],
        init=description["init"],
        weights=named if weights_dir is not None else None,
    )
    file = find_weights(arm, network, weights_dir, f"{description['study']}.arms")
    found = sha256_file(file)
    if found != digest:
        raise StorageError(
            file,
            f"the weights that the arm was trained with (SHA-256 {digest[:12]}...)",
            f"others ({found[:12]}...)",
            "Restore the file, or run the augment stage again.",
        )
    return file


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES)


def _listing(folder: Path) -> str:
    return ", ".join(file.name for file in _files(folder)) or "no weights at all"


def _published(arm: Arm, network: Network, where: str) -> Path:
    """Torchvision's weights in torch's cache, downloaded if need be."""
    if arm.weights is not None:
        raise ConfigError(
            f"{where}.weights", "train.weights_dir beside it", "none", "Set train.weights_dir."
        )
    if network.weights_url is None:
        raise ConfigError(
            where,
            "a network with published weights",
            network.name,
            "Set init: scratch, or train.weights_dir and weights.",
        )
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.getenv("TORCH_HOME", f"{cache}/torch")).expanduser()
    file = home / "hub" / "checkpoints" / network.weights_url.rsplit("/", 1)[1]
    if not file.exists():
        _download(network.weights_url, file, where)
    return file


def _download(url: str, file: Path, where: str) -> None:
    import torch

    LOG.info("downloading %s", url)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Published names end in the first digits of the content's SHA-256.
    digits = file.stem.rsplit("-", 1)[1]
    try:
        torch.hub.download_url_to_file(url, str(file), hash_prefix=digits, progress=False)
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            where,
            f"the weights {url}",
            f"no way to get them ({error})",
            "Connect to the internet, or put the file into a folder and set train.weights_dir.",
        ) from None


def load_weights(network: nn.Module, file: Path) -> None:
    """Load a state dict into a whole network: every name and shape must fit, no code is run.

    Raises:
        StorageError: the file cannot be read as tensors.
        DataError: names or shapes differ from the network's, or a number is not finite.
    """
    import torch

    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged or malicious file
        raise StorageError(
            file, "a state dict of tensors", str(error).splitlines()[0], "Fetch it again."
        ) from error
    try:
        network.load_state_dict(state, strict=True)
    except (RuntimeError, TypeError) as error:
        faults = [line.strip() for line in str(error).splitlines()[1:3]]
        raise DataError(
            file,
            f"the names and shapes of {type(network).__name__}",
            " ".join(faults) or str(error),
            "Name the right file with the arm's weights.",
        ) from None
    if not all(bool(torch.isfinite(tensor).all()) for tensor in network.state_dict().values()):
        raise DataError(file, "finite weights", "NaN or infinity", "Fetch it again.")
