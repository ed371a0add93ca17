"""The notebook runs from top to bottom, on outputs of its own, and is kept without outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.project import PROJECT, copy_conf

TOUR = PROJECT / "notebooks" / "tour.ipynb"


def read_tour() -> NotebookNode:
    return nbformat.read(TOUR, as_version=4)


def test_the_tour_is_kept_without_outputs() -> None:
    """What was computed on one machine has no place in a change of the notebook."""
    for cell in read_tour().cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_tour_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It loads a study, runs a stage with another parameter, and ends with the first verdict."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    tour = read_tour()
    (parameters,) = (cell for cell in tour.cells if "parameters" in cell.metadata.get("tags", []))
    parameters.source = f"STUDY, ENV, CONF = 'aggregates', 'test', {str(copy_conf(tmp_path))!r}"
    client = NotebookClient(
        tour, timeout=300, kernel_name="python3", resources={"metadata": {"path": TOUR.parent}}
    )
    client.execute()
    text = "".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for cell in tour.cells
        for output in cell.get("outputs", [])
    )
    assert "not shown to differ" in text
    assert "aggregates.verdict" in text
    verdicts = tmp_path / "data" / "07_model_output" / "aggregates" / "verdict.json"
    assert len(list(verdicts.iterdir())) == 3
