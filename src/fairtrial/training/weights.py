"""Pretrained weights: found before any work, checked, loaded strictly, never replaced by others.

Light: torch is imported only to download or to load.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.core.files import project_path
from fairtrial.core.hashing import sha256_file

if TYPE_CHECKING:
    from torch import nn

LOG = logging.getLogger(__name__)

_SUFFIXES = (".pth", ".pt")
_PUBLISHED_NAME = re.compile(r".*-([0-9a-f]{8,64})")


@dataclass(frozen=True)
class Wanted:
    """Which weights are asked for.

    Args:
        where: parameter that asks for them, for messages.
        stem: how the names of their files begin.
        url: where they are published; none if nowhere. Its name ends in the first digits of the
            content's SHA-256.
        weights_dir: folder to look in, from the project's root; none for torch's own cache.
        setting: name of the parameter that gives ``weights_dir``, for messages.
        file: name of a file in ``weights_dir``; by default the only one of that stem.
    """

    where: str
    stem: str
    url: str | None
    weights_dir: str | None
    setting: str
    file: str | None = None


def locate_weights(wanted: Wanted) -> Path:
    """Where the weights lie, or will lie once they are downloaded.

    Raises:
        ConfigError: the folder does not hold them, or nothing is published.
    """
    if wanted.weights_dir is None:
        return _in_cache(wanted)
    folder = project_path(wanted.weights_dir)
    if wanted.file is not None:
        if Path(wanted.file).name != wanted.file or not (folder / wanted.file).is_file():
            raise ConfigError(
                f"{wanted.where}.weights",
                f"the name of a file in {folder}",
                repr(wanted.file),
                f"There: {_listing(folder)}.",
            )
        return folder / wanted.file
    pattern = re.compile(rf"{re.escape(wanted.stem)}(?![0-9a-z]).*")
    found = [file for file in _files(folder) if pattern.fullmatch(file.name)]
    if len(found) != 1:
        get = f"Get {wanted.url} into it" if wanted.url else "Put it there"
        raise ConfigError(
            wanted.where,
            f"one file of weights named {wanted.stem}*.pth in {folder} ({wanted.setting})",
            ", ".join(file.name for file in found) or "none",
            f"{get}, or name one. There: {_listing(folder)}.",
        )
    return found[0]


def find_weights(wanted: Wanted, fetch: bool = True) -> Path:
    """The file of the weights; published ones that torch's cache lacks are downloaded into it.

    Args:
        wanted: which.
        fetch: whether they may be downloaded.

    Raises:
        ConfigError: as `locate_weights`, or they are not there and cannot, or may not, be fetched.
        StorageError: the cached file is not what was published.
    """
    file = locate_weights(wanted)
    if wanted.weights_dir is None:
        if not file.is_file():
            _fetch(wanted, file, fetch)
        check_weights(file, published_digits(wanted.url))
    return file


def recipe_digits(wanted: Wanted) -> str | None:
    """First digits of the weights' SHA-256, or all, as part of a recipe; none if there are none.

    Published weights are known by the digits in their name, so that downloading them changes no
    recipe; a file of a folder by its content.
    """
    try:
        file = locate_weights(wanted)
    except ConfigError:
        # What is missing is named when a run is checked, not when the registry is read.
        return None
    return published_digits(wanted.url) if wanted.weights_dir is None else weights_sha256(file)


def published_digits(url: str | None) -> str | None:
    """The digits of the SHA-256 in a published name: ``.../resnet18-f37072fd.pth``."""
    found = _PUBLISHED_NAME.fullmatch(Path(url).stem) if url else None
    return found[1] if found else None


def check_weights(file: Path, digits: str | None) -> None:
    """Check that a file is the one that a recipe names.

    Raises:
        StorageError: its SHA-256 does not begin with ``digits``.
    """
    if digits is not None and not (found := weights_sha256(file)).startswith(digits):
        raise StorageError(
            file,
            f"weights whose SHA-256 begins with {digits[:12]}",
            f"others ({found[:12]}...)",
            "Restore the file, or delete a damaged download; then run again.",
        )


def weights_sha256(file: Path) -> str:
    """SHA-256 of a file, read once a process as long as its size and time stay."""
    status = file.stat()
    return _sha256(file, status.st_size, status.st_mtime_ns)


@cache
def _sha256(file: Path, size: int, mtime_ns: int) -> str:
    return sha256_file(file)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES)


def _listing(folder: Path) -> str:
    return ", ".join(file.name for file in _files(folder)) or "no weights at all"


def _in_cache(wanted: Wanted) -> Path:
    """The file's place in torch's cache, found as torch finds it."""
    if wanted.file is not None:
        raise ConfigError(
            f"{wanted.where}.weights",
            f"{wanted.setting} beside it",
            "none",
            f"Set {wanted.setting}.",
        )
    if wanted.url is None:
        raise ConfigError(
            wanted.where,
            "a network with published weights",
            wanted.stem,
            f"Set init: scratch, or {wanted.setting} and weights.",
        )
    caches = os.getenv("XDG_CACHE_HOME", "~/.cache")
    home = Path(os.getenv("TORCH_HOME", f"{caches}/torch")).expanduser()
    return home / "hub" / "checkpoints" / wanted.url.rsplit("/", 1)[1]


def _fetch(wanted: Wanted, file: Path, fetch: bool) -> None:
    if not fetch:
        raise ConfigError(
            wanted.where,
            f"its weights at {file}",
            "no such file",
            f"Get {wanted.url} into that folder, or set {wanted.setting} to its folder.",
        )
    import torch

    LOG.info("downloading %s", wanted.url)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(
            str(wanted.url), str(file), hash_prefix=published_digits(wanted.url), progress=False
        )
    except (OSError, RuntimeError) as error:
        raise ConfigError(
            wanted.where,
            f"the weights {wanted.url}",
            f"no way to get them ({error})",
            f"Connect to the internet, or put the file into a folder and set {wanted.setting}.",
        ) from None


def read_weights(file: Path) -> Mapping[str, Any]:
    """The tensors of a state dict by name, on the CPU; no code in the file is run.

    Raises:
        StorageError: the file cannot be read as tensors.
    """
    import torch

    try:
        state: Mapping[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for a damaged or malicious file
        raise StorageError(
            file, "a state dict of tensors", str(error).splitlines()[0], "Fetch it again."
        ) from error
    return state


def load_weights(
    network: nn.Module, file: Path, rename: Callable[[str], str] | None = None
) -> None:
    """Load a state dict into a whole network: every name and shape must fit.

    Args:
        network: takes the weights.
        file: the state dict.
        rename: name of a tensor in the file -> its name in the network; none if they are equal.

    Raises:
        StorageError: as `read_weights`.
        DataError: names or shapes differ from the network's, or a number is not finite.
    """
    import torch

    state = read_weights(file)
    if rename is not None:
        state = {rename(name): tensor for name, tensor in state.items()}
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
