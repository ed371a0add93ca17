"""The command ``fairtrial``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fairtrial.cli import cli
from tests.project import copy_conf, run_project

ONE = ("--only-missing-outputs", "--namespaces=aggregates")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished study."""
    folder = tmp_path_factory.mktemp("cli")
    run_project(copy_conf(folder), *ONE)
    return folder


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "-e", "test", f"--conf-source={folder / 'conf'}"])


def test_verify_names_the_one_file_with_a_flipped_bit(folder: Path) -> None:
    """A sound workspace passes; one bit anywhere is found, named, and told how to mend."""
    assert call(folder, "verify").exit_code == 0
    files = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    assert {"seal.json", "index.html", "run.json"} <= {path.name for path in files}
    for path in files:
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        result = call(folder, "verify")
        path.write_bytes(whole)
        assert result.exit_code == 1
        assert result.output.count("ALTERED") == 1
        assert str(path).removesuffix(".sha256") in result.output
    assert call(folder, "verify").exit_code == 0


def test_plan_tells_what_a_run_would_do(folder: Path) -> None:
    """Nothing for the finished study; nodes and trials for those that have not run."""
    result = call(folder, "plan")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    done = next(line for line in lines if line.startswith("aggregates:"))
    todo = next(line for line in lines if line.startswith("xray:"))
    assert done.startswith("aggregates: 0 of ")
    assert ", trials rehearsed (" in todo
    assert not todo.startswith("xray: 0 of ")
    assert "GB free" in lines[-1]


def test_prune_keeps_the_newest_versions(folder: Path) -> None:
    """Old versions go, what is loaded stays, and nothing runs again for it."""
    run_project(folder / "conf", "--namespaces=aggregates")
    home = folder / "data" / "07_model_output" / "aggregates" / "scores.csv"
    newest = max(path.name for path in home.iterdir())
    assert len(list(home.iterdir())) == 2
    result = call(folder, "prune", "--keep=1")
    assert result.exit_code == 0
    assert [path.name for path in home.iterdir()] == [newest]
    assert "aggregates: 0 of " in call(folder, "plan").output
    assert call(folder, "verify").exit_code == 0


def test_schema_writes_files_for_editors(tmp_path: Path) -> None:
    """Every schema is JSON with the keys of its file."""
    result = CliRunner().invoke(cli, ["schema", "--folder", str(tmp_path)])
    assert result.exit_code == 0
    studies = json.loads((tmp_path / "studies.schema.json").read_text())
    assert "kind" in studies["additionalProperties"]["properties"]


def test_an_error_is_one_message(tmp_path: Path) -> None:
    """A configuration that is not there ends in one line and exit code 1."""
    conf = copy_conf(tmp_path)
    (conf / "base" / "studies.yml").write_text("tank: 3\n")
    result = call(tmp_path, "plan")
    assert result.exit_code == 1
    assert "studies.yml: tank: expected a mapping, found 3" in result.output
