"""A trained classifier as a folder of files, written once and read without running any of it.

``model.pt`` is a program of torch.export. ``torch.export.load`` runs pickles and expressions that
such a file may hold, so it is never called on a file from elsewhere: its weights are read as the
plain numbers that they are in the archive, and the network is built by the project's own registry.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load, save

from fairtrial.core.errors import DataError, StorageError
from fairtrial.core.hashing import sha256_bytes, sha256_json
from fairtrial.core.records import Files, Models
from fairtrial.images.networks import NETWORKS
from fairtrial.images.parameters import Ingest
from fairtrial.images.prediction.export import ONNX, PROGRAM, export_onnx, export_program
from fairtrial.images.prediction.trained import FORMAT, Trained
from fairtrial.images.trials.classifier import Classifier
from fairtrial.images.trials.predict import restore_classifier

CARD, REFERENCE = "model.json", "reference.safetensors"

# What the numbers of a prediction depend on beside the model.
_LIBRARIES = ("fairtrial", "numpy", "pillow", "torch", "torchvision")

# Names inside a program: `fairtrial.images.trials.classifier.Probabilities` holds the classifier.
_PREFIX = "classifier."
# Source: "PT2 Archive Spec", docs.pytorch.org; the archive's own name comes before it.
_WEIGHTS, _WEIGHTS_TABLE = "data/weights", "model_weights_config.json"


def export_trained(trained: Trained, onnx: bool) -> Files:
    """A trained classifier as files.

    Args:
        trained: the classifier with its card and reference.
        onnx: whether to add ``model.onnx``.

    Returns:
        ``model.pt``, ``reference.safetensors``, perhaps ``model.onnx``, and ``model.json``, which
        holds the SHA-256 of each and of itself.

    Raises:
        ConfigError, TrialError: as `export_program` and `export_onnx`.
    """
    channels, side = int(trained.card["channels"]), int(trained.card["image_side_px"])
    files: Files = {
        PROGRAM: export_program(trained.classifier, channels, side),
        REFERENCE: save({k: np.ascontiguousarray(v) for k, v in trained.reference.items()}),
    }
    if onnx:
        files[ONNX] = export_onnx(trained.classifier, channels, side)
    card = {
        **trained.card,
        "load": f"torch.export.load('{PROGRAM}').module()",
        "software": {name: version(name) for name in _LIBRARIES},
        "files": {name: sha256_bytes(content) for name, content in sorted(files.items())},
    }
    card["card_sha256"] = sha256_json(card)
    return {**files, CARD: json.dumps(card, indent=2, allow_nan=False).encode() + b"\n"}


def read_exported(place: Path) -> Trained:
    """Read a folder that `export_trained` filled, whole and unaltered; no code in it is run.

    Args:
        place: the folder, or one of its files.

    Raises:
        DataError: there is no such model, or its card is of another format.
        StorageError: a file is missing or altered.
        ConfigError: its network is not known here.
    """
    folder = place if place.is_dir() else place.parent
    if not place.exists() or not (folder / CARD).is_file():
        raise DataError(
            place,
            f"a folder with {PROGRAM} and {CARD}, or one of these files",
            f"no {CARD} there" if place.exists() else "nothing",
            "Name the folder of a model that fairtrial exported, with all its files.",
        )
    card = _read_card(folder / CARD)
    program, reference = (_read_file(folder / name, card) for name in (PROGRAM, REFERENCE))
    try:
        arrays = load(reference)
    except SafetensorError as error:
        raise StorageError(folder / REFERENCE, "arrays", error, "Copy it again.") from None
    return Trained(_rebuild(folder / PROGRAM, program, card), card, arrays)


def _read_card(path: Path) -> dict[str, Any]:
    try:
        card: dict[str, Any] = json.loads(path.read_bytes())
        rest = {key: value for key, value in card.items() if key != "card_sha256"}
        whole = card.get("card_sha256") == sha256_json(rest)
    except (ValueError, AttributeError):
        whole = False
    if not whole and '"card_sha256"' not in path.read_text(errors="replace"):
        raise DataError(
            path,
            f"a card of format {FORMAT}",
            "no such card",
            "Export the model again: run its study.",
        )
    if not whole:
        raise StorageError(path, "the card as written", "altered content", "Copy it again.")
    if card["format"] != FORMAT:
        raise DataError(
            path,
            f"a card of format {FORMAT}",
            f"format {card['format']}",
            "Use the version of fairtrial that exported the model.",
        )
    try:
        Ingest.model_validate(card["ingest"])
    except ValidationError as error:
        raise DataError(
            f"{path}: ingest",
            "parameters that this version knows",
            str(error.errors()[0]["loc"]),
            "Use the version of fairtrial that exported the model.",
        ) from None
    NETWORKS.check(card["network"], f"{path}: network")
    return card


def _read_file(path: Path, card: Mapping[str, Any]) -> bytes:
    if not path.is_file():
        raise StorageError(path, "the file that the card names", "no file", "Copy it too.")
    content = path.read_bytes()
    if sha256_bytes(content) != card["files"][path.name]:
        raise StorageError(
            path,
            f"SHA-256 {card['files'][path.name][:12]}... as in {CARD}",
            f"altered content ({sha256_bytes(content)[:12]}...)",
            "Copy the model again from where it was exported.",
        )
    return content


def _rebuild(path: Path, program: bytes, card: Mapping[str, Any]) -> Classifier:
    """The classifier of a card with the weights of its program."""
    # A base that was frozen in training has its weights in the program like any other.
    description = {**card, "init": "finetune", "channels_last": False}
    return restore_classifier(
        Models({card["block"]: _read_weights(path, program)}, description), card["block"], None
    )


def _read_weights(path: Path, program: bytes) -> dict[str, np.ndarray]:
    """Tensor name -> array, from the raw numbers in an archive of torch.export."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(program))
        (table,) = (n for n in archive.namelist() if n.endswith(f"{_WEIGHTS}/{_WEIGHTS_TABLE}"))
        _check_sizes([archive.getinfo(table)], len(program))
        entries = json.loads(archive.read(table))["config"]
        home = table.removesuffix(_WEIGHTS_TABLE)
        places = {
            name: archive.getinfo(home + entry["path_name"]) for name, entry in entries.items()
        }
        _check_sizes(places.values(), len(program))
        return {
            name.removeprefix(_PREFIX): _read_tensor(archive, places[name], entry)
            for name, entry in entries.items()
        }
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            path,
            "an archive of torch.export with plain weights",
            f"another layout ({error})",
            "Use the version of torch that exported the model (software in model.json).",
        ) from None


