"""A study killed in the middle of an epoch resumes to bit-identical weights."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from tests.project import PROJECT, copy_conf, environment

XRAY = "xray.train.train_arm__residual__0"
MELODY = "melody.train.train_gan__augmented__0"


def train(conf: Path, node: str, kill_before: int) -> subprocess.CompletedProcess[bytes]:
    """Run up to the training of one chunk, killed before its nth update of this process."""
    script = Path(__file__).parent / "killed_training.py"
    return subprocess.run(
        [sys.executable, str(script), str(conf), node, str(kill_before)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        check=False,
    )


def make_conf(folder: Path, study: str) -> Path:
    """The environment test with a checkpoint after every update of a study."""
    conf = copy_conf(folder)
    path = conf / "test" / f"parameters_{study}.yml"
    values = yaml.safe_load(path.read_text())
    values[study]["train"]["checkpoint_every"] = 1
    path.write_text(yaml.safe_dump(values))
    return conf


def weights_of(folder: Path, chunk: str) -> dict[str, bytes]:
    """Stored weights of a chunk by file name."""
    home = folder / "data" / "06_models" / chunk / "model"
    return {path.name: path.read_bytes() for path in home.rglob("*.safetensors")}


def checkpoints_of(folder: Path) -> set[str]:
    """Names of what is kept of unfinished chunks."""
    files = (folder / "data" / "_checkpoints").rglob("*")
    return {path.name for path in files if path.is_file()}


def test_a_study_killed_in_mid_epoch_resumes_to_the_same_bits(tmp_path: Path) -> None:
    """SIGKILL before the sixth update, and the same command again: the same files of weights."""
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    done = train(make_conf(unbroken, "xray"), XRAY, kill_before=1000)
    assert done.returncode == 0, done.stderr[-3000:]
    conf = make_conf(killed, "xray")
    assert train(conf, XRAY, kill_before=6).returncode == -signal.SIGKILL
    assert weights_of(killed, "xray/residual/0") == {}
    assert any(name.endswith(".checkpoint") for name in checkpoints_of(killed))
    resumed = train(conf, XRAY, kill_before=1000)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert b"goes on after update 5" in resumed.stdout
    expected = weights_of(unbroken, "xray/residual/0")
    assert weights_of(killed, "xray/residual/0") == expected != {}
    assert checkpoints_of(killed) == set()


def test_a_killed_chunk_keeps_the_runs_it_had_finished(tmp_path: Path) -> None:
    """SIGKILL in the third of five GANs: two are taken up, the third goes on, all the same bits."""
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    done = train(make_conf(unbroken, "melody"), MELODY, kill_before=10_000)
    assert done.returncode == 0, done.stderr[-3000:]
    model = next((unbroken / "data" / "06_models" / "melody").rglob("description.json"))
    updates = json.loads(model.read_text())["updates"]
    conf = make_conf(killed, "melody")
    # Past a checkpoint of the third run, which is written after every update.
    assert train(conf, MELODY, kill_before=2 * updates + 3).returncode == -signal.SIGKILL
    kept = {"run_000.trained", "run_001.trained", "run_002.checkpoint"}
    assert checkpoints_of(killed) == kept
    resumed = train(conf, MELODY, kill_before=10_000)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert b"run_001: trained before" in resumed.stdout
    assert b"run_002: goes on after update 2" in resumed.stdout
    expected = weights_of(unbroken, "melody/augmented/0")
    assert weights_of(killed, "melody/augmented/0") == expected
    assert len(expected) == 5
    assert checkpoints_of(killed) == set()
