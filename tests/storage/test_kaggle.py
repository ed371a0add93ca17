"""A Kaggle data set, from a stand-in of kaggle.com that is served on this machine."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from fairtrial.core.errors import ConfigError, DataError
from fairtrial.storage.kaggle import KaggleDataset
from tests.images.support import png
from tests.project import PROJECT, add_yaml, command, copy_conf, environment

HANDLE = "owner/fish"


class StandIn(ThreadingHTTPServer):
    """Answers the two questions that kagglehub asks of kaggle.com.

    Attributes:
        status: what it answers with; 200 with the data set.
        asked: the questions so far.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.status, self.version = 200, 3
        self.asked: list[str] = []


class Answers(BaseHTTPRequestHandler):
    """One connection to the stand-in."""

    server: StandIn

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        if self.server.status != 200:
            content = json.dumps({"code": self.server.status, "message": "no"}).encode()
        elif name == "GetDataset":
            content = json.dumps({"id": 1, "currentVersionNumber": self.server.version}).encode()
        else:
            assert question["datasetSlug"] == "fish"
            content = archive(question["datasetVersionNumber"])
        kind = "zip" if name == "DownloadDataset" and self.server.status == 200 else "json"
        self.send_response(self.server.status)
        self.send_header("Content-Type", f"application/{kind}")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """A test is silent."""


def archive(version: int) -> bytes:
    """The data set of one version."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in ("Fish/a/1.png", "Fish/b/1.png"):
            packed.writestr(name, f"{name} of version {version}")
        for number in range(16):
            pixels = np.random.default_rng(number).integers(0, 256, (16, 16), dtype=np.uint8)
            packed.writestr(f"Fish/{'ab'[number % 2]}/p{number}.png", png(pixels))
    return buffer.getvalue()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in in the place of kaggle.com, an empty cache and no credentials."""
    from kagglesdk import kaggle_env

    with StandIn() as stand_in:
        threading.Thread(target=stand_in.serve_forever, daemon=True).start()
        endpoint = {kaggle_env.KaggleEnv.LOCAL: f"http://127.0.0.1:{stand_in.server_port}"}
        monkeypatch.setattr(kaggle_env, "_env_to_endpoint", endpoint)
        monkeypatch.setenv("KAGGLE_API_ENVIRONMENT", "LOCALHOST")
        monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kagglehub"))
        monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "nobody"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield stand_in
        stand_in.shutdown()


def dataset(folder: Path, handle: str = HANDLE) -> KaggleDataset:
    """As a run opens it."""
    return KaggleDataset(
        handle=handle, record=str(folder / "fish_kaggle.json"), cache=str(folder / "raw.json")
    )


def test_a_data_set_is_downloaded_once(server: StandIn, tmp_path: Path) -> None:
    """The first run downloads; later ones neither ask nor see a newer version."""
    first = dataset(tmp_path)
    first.require()
    assert not first.exists()
    first.fetch()
    raw = first.load()
    assert raw.read("Fish/a/1.png") == b"Fish/a/1.png of version 3"
    asked = list(server.asked)
    assert asked == ["GetDataset", "DownloadDataset"]
    server.version = 4
    again = dataset(tmp_path)
    assert again.exists()
    assert again.load().files.equals(raw.files)
    assert server.asked == asked


def test_an_emptied_cache_is_filled_with_the_same_version(server: StandIn, tmp_path: Path) -> None:
    """A study stays on the version that it has seen, though a newer one is there."""
    first = dataset(tmp_path)
    first.fetch()
    first.folder.rename(tmp_path / "gone")
    server.version = 4
    assert dataset(tmp_path).load().read("Fish/a/1.png") == b"Fish/a/1.png of version 3"
    newer = dataset(tmp_path, f"{HANDLE}/versions/4")
    assert newer.load().read("Fish/a/1.png") == b"Fish/a/1.png of version 4"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, r"no permission \(HTTP 401\): no credentials, or none that Kaggle accepts"),
        (403, r"no permission \(HTTP 403\)"),
        (404, r"no data set of this name \(HTTP 404\)"),
        (500, r"an answer that kagglehub cannot use \(HTTP 500\)"),
    ],
)
def test_a_refusal_is_one_message(
    server: StandIn, tmp_path: Path, status: int, reason: str
) -> None:
    """It says why, where credentials belong, and what can be done without them."""
    server.status = status
    with pytest.raises(DataError, match=reason) as caught:
        dataset(tmp_path).fetch()
    assert "~/.kaggle/kaggle.json" in str(caught.value)
    assert "set ingest.root" in str(caught.value)
    assert not (tmp_path / "fish_kaggle.json").exists()


def test_no_connection_is_one_message(server: StandIn, tmp_path: Path) -> None:
    """A machine without internet is told so at once."""
    server.shutdown()
    server.server_close()
    with pytest.raises(DataError, match="found no connection to it .*Look whether this machine"):
        dataset(tmp_path).fetch()


def test_without_the_extra_one_message_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kagglehub is asked for before a study starts."""
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(ConfigError, match=r"pip install 'fairtrial\[kaggle\]'"):
        dataset(tmp_path).require()


# As `kedro run`, with the stand-in in the place of kaggle.com.
RUN = """
import sys
from kagglesdk import kaggle_env
kaggle_env._env_to_endpoint = {kaggle_env.KaggleEnv.LOCAL: sys.argv.pop(1)}
from kedro.framework.cli import main
main()
"""


def test_a_run_fetches_before_it_asks_what_is_fresh(server: StandIn, tmp_path: Path) -> None:
    """Fingerprints are of the pictures and not of their absence: a second run finds all fresh."""
    conf = copy_conf(tmp_path)
    arms = {name: {"network": "residual"} for name in ("one", "other")}
    study = {"kind": "images", "arms": list(arms), "blocks": {"folds": 2}, "design": "blocked"}
    add_yaml(conf / "test" / "studies.yml", {"fishes": {**study, "primary_metric": "accuracy"}})
    values = {
        "ingest": {"kaggle": HANDLE, "image_side_px": 32},
        **{group: {} for group in ("split", "augment", "train", "evaluate")},
        "arms": arms,
    }
    add_yaml(conf / "test" / "parameters_fishes.yml", {"fishes": values})
    arguments = command(conf, "--pipelines=ingest", "--namespaces=fishes", "--only-missing-outputs")

    def run() -> int:
        endpoint = f"http://127.0.0.1:{server.server_port}"
        done = subprocess.run(
            [sys.executable, "-c", RUN, endpoint, *arguments[3:]],
            cwd=PROJECT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return len(list((tmp_path / "data").glob("02_intermediate/fishes/manifest.parquet/*")))

    assert run() == 1
    server.version = 4
    assert run() == 1
    assert server.asked == ["GetDataset", "DownloadDataset"]
