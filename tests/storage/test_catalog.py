"""Versions that are whole, sealed and latest, or are not there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError

from fairtrial.core.errors import StorageError
from fairtrial.core.files import partial_path
from fairtrial.core.records import Arrays, ArrayStream, Models
from fairtrial.storage.catalog import TrialCatalog
from fairtrial.storage.seals import faults, sealed_folders
from fairtrial.storage.staging import remove_leftovers
from tests.storage.conftest import V1, V2, V3, make_catalog

TABLE = pd.DataFrame({"arm": ["a", "b"], "value": [0.1, 1 / 3]})
CONTENT: dict[str, Any] = {
    "s.scores": TABLE,
    "s.manifest": TABLE,
    "s.verdict": {"best": "a"},
    "s.page": "<p>page</p>",
    "s.pack": Arrays({"pixels": np.arange(12, dtype="uint8").reshape(3, 4)}, {"side": 4}),
    "s.model": Models({"fold_0": {"w": np.ones((2, 2), "float32")}}, {"network": "n"}),
    "s.figure": {"figure.svg": b"<svg/>", "more/data.csv": b"a\n1\n"},
}


def test_every_dataset_comes_back_as_it_was_saved(workspace: Path) -> None:
    """A save and a load are the identity for stock datasets and for ours."""
    catalog = make_catalog(workspace, V1)
    for name, content in CONTENT.items():
        catalog.save(name, content)
    fresh = make_catalog(workspace, V2)
    pd.testing.assert_frame_equal(fresh.load("s.scores"), TABLE)
    pd.testing.assert_frame_equal(fresh.load("s.manifest"), TABLE)
    assert fresh.load("s.verdict") == CONTENT["s.verdict"]
    assert fresh.load("s.page") == CONTENT["s.page"]
    assert fresh.load("s.figure") == CONTENT["s.figure"]
    pack = fresh.load("s.pack")
    assert isinstance(pack["pixels"], np.memmap)
    np.testing.assert_array_equal(pack["pixels"], CONTENT["s.pack"]["pixels"])
    assert pack.description == {"side": 4}
    model = fresh.load("s.model")
    np.testing.assert_array_equal(model.states["fold_0"]["w"], np.ones((2, 2)))


def test_a_stream_of_batches_is_one_array(workspace: Path) -> None:
    """An array given in batches is stored whole, whatever the number of rows."""
    catalog = make_catalog(workspace, V1)
    batches = (np.full((7, 3, 2), index % 250, "uint8") for index in range(2000))
    catalog.save("s.pack", Arrays({"pixels": ArrayStream(batches, (3, 2), "uint8")}))
    pixels = catalog.load("s.pack")["pixels"]
    assert pixels.shape == (14000, 3, 2)
    assert pixels[7 * 249 + 3, 0, 0] == 249


def test_the_latest_version_is_loaded_and_older_ones_stay(workspace: Path) -> None:
    """A second run adds a version; the first can still be asked for."""
    make_catalog(workspace, V1).save("s.page", "one")
    make_catalog(workspace, V2).save("s.page", "two")
    catalog = make_catalog(workspace, V3)
    assert catalog.load("s.page") == "two"
    assert catalog.load("s.page", version=V1) == "one"


def test_a_worker_sees_what_another_saved_after_its_start(workspace: Path) -> None:
    """A catalog that has looked before does not go on with the older version."""
    make_catalog(workspace, V1).save("s.page", "one")
    early, other = make_catalog(workspace, V2), make_catalog(workspace, V2)
    assert early.exists("s.page")
    other.save("s.page", "two")
    assert early.load("s.page") == "two"


def test_a_retry_under_the_same_run_id_replaces_the_version(workspace: Path) -> None:
    """An orchestrator's retry saves again under the id it was given."""
    make_catalog(workspace, V1).save("s.page", "one")
    make_catalog(workspace, V1).save("s.page", "again")
    assert make_catalog(workspace, V1).load("s.page") == "again"
    assert not list(workspace.rglob("*.partial-*"))


def test_a_failed_save_leaves_nothing(workspace: Path) -> None:
    """NaN in a verdict is refused, and the version before it stays the latest."""
    make_catalog(workspace, V1).save("s.verdict", {"p": 1.0})
    catalog = make_catalog(workspace, V2)
    with pytest.raises(DatasetError, match="JSON compliant"):
        catalog.save("s.verdict", {"p": float("nan")})
    assert catalog.load("s.verdict") == {"p": 1.0}
    assert not list(workspace.rglob("*.partial-*"))