def _check_sizes(members: Iterable[zipfile.ZipInfo], largest: int) -> None:
    """Refuse members that together unpack to more bytes than the archive has.

    torch compresses none; others could take any memory.

    Raises:
        ValueError: they do, by their headers.
    """
    total = sum(member.file_size for member in members)
    if total > largest:
        raise ValueError(f"{total} bytes out of an archive of {largest}")


def _read_tensor(
    archive: zipfile.ZipFile, place: zipfile.ZipInfo, entry: Mapping[str, Any]
) -> np.ndarray:
    """One tensor, stored row by row. Raises ValueError for any other layout or size."""
    if entry["use_pickle"]:
        raise ValueError("a pickled tensor")
    meta = entry["tensor_meta"]
    shape = [int(size["as_int"]) for size in meta["sizes"]]
    # Counters of batches are the only whole numbers among the weights of a network.
    kind = np.dtype(np.float32 if shape or place.file_size == 4 else np.int64)
    expected = kind.itemsize * math.prod(shape)
    if place.file_size != expected:
        raise ValueError(f"a tensor of {place.file_size} bytes in place of {expected}")
    strides = [int(step["as_int"]) for step in meta["strides"]]
    plain = np.empty(shape, kind).strides
    moved = [
        n
        for n, step, size in zip(shape, strides, plain, strict=True)
        if n > 1 and step * kind.itemsize != size
    ]
    if moved or meta["storage_offset"]["as_int"]:
        raise ValueError("a tensor that is not stored row by row")
    return np.frombuffer(archive.read(place), kind).reshape(shape)
