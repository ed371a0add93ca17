"""The data catalog through which everything is saved and loaded.

Saving builds a version in a staging folder beside its home, syncs and seals it, and renames it into
place in one step: a reader, or a run after a power cut, finds the whole version or none. Stock
Kedro writes in place, so that a killed save leaves a partial file that is the *latest* version.
Loading refuses whatever differs from its seal.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.framework.context.catalog_mixins import CatalogCommandsMixin
from kedro.io import AbstractVersionedDataset, DataCatalog

from fairtrial.core.errors import StorageError
from fairtrial.core.files import partial_path
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.seals import SEAL, check_seal, read_seal, write_seal
from fairtrial.storage.staging import publish


class TrialCatalog(DataCatalog, CatalogCommandsMixin):
    """A DataCatalog whose versions are atomic, sealed, and known to be fresh or stale.

    Attributes:
        fingerprints: dataset -> fingerprint of the recipe that this run would make it by.
        stale: datasets whose latest version was made by another recipe; they count as missing.
        loaded: dataset -> version, of what was loaded through this catalog.
        workspace: folder of the environment's outputs.
        started: when the running node began (monotonic seconds), for the seal of its outputs.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fingerprints: dict[str, str] = {}
        self.stale: set[str] = set()
        self.loaded: dict[str, str] = {}
        self.workspace = Path("data")
        self.started: float | None = None

    def versioned(self, ds_name: str) -> AbstractVersionedDataset | None:
        """The dataset of that name if it keeps versions."""
        dataset = self.get(ds_name)
        if isinstance(dataset, AbstractVersionedDataset) and dataset._version is not None:
            return dataset
        return None

    def latest(self, ds_name: str) -> Path | None:
        """Folder of the version that would be loaded, or none where nothing is stored.

        For raw items: the folder, if it was drawn by us (a user's own has no seal).
        """
        raw = self.get(ds_name)
        if isinstance(raw, RawFolderDataset):
            return raw.folder if (raw.folder / SEAL).is_file() else None
        dataset = self.versioned(ds_name)
        if dataset is None:
            return None
        # Another worker may have saved a newer version since the last look.
        dataset._clear_version_cache()
        if not dataset.exists():
            return None
        return Path(dataset._get_load_path()).parent

    def exists(self, ds_name: str) -> bool:
        """Whether a finished, fresh version is stored."""
        if ds_name in self.stale:
            return False
        if self.versioned(ds_name) is None:
            return bool(super().exists(ds_name))
        folder = self.latest(ds_name)
        return folder is not None and (folder / SEAL).is_file()

    def load(self, ds_name: str, version: str | None = None) -> Any:
        """Load a dataset after checking its files against their seal.

        Raises:
            StorageError: the version is unfinished or altered.
        """
        dataset = self.versioned(ds_name)
        if dataset is not None:
            dataset._clear_version_cache()
            chosen = version or dataset.resolve_load_version()
            folder = Path(dataset._get_versioned_path(str(chosen))).parent
            check_seal(folder)
            self._check_recipe(ds_name, folder)
            self.loaded[ds_name] = str(chosen)
        return super().load(ds_name, version)

    def _check_recipe(self, ds_name: str, folder: Path) -> None:
        """Refuse what another run has stored, by another recipe, since this one started."""
        expected = self.fingerprints.get(ds_name)
        found = (read_seal(folder) or {}).get("fingerprint")
        if expected is not None and found != expected:
            raise StorageError(
                folder,
                f"what this run's recipe makes ({expected[:12]})",
                f"the result of another one ({str(found)[:12]})",
                "Let one run at a time work on a study, then repeat this one.",
            )

    def save(self, ds_name: str, data: Any) -> None:
        """Save a dataset: staged, synced, sealed, renamed.

        A version of the same name (a retry under the same run id) is replaced as a whole.
        """
        dataset = self.versioned(ds_name)
        if dataset is None:
            raw = self.get(ds_name)
            if isinstance(raw, RawFolderDataset):
                raw.fingerprint = self.fingerprints.get(ds_name)
                raw.name = ds_name
            super().save(ds_name, data)
            self.stale.discard(ds_name)
            return
        home = Path(dataset._filepath)
        run_id = str(dataset.resolve_save_version())
        newest = max((path.name for path in home.glob("[!.]*")), default="")
        if newest > run_id:
            raise StorageError(
                home,
                f"no version newer than this run's {run_id}",
                newest,
                "Start a new run: what an older one saves would never be the latest version.",
            )
        staging = partial_path(home)
        original = dataset._filepath
        # Every versioned dataset derives its paths from _filepath; so it writes to the staging
        # folder without knowing, whatever its format.
        dataset._filepath = PurePosixPath(staging / home.name)
        try:
            try:
                super().save(ds_name, data)
            finally:
                dataset._filepath = original
                dataset._clear_version_cache()
            built = staging / home.name / run_id
            write_seal(
                built,
                dataset=ds_name,
                fingerprint=self.fingerprints.get(ds_name),
                run_id=run_id,
                seconds=None if self.started is None else time.monotonic() - self.started,
            )
            publish(built, home / run_id)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self.stale.discard(ds_name)

    def stored_fingerprint(self, ds_name: str) -> str | None:
        """Fingerprint in the seal of the version that would be loaded."""
        folder = self.latest(ds_name)
        if folder is None:
            return None
        try:
            seal = read_seal(folder)
        except StorageError:
            # A broken seal is no match, so the version is made anew; loading it would raise.
            return None
        return None if seal is None else seal["fingerprint"]
