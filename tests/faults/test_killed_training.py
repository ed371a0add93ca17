"""A study killed in the middle of an epoch resumes to bit-identical weights."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import yaml

from tests.project import PROJECT, copy_conf, environment

NODE = "xray.train.train_arm__residual__0"


def train(conf: Path, kill_before: int) -> subprocess.CompletedProcess[bytes]:
    """Run up to the training of one chunk, killed before its nth update of this process."""
    script = Path(__file__).parent / "killed_training.py"
    return subprocess.run(
        [sys.executable, str(script), str(conf), NODE, str(kill_before)],
        cwd=PROJECT,
        env=environment(),
        capture_output=True,
        check=False,
    )


def make_conf(folder: Path) -> Path:
    """The environment test with a checkpoint after every update."""
    conf = copy_conf(folder)
    path = conf / "test" / "parameters_xray.yml"
    values = yaml.safe_load(path.read_text())
    values["xray"]["train"]["checkpoint_every"] = 1
    path.write_text(yaml.safe_dump(values))
    return conf


def weights_of(folder: Path) -> dict[str, bytes]:
    """Stored weights of the chunk by file name."""
    home = folder / "data" / "06_models" / "xray" / "residual" / "0" / "model"
    return {path.name: path.read_bytes() for path in home.rglob("*.safetensors")}


def test_a_study_killed_in_mid_epoch_resumes_to_the_same_bits(tmp_path: Path) -> None:
    """SIGKILL before the sixth update, and the same command again: the same files of weights."""
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    done = train(make_conf(unbroken), kill_before=1000)
    assert done.returncode == 0, done.stderr[-3000:]
    conf = make_conf(killed)
    assert train(conf, kill_before=6).returncode == -signal.SIGKILL
    assert weights_of(killed) == {}
    assert list((killed / "data" / "_checkpoints").rglob("*.checkpoint"))
    resumed = train(conf, kill_before=1000)
    assert resumed.returncode == 0, resumed.stderr[-3000:]
    assert b"goes on after update 5" in resumed.stdout
    assert weights_of(killed) == weights_of(unbroken) != {}
    assert not list((killed / "data" / "_checkpoints").rglob("*.checkpoint"))
