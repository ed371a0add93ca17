"""Trained models by name: the best of a study, one trial of it, or exported files anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairtrial.core.errors import ConfigError, DataError, StorageError
from fairtrial.core.records import RawFolder
from fairtrial.core.study import Study
from fairtrial.storage.archives import is_archive
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.seals import SEAL, check_seal

if TYPE_CHECKING:
    from fairtrial.images.prediction.trained import Trained

_BEST = "model__best"


def open_files(place: Path) -> Trained:
    """The model in exported files; arguments and Raises as `images.exported.read_exported`."""
    from fairtrial.images.prediction.exported import read_exported

    return read_exported(place)


def open_best(study: Study, catalog: TrialCatalog, version: str | None) -> Trained:
    """The best model of a study, as it was exported.

    Args:
        study: a study of pictures.
        catalog: where its results are.
        version: which version of it; the newest if none.

    Raises:
        StorageError: it is not there, unfinished or altered.
    """
    from fairtrial.images.prediction.exported import read_exported

    name = f"{study.name}.{_BEST}"
    dataset = catalog.versioned(name)
    if dataset is None:
        raise StorageError(name, "an entry of the catalog", "none", "Restore catalog.yml.")
    home = Path(dataset._filepath)
    versions = sorted(path.name for path in home.glob("[!.]*") if (path / SEAL).is_file())
    if not versions or (version is not None and version not in versions):
        raise StorageError(
            home,
            f"the version {version}" if version else "a trained model",
            "none of that name" if versions else "none",
            f"Versions: {', '.join(versions)}." if versions else f"Run the study {study.name}.",
        )
    folder = home / (version or versions[-1]) / home.name
    check_seal(folder.parent)
    return read_exported(folder)


def open_trial(
    study: Study, groups: Mapping[str, Any], arm: str, block: str, catalog: TrialCatalog
) -> Trained:
    """One trained trial of a study, put together from what is stored of the study.

    Args:
        study: a study of pictures.
        groups: its parameters.
        arm: one of its arms.
        block: one of its blocks.
        catalog: where its results are.

    Raises:
        ConfigError: there is no such arm or block, or weights of a frozen base are gone.
        StorageError: something of it is not stored, made by another recipe, or altered.
        TrialError: the trial did not end well.
    """
    from fairtrial.images.prediction.trained import Origin, describe_trained, find_trial

    blocks = {block: chunk for chunk, names in study.chunks().items() for block in names}
    if arm not in study.arms or block not in blocks:
        raise ConfigError(
            f"{study.name}:{arm}:{block}",
            "an arm and a block of the study",
            "another name",
            f"Arms: {', '.join(study.arms)}. Blocks: {', '.join(blocks)}.",
        )
    names = [f"model__{arm}__{blocks[block]}", "pack", "manifest", "splits", "ingest_report"]
    for name in (f"{study.name}.{name}" for name in names):
        stored = catalog.latest(name) is not None
        if not stored or name in catalog.stale:
            raise StorageError(
                name,
                "what the parameters of now make",
                "what others made" if stored else "nothing stored",
                f"Run the study: kedro run --namespaces={study.name}.",
            )
    models, pack, manifest, splits, report = (
        catalog.load(f"{study.name}.{name}") for name in names
    )
    found, weights = find_trial([models], arm, block, groups["train"].weights_dir)
    origin = Origin(
        pack, manifest, splits, groups["ingest"], groups["evaluate"], report["synthetic"]
    )
    return describe_trained(found, block, weights, origin)


def open_pictures(place: Path) -> RawFolder:
    """A file, a folder or an archive of pictures, listed.

    Raises:
        DataError: there is nothing, or an archive is damaged or unsafe.
    """
    if not place.exists():
        raise DataError(place, "a picture, a folder or an archive", "nothing", "Mend the name.")
    if place.is_file() and not is_archive(place):
        return RawFolderDataset(filepath=str(place.parent), pattern=place.name).load()
    return RawFolderDataset(filepath=str(place), drawn=(place / SEAL).is_file()).load()
