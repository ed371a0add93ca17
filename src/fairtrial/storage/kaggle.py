"""Raw items by the name of a Kaggle data set: downloaded once, then held to that version."""

from __future__ import annotations

import importlib
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.core.records import RawFolder
from fairtrial.storage.raw import RawFolderDataset
from fairtrial.storage.seals import write_beside_checksum

# What kagglehub raises: requests' errors are OSErrors.
_FAILURES = (OSError, ValueError, EOFError, zipfile.BadZipFile, tarfile.TarError)


class KaggleDataset(RawFolderDataset):
    """A Kaggle data set in the folder where kagglehub keeps what it has downloaded.

    Args:
        handle: ``OWNER/NAME``, or ``OWNER/NAME/versions/N``.
        record: JSON file that remembers the version and its folder, so that later runs need no
            connection and see the same pictures.
        cache: as in `RawFolderDataset`.
        metadata: for other tools.
    """

    def __init__(
        self, *, handle: str, record: str, cache: str | None = None, metadata: Any = None
    ) -> None:
        self._handle = handle
        self._record = Path(record)
        known = self._remembered()
        # Until it is fetched it stands nowhere; this name is never made.
        place = Path(known["folder"]) if known else self._record.with_suffix(".missing")
        super().__init__(filepath=str(place), cache=cache, metadata=metadata)

    def fetch(self) -> None:
        """Download the data set unless it is there; again if kagglehub's folder was emptied."""
        if self.exists():
            return
        known = self._remembered()
        folder = download(known["version"] if known else self._handle)
        version = f"{self._handle.partition('/versions/')[0]}/versions/{folder.name}"
        record = {"handle": self._handle, "version": version, "folder": str(folder)}
        write_beside_checksum(self._record, json.dumps(record, indent=1).encode() + b"\n")
        self._filepath = folder

    def load(self) -> RawFolder:
        self.fetch()
        return super().load()

    def require(self) -> None:
        """Raise ConfigError if it is not there and nothing is installed that could fetch it."""
        if not self.exists():
            check_extra(self._handle)

    def _remembered(self) -> dict[str, str]:
        """The record of this handle; nothing if there is none, or of another one."""
        if not self._record.is_file():
            return {}
        record: dict[str, str] = json.loads(self._record.read_bytes())
        return record if record["handle"] == self._handle else {}

    def _describe(self) -> dict[str, Any]:
        return {"handle": self._handle, **super()._describe()}


def check_extra(handle: str) -> Any:
    """The library that downloads; ConfigError if it is not installed."""
    try:
        return importlib.import_module("kagglehub")
    except ModuleNotFoundError:
        raise ConfigError(
            f"ingest.kaggle: {handle}",
            "the extra that downloads from Kaggle",
            "kagglehub is not installed",
            "Install it: pip install 'fairtrial[kaggle]', or download the data yourself and set "
            "ingest.root.",
        ) from None


def download(handle: str) -> Path:
    """Download a data set with the user's own credentials; returns its folder ``.../versions/N``.

    Raises:
        ConfigError: kagglehub is not installed.
        DataError: no connection, no permission, no such data set, or a damaged download.
    """
    kagglehub = check_extra(handle)
    errors = importlib.import_module("kagglehub.exceptions")
    own = (
        errors.BackendError,
        errors.CredentialError,
        errors.DataCorruptionError,
        errors.KaggleEnvironmentError,
        errors.NotFoundError,
        errors.UnauthenticatedError,
    )
    try:
        return Path(kagglehub.dataset_download(handle))
    except (*_FAILURES, *own) as error:
        raise DataError(
            f"https://www.kaggle.com/datasets/{handle}",
            "a data set that can be downloaded",
            _reason(error),
            "Look whether this machine reaches kaggle.com and whether ~/.kaggle/kaggle.json or "
            "KAGGLE_USERNAME and KAGGLE_KEY hold your credentials; or download it yourself, set "
            "ingest.root to its folder and ingest.kaggle to null. Other studies run without it: "
            "--namespaces=STUDY.",
        ) from error


def _reason(error: Exception) -> str:
    requests = importlib.import_module("requests")
    if isinstance(error, requests.ConnectionError | requests.Timeout):
        return f"no connection to it ({type(error).__name__})"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return f"no permission (HTTP {status}): no credentials, or none that Kaggle accepts"
    if status == 404:
        return "no data set of this name (HTTP 404)"
    if status is not None:
        return f"an answer that kagglehub cannot use (HTTP {status})"
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]:.200}"