@pytest.mark.parametrize("name", sorted(CONTENT))
def test_a_flipped_bit_is_named_and_refused(workspace: Path, name: str) -> None:
    """Any file of any version that differs from its seal is found, and is not loaded."""
    catalog = make_catalog(workspace, V1)
    catalog.save(name, CONTENT[name])
    (folder,) = sealed_folders(workspace)
    for path in [path for path in folder.rglob("*") if path.is_file() and path.name != "seal.json"]:
        whole = path.read_bytes()
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        with pytest.raises(StorageError, match="as sealed, found altered content") as caught:
            make_catalog(workspace, V2).load(name)
        assert str(path) in str(caught.value)
        path.write_bytes(whole)
    assert list(faults(folder, fresh=True)) == []


def test_truncated_missing_and_added_files_are_refused(workspace: Path) -> None:
    """A version is loaded with exactly the files it was sealed with."""
    catalog = make_catalog(workspace, V1)
    catalog.save("s.figure", CONTENT["s.figure"])
    (folder,) = sealed_folders(workspace)
    path = folder / "figure" / "figure.svg"
    path.write_bytes(b"<sv")
    assert "3 bytes" in str(next(faults(folder)))
    path.unlink()
    assert "no file" in str(next(faults(folder)))
    path.write_bytes(b"<svg/>")
    (folder / "figure" / "stale.svg").write_bytes(b"old")
    with pytest.raises(StorageError, match="only the sealed files"):
        make_catalog(workspace, V2).load("s.figure")


def test_a_version_without_a_seal_is_no_version(workspace: Path) -> None:
    """What no finished save of ours wrote counts as missing and is refused when loaded."""
    folder = workspace / "08_reporting/s/page.html" / V1
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("half a pa")
    catalog = make_catalog(workspace, V2)
    assert not catalog.exists("s.page")
    with pytest.raises(StorageError, match="a seal"):
        catalog.load("s.page")


def test_stale_outputs_count_as_missing_until_saved(workspace: Path) -> None:
    """A dataset made by another recipe does not exist for ``--only-missing-outputs``."""
    catalog: TrialCatalog = make_catalog(workspace, V1)
    catalog.fingerprints = {"s.page": "old"}
    catalog.save("s.page", "one")
    assert catalog.exists("s.page")
    assert catalog.stored_fingerprint("s.page") == "old"
    catalog.stale = {"s.page"}
    assert not catalog.exists("s.page")
    catalog.save("s.page", "two")
    assert catalog.exists("s.page")


def test_a_file_name_that_leaves_its_folder_is_refused(workspace: Path) -> None:
    """`Files` cannot write outside their version."""
    catalog = make_catalog(workspace, V1)
    for name in ("../x", "/tmp/x", "a/../../x"):
        with pytest.raises(Exception, match="a path inside the folder"):
            catalog.save("s.figure", {name: b""})


def test_an_older_run_cannot_save_below_a_newer_one(workspace: Path) -> None:
    """What a run with an older id saves would never be loaded, so it is refused."""
    make_catalog(workspace, V2).save("s.page", "two")
    with pytest.raises(StorageError, match="no version newer than this run's"):
        make_catalog(workspace, V1).save("s.page", "one")
    assert make_catalog(workspace, V3).load("s.page") == "two"


def test_what_another_run_stored_meanwhile_is_not_taken_for_ours(workspace: Path) -> None:
    """Two runs with other parameters at a time end in an error, never in a mixed result."""
    ours, other = make_catalog(workspace, V1), make_catalog(workspace, V2)
    ours.fingerprints = {"s.page": "our recipe"}
    other.fingerprints = {"s.page": "another recipe"}
    ours.save("s.page", "ours")
    assert ours.load("s.page") == "ours"
    other.save("s.page", "theirs")
    with pytest.raises(StorageError, match="the result of another one"):
        ours.load("s.page")


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(workspace: Path) -> None:
    """Staging of a killed process of this machine is removed, and nothing else is."""
    layer = workspace / "08_reporting" / "s"
    mine = partial_path(layer / "page.html")
    dead = mine.with_name(mine.name.replace(f"-{os.getpid()}-", "-4194999-"))
    away = dead.with_name(dead.name.replace(socket.gethostname(), "elsewhere"))
    for path in (mine, dead, away):
        path.mkdir(parents=True)
    assert remove_leftovers(workspace) == 1
    assert not dead.exists()
    assert mine.exists()
    assert away.exists()


def test_leftovers_of_a_killed_child_go_before_it_is_waited_for(workspace: Path) -> None:
    """A killed worker whose parent died too is dead, although its process id still answers."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    path = workspace / "08_reporting" / f".x.partial-{child.pid}-ab-{socket.gethostname()}"
    path.mkdir(parents=True)
    assert remove_leftovers(workspace) == 0
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and left as a zombie
    assert remove_leftovers(workspace) == 1
    child.wait()
