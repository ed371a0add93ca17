"""Whole studies of every kind, run as a user runs them, on small embedded samples."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from fairtrial.core.errors import StorageError
from fairtrial.core.hashing import sha256_file
from fairtrial.storage.seals import check_seal, faults
from fairtrial.storage.verify import verify_workspace
from tests.project import add_yaml, copy_conf, latest, run_project, scores_of

SPREAD = "--runner=fairtrial.storage.runner.SpawnRunner"
RESUME = "--only-missing-outputs"
KINDS = {"xray": "images", "melody": "melodies", "aggregates": "problems", "published": "scores"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with conf/ and data/ in which every study of conf/test has run."""
    folder = tmp_path_factory.mktemp("finished")
    run_project(copy_conf(folder), SPREAD, RESUME)
    return folder


@pytest.fixture
def workplace(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished studies that a test may change."""
    shutil.copytree(finished / "data", tmp_path / "data")
    copy_conf(tmp_path)
    return tmp_path


def verdict(folder: Path, study: str) -> dict[str, Any]:
    home = folder / "data" / "07_model_output" / study / "verdict.json"
    return json.loads(latest(home).read_text())


def studies_of(folder: Path) -> dict[str, Any]:
    """Structure of the studies of conf/test, with what they inherit from base."""
    base, test = (
        yaml.safe_load((folder / "conf" / env / "studies.yml").read_text())
        for env in ("base", "test")
    )
    return {name: {**base.get(name, {}), **test.get(name, {})} for name in {*base, *test}}


def change_study(folder: Path, name: str, **changes: Any) -> None:
    """Set keys of one study in conf/test/studies.yml."""
    path = folder / "conf" / "test" / "studies.yml"
    before = yaml.safe_load(path.read_text()).get(name, {})
    add_yaml(path, {name: {**before, **changes}})


def nodes_run(folder: Path) -> set[str]:
    """Datasets that the newest run saved."""
    newest = max((folder / "data" / "_runs").iterdir())
    record = json.loads((newest / "run.json").read_text())
    return {name for name, entry in record["datasets"].items() if entry["use"] == "saved"}


def test_every_kind_ends_in_a_verdict_and_a_page(finished: Path) -> None:
    """Each study of conf/test leaves scores, a verdict and a page, and the index links them."""
    index = (finished / "data" / "08_reporting" / "index.html").read_text()
    studies = studies_of(finished)
    enabled = {name for name, entry in studies.items() if entry.get("enabled", True)}
    assert enabled == set(scores_of(finished)) == set(KINDS)
    for study in enabled:
        page = latest(finished / "data" / "08_reporting" / study / "page.html").read_text()
        sentence = verdict(finished, study)["sentence"]
        assert study in index
        assert sentence.split(".")[0][:30] in page
    assert "ynthetic" in latest(finished / "data/08_reporting/xray/page.html").read_text()


def test_scores_are_rectangular_and_hash_their_data(finished: Path) -> None:
    """Every arm has every block, on one manifest, and a value exactly where a trial went well."""
    for study in KINDS:
        table = pd.read_csv(latest(finished / f"data/07_model_output/{study}/scores.csv"))
        arms = table[(table["role"] == "arm") & (table["split"] == "test")]
        primary = arms[arms["metric"] == verdict(finished, study)["primary_metric"]]
        counts = primary.groupby(["arm", "block"]).size().unstack()
        assert counts.notna().all(axis=None)
        assert (table["value"].notna() == (table["status"] == "ok")).all()
        assert table["manifest_sha256"].nunique() == 1


def test_a_second_run_does_nothing(workplace: Path) -> None:
    """What is fresh is not made again."""
    run_project(workplace / "conf", RESUME)
    assert nodes_run(workplace) == set()


def test_two_runs_give_identical_scores(finished: Path, tmp_path: Path) -> None:
    """The same seed gives the same bytes, in one process or spread over workers."""
    run_project(copy_conf(tmp_path))
    assert scores_of(tmp_path) == scores_of(finished)


def test_an_added_arm_runs_alone(workplace: Path) -> None:
    """Another arm in a finished study trains alone; only what compares arms is made anew."""
    conf = workplace / "conf" / "test"
    arms = [*studies_of(workplace)["aggregates"]["arms"], "de_gentle"]
    change_study(workplace, "aggregates", arms=arms)
    path = conf / "parameters_aggregates.yml"
    values = yaml.safe_load(path.read_text())["aggregates"]
    values.setdefault("arms", {})["de_gentle"] = {
        "optimizer": "differential_evolution",
        "weight": 0.4,
    }
    add_yaml(path, {"aggregates": values})
    run_project(workplace / "conf", RESUME)
    saved = nodes_run(workplace)
    trained = {name for name in saved if ".outputs__" in name}
    assert trained == {"aggregates.outputs__de_gentle__0"}
    assert "aggregates.verdict" in saved
    assert not {name for name in saved if name.startswith(("xray", "melody", "aggregates.pack"))}
    names = {arm["arm"] for arm in verdict(workplace, "aggregates")["arms"]}
    assert "de_gentle" in names


def test_added_runs_and_seeds_leave_finished_trials_alone(workplace: Path) -> None:
    """More runs of a GAN, or seeds of a fold, train the new chunks and nothing before them."""
    study = studies_of(workplace)["melody"]
    runs = study["blocks"]["runs"]
    assert runs % study["chunk"] == 0
    change_study(workplace, "melody", blocks={"runs": runs + 1})
    change_study(workplace, "xray", blocks={"folds": 3, "seeds": 2})
    before = scores_table(workplace)
    run_project(workplace / "conf", RESUME)
    chunk = str(runs // study["chunk"])
    saved = nodes_run(workplace)
    models = {name for name in saved if ".model__" in name} - {"xray.model__best"}
    networks = studies_of(workplace)["xray"]["arms"]
    assert models == {
        *(f"melody.model__{arm}__{chunk}" for arm in study["arms"]),
        *(f"xray.model__{arm}__{fold}" for arm in networks for fold in (3, 4, 5)),
    }
    assert not {"xray.splits", "xray.pack", "melody.splits", "melody.bank__original"} & saved
    after = scores_table(workplace)
    kept = after[after["block"].isin(before["block"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, before)


def scores_table(folder: Path) -> pd.DataFrame:
    table = pd.read_csv(latest(folder / "data/07_model_output/melody/scores.csv"))
    keys = ["arm", "role", "block", "metric", "value"]
    return table[table["role"] == "arm"][keys].reset_index(drop=True)


def test_a_changed_parameter_makes_its_stage_stale(workplace: Path) -> None:
    """Another learning rate trains again; what lies before it is not touched."""
    run_project(workplace / "conf", RESUME, "--params=xray.train.learning_rate=0.01")
    saved = nodes_run(workplace)
    assert {name for name in saved if ".model__" in name and name.startswith("xray")}
    assert not {"xray.raw", "xray.pack", "xray.splits", "xray.manifest"} & saved
    assert not {name for name in saved if not name.startswith("xray")}


def test_stages_and_studies_are_chosen_alone_and_together(workplace: Path) -> None:
    """--pipeline, --pipelines with --namespaces, and --namespaces with a stage."""
    run_project(workplace / "conf", "--pipelines=optimize", "--namespaces=aggregates")
    assert {name.split("__")[0] for name in nodes_run(workplace)} == {
        "aggregates.outputs",
        "aggregates.history",
    }
    run_project(workplace / "conf", "--pipeline=ingest")
    assert {name.partition(".")[0] for name in nodes_run(workplace)} == set(KINDS)
    run_project(workplace / "conf", "--namespaces=xray.evaluate")
    assert {name.partition(".")[0] for name in nodes_run(workplace)} == {"xray"}


def test_a_stage_that_a_study_lacks_is_one_message(workplace: Path) -> None:
    """The message lists what there is; there is no traceback."""
    done = run_project(workplace / "conf", "--pipelines=optimize", "--namespaces=xray", check=False)
    assert done.returncode == 1
    assert "xray has: ingest, augment, train, evaluate" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_users_bring_pictures_and_tables_by_yaml_alone(workplace: Path, finished: Path) -> None:
    """A seventh study over another folder of pictures, and a table of scores, need no Python."""
    conf = workplace / "conf" / "test"
    pictures = workplace / "pictures"
    shutil.copytree(finished / "data" / "01_raw" / "xray", pictures)
    (pictures / "seal.json").unlink()
    table = workplace / "results.csv"
    rows = "\n".join(f"{i},{0.8 + i / 100},{0.9 - i / 200}" for i in range(8))
    table.write_text(f"fold,mine,theirs\n{rows}\n")
    xray = studies_of(workplace)["xray"]
    add_yaml(
        conf / "studies.yml",
        {
            "leaves": {**xray, "samples": None},
            "results": {
                "kind": "scores",
                "arms": ["mine", "theirs"],
                "design": "blocked",
                "primary_metric": "accuracy",
            },
        },
    )
    base = yaml.safe_load((workplace / "conf/base/parameters_xray.yml").read_text())["xray"]
    mine = yaml.safe_load((conf / "parameters_xray.yml").read_text())["xray"]
    merged = {key: {**base.get(key, {}), **mine.get(key, {})} for key in {*base, *mine}}
    merged["arms"] = {arm: merged["arms"][arm] for arm in xray["arms"]}
    merged["ingest"] = {**merged["ingest"], "root": str(pictures)}
    add_yaml(conf / "parameters_leaves.yml", {"leaves": merged})
    ingest = {"table": str(table), "block_column": "fold", "higher_is_better": True}
    add_yaml(conf / "parameters_results.yml", {"results": {"ingest": ingest, "evaluate": {}}})
    hashes = {path: sha256_file(path) for path in pictures.rglob("*") if path.is_file()}
    run_project(workplace / "conf", SPREAD, RESUME)
    assert {name.partition(".")[0] for name in nodes_run(workplace)} == {"leaves", "results"}
    assert "Wilcoxon" in json.dumps(verdict(workplace, "results"))
    # The user's own pictures are neither altered nor added to.
    assert hashes == {path: sha256_file(path) for path in pictures.rglob("*") if path.is_file()}


def test_a_flipped_bit_is_named_and_refused(workplace: Path) -> None:
    """One bit in any one file of every stored dataset: verify names it, and a load refuses it."""
    root = workplace / "data"
    seals = sorted(root.rglob("seal.json"))
    kinds = {seal.relative_to(root).parts[1] for seal in seals}
    assert {"xray", "melody", "aggregates", "published"} <= kinds
    assert list(verify_workspace(root)) == []
    for index, seal in enumerate(seals):
        files = sorted(path for path in seal.parent.rglob("*") if path.is_file())
        # Another file of each: seals, checksums, tables, arrays, weights, pictures, pages.
        path = files[index % len(files)]
        content = path.read_bytes()
        place = random.Random(index).randrange(len(content))
        path.write_bytes(flipped(content, place))
        assert any(str(seal.parent) in str(fault) for fault in faults(seal.parent, fresh=True))
        with pytest.raises(StorageError):
            check_seal(seal.parent)
        path.write_bytes(content)
    damaged = [seals[3], seals[-3]]
    for seal in damaged:
        seal.write_bytes(flipped(seal.read_bytes(), 40))
    found = [str(fault) for fault in verify_workspace(root)]
    assert [any(str(seal) in fault for fault in found) for seal in damaged] == [True, True]
    assert len(found) == len(damaged)


def flipped(content: bytes, place: int) -> bytes:
    """The content with one bit changed."""
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
