"""Where pretrained weights of feature extractors lie; they are never fetched silently."""

from __future__ import annotations

from pathlib import Path

from fairtrial.training import weights as tool

FILES = {"inception": "inception_v3_google-0cc3c7bd.pth"}


def find_weights(extractor: str, weights_dir: str | None) -> Path:
    """File of an extractor's weights.

    Args:
        extractor: a name in `FILES`.
        weights_dir: folder to look in; torch's own cache where none is given.

    Raises:
        ConfigError: the file is not there.
        StorageError: the cached file is not what was published.
    """
    name = FILES[extractor]
    wanted = tool.Wanted(
        "evaluate.extractors",
        name.rsplit("-", 1)[0],
        f"https://download.pytorch.org/models/{name}",
        weights_dir,
        "evaluate.weights_dir",
    )
    return tool.find_weights(wanted, fetch=False)
