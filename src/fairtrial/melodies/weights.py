"""Where pretrained weights of feature extractors lie; they are never fetched silently."""

from __future__ import annotations

import os
from pathlib import Path

from fairtrial.core.errors import ConfigError

FILES = {"inception": "inception_v3_google-0cc3c7bd.pth"}


def find_weights(extractor: str, weights_dir: str | None) -> Path:
    """File of an extractor's weights.

    Args:
        extractor: a name in `FILES`.
        weights_dir: folder to look in; torch's own cache where none is given.

    Raises:
        ConfigError: the file is not there.
    """
    if weights_dir is None:
        cache = Path(os.getenv("TORCH_HOME", Path.home() / ".cache" / "torch"))
        folder = cache / "hub" / "checkpoints"
    else:
        folder = Path(weights_dir).expanduser()
    path = folder / FILES[extractor]
    if not path.is_file():
        raise ConfigError(
            "evaluate.extractors",
            f"the weights of {extractor} at {path}",
            "no such file",
            f"Get https://download.pytorch.org/models/{path.name} into that folder, set "
            f"evaluate.weights_dir to its folder, or leave {extractor} out.",
        )
    return path
