"""What is stored of a study just now: a dataset that is only ever read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset

from fairtrial.core.errors import StorageError
from fairtrial.storage.seals import read_seal, sealed_folders


class LineageDataset(AbstractDataset[None, dict[str, dict[str, str]]]):
    """Latest sealed version of every dataset of one study.

    Args:
        filepath: the workspace, which holds 01_raw ... 08_reporting; Kedro makes a key of this
            name independent of the current folder.
        study: its namespace.

    ``load`` returns dataset -> {version, sha256 (of the list of files), fingerprint}.
    """

    def __init__(self, *, filepath: str, study: str, metadata: Any = None) -> None:
        self._workspace = Path(filepath)
        self._study = study
        self.metadata = metadata

    def load(self) -> dict[str, dict[str, str]]:
        return stored_versions(self._workspace, self._study)

    def save(self, data: None) -> NoReturn:
        raise StorageError(self._study, "a lineage that is read", "a save", "Do not output it.")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"workspace": str(self._workspace), "study": self._study}


def stored_versions(workspace: Path, study: str) -> dict[str, dict[str, str]]:
    """dataset -> its latest sealed version, of one study, sorted by name."""
    from fairtrial.core.hashing import sha256_json

    found: dict[str, dict[str, str]] = {}
    for folder in sealed_folders(workspace, study):
        try:
            seal = read_seal(folder) or {}
        except StorageError:
            continue  # ``fairtrial verify`` names it, and loading it is refused
        name = str(seal.get("dataset", ""))
        if not name.startswith(f"{study}."):
            continue
        version = str(seal["run_id"])
        if name not in found or version > found[name]["version"]:
            found[name] = {
                "version": version,
                "sha256": sha256_json(seal["files"]),
                "fingerprint": seal["fingerprint"] or "",
            }
    return dict(sorted(found.items()))
