"""A small catalog on disk, as a run has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairtrial.storage.catalog import TrialCatalog


def make_catalog(workspace: Path, version: str) -> TrialCatalog:
    """A catalog of stock and own datasets that saves under ``version``."""
    entries = {
        "s.scores": {
            "type": "pandas.CSVDataset",
            "filepath": str(workspace / "07_model_output/s/scores.csv"),
            "versioned": True,
            "save_args": {"index": False},
        },
        "s.manifest": {
            "type": "pandas.ParquetDataset",
            "filepath": str(workspace / "02_intermediate/s/manifest.parquet"),
            "versioned": True,
        },
        "s.verdict": {
            "type": "json.JSONDataset",
            "filepath": str(workspace / "07_model_output/s/verdict.json"),
            "versioned": True,
            "save_args": {"allow_nan": False},
        },
        "s.page": {
            "type": "text.TextDataset",
            "filepath": str(workspace / "08_reporting/s/page.html"),
            "versioned": True,
        },
    }
    own = {
        "pack": "folders.ArraysDataset",
        "model": "folders.ModelsDataset",
        "figure": "folders.FilesDataset",
        "clips": "clips.ClipsDataset",
    }
    for name, kind in own.items():
        entries[f"s.{name}"] = {
            "type": f"fairtrial.storage.{kind}",
            "filepath": str(workspace / "03_primary/s" / name),
            "versioned": True,
        }
    catalog = TrialCatalog.from_config(entries, save_version=version)
    catalog.workspace = workspace
    return catalog


V1, V2, V3 = (f"2026-01-0{day}T00.00.00.000Z" for day in (1, 2, 3))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "data"
