"""The DAGs that `make airflow` writes: one a study, one task a node, runnable twice."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from fairtrial.session import RUN_ID_VARIABLE, given_run_id
from tests.project import PROJECT, copy_conf, environment, latest
from tests.test_wiring import project

STUDY = "aggregates"


def write_dags(folder: Path, conf: Path) -> Path:
    """What `make airflow ENV=test` runs, into ``folder``."""
    subprocess.run(
        [
            *(sys.executable, "-m", "kedro", "airflow", "create", "--env=test"),
            f"--target-dir={folder}",
            f"--jinja-file={PROJECT / 'conf' / 'airflow_dag.py.j2'}",
            f"--conf-source={conf}",
            f"--params=project={PROJECT}",
        ],
        cwd=PROJECT,
        env=environment(),
        check=True,
        capture_output=True,
    )
    (dag,) = folder.glob("*.py")
    return dag


@pytest.fixture(scope="module")
def dag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dags")
    return write_dags(folder / "dags", copy_conf(folder))


def constant(tree: ast.Module, name: str) -> Any:
    """Value of a literal that is assigned at the top of a module."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return ast.literal_eval(node.value)
    raise KeyError(name)


def test_a_dag_holds_every_node_of_its_study_behind_what_it_waits_for(dag: Path) -> None:
    """Tasks and arrows are those of the pipelines of the environment, none more, none less."""
    written = constant(ast.parse(dag.read_text()), "STUDIES")
    built = project("test")
    everything = built.pipelines["__default__"]
    assert set(written) == set(built.plans)
    for study, nodes in written.items():
        expected = {
            node.name: {parent.name for parent in parents if parent.name.startswith(f"{study}.")}
            for node, parents in everything.node_dependencies.items()
            if node.name.startswith(f"{study}.")
        }
        assert {name: set(earlier) for name, earlier in nodes.items()} == expected


def test_the_run_id_of_a_dag_run_is_one_of_ours(dag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tasks of a DAG run share one id, in the form by which versions sort."""
    (template,) = (
        node.value
        for node in ast.walk(ast.parse(dag.read_text()))
        if isinstance(node, ast.Constant) and "run_after" in str(node.value)
    )
    moment = datetime(2026, 1, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    run_id = jinja2.Template(template).render(dag_run=SimpleNamespace(run_after=moment))
    monkeypatch.setenv(RUN_ID_VARIABLE, run_id)
    assert given_run_id() == "2026-01-31T23.59.59.999Z"


def test_a_real_airflow_runs_a_study_and_the_second_time_nothing(tmp_path: Path) -> None:
    """`airflow dags test` twice: the first run stores every output, the second none."""
    airflow = os.environ.get("FAIRTRIAL_AIRFLOW")
    if not airflow:
        pytest.skip("no Airflow: set FAIRTRIAL_AIRFLOW to the airflow command of its environment")
    conf = copy_conf(tmp_path)
    dags = write_dags(tmp_path / "dags", conf).parent
    home = {
        **environment(),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    subprocess.run([airflow, "db", "migrate"], env=home, check=True, capture_output=True)
    verdict = tmp_path / "data" / "07_model_output" / STUDY / "verdict.json"
    runs = []
    for _ in range(2):
        command = [airflow, "dags", "test", f"fairtrial_test_{STUDY}"]
        done = subprocess.run(
            command, env=home, check=False, capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        runs.append(sorted(path.relative_to(tmp_path / "data") for path in seals(tmp_path)))
    assert latest(verdict).is_file()
    assert runs[0] == runs[1]
    versions = {path.parent.name for path in runs[0]}
    assert len(versions) == 1


def seals(folder: Path) -> list[Path]:
    """Seals of all stored versions of the study."""
    from fairtrial.storage.seals import SEAL

    return list((folder / "data").glob(f"0[2-8]_*/{STUDY}/**/{SEAL}"))
