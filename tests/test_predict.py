"""``fairtrial predict``: which model, which pictures, where to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from fairtrial.cli import cli
from fairtrial.core.hashing import sha256_bytes
from fairtrial.core.records import Models
from fairtrial.images.parameters import Arm, Evaluate, Ingest
from fairtrial.images.prediction.exported import export_trained
from fairtrial.images.prediction.trained import Origin, describe_trained
from fairtrial.images.trials.train import train_trials
from fairtrial.session import open_catalog
from fairtrial.storage import trained_models
from fairtrial.storage.trained_models import open_trial
from fairtrial.studies import read_plans
from tests.images.studies import BLOCKS, tiny, trials
from tests.project import copy_conf

INGEST = Ingest(group=("group",), image_side_px=32, channels=1)


@pytest.fixture(scope="module")
def models() -> Models:
    """A trial of the study's arm ``residual``."""
    data = tiny()
    wanted = trials(Arm(network="residual", image_side_px=16), BLOCKS[:1], name="residual")
    return train_trials(wanted, data.pack, None, data.manifest, data.splits, None)[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Path:
    """A workspace in which the study xray has ended, and a folder of pictures."""
    folder = tmp_path_factory.mktemp("predict")
    data = tiny()
    origin = Origin(data.pack, data.manifest, data.splits, INGEST, Evaluate(), synthetic=True)
    catalog = open_catalog("test", str(copy_conf(folder)))
    best = describe_trained(models, BLOCKS[0], None, origin)
    catalog.save("xray.model__best", export_trained(best, onnx=False))
    catalog.save("xray.model__residual__0", models)
    for name in ("pack", "manifest", "splits"):
        catalog.save(f"xray.{name}", getattr(data, name))
    catalog.save("xray.ingest_report", {"synthetic": True})
    for item in data.manifest["item_id"][:3]:
        (folder / "pictures" / item).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pictures" / item).write_bytes(_picture(item))
    return folder


def _picture(item: str) -> bytes:
    from PIL import Image

    from tests.images.support import encode

    data = tiny()
    row = data.pack.description["items"].index(item)
    return encode(Image.fromarray(data.pack["pixels"][row][:, :, 0]), "PNG")


def call(folder: Path, *arguments: str) -> Result:
    conf = ["-e", "test", f"--conf-source={folder / 'conf'}"]
    return CliRunner().invoke(cli, ["predict", *arguments, *conf])


def exported(folder: Path) -> Path:
    (version,) = (folder / "data/06_models/xray/model__best").iterdir()
    return version / "model__best"


def test_a_study_its_version_and_its_files_predict_alike(folder: Path, tmp_path: Path) -> None:
    """By the study's name, a version of it, the exported folder or its program: one table."""
    version = exported(folder).parent.name
    copied = tmp_path / "elsewhere"
    shutil.copytree(exported(folder), copied)
    ways = [["xray"], ["xray", f"--version={version}"], [str(copied)], [str(copied / "model.pt")]]
    tables = set()
    for index, (model, *options) in enumerate(ways):
        out = tmp_path / f"out_{index}"
        result = call(folder, model, str(folder / "pictures"), f"--out={out}", *options)
        assert result.exit_code == 0, result.output
        assert result.output.startswith("3 pictures: ")
        assert {path.name for path in out.iterdir()} == {"predictions.csv", "predictions.html"}
        tables.add(sha256_bytes((out / "predictions.csv").read_bytes()))
    assert len(tables) == 1


def test_a_file_and_an_archive_are_pictures_too(folder: Path, tmp_path: Path) -> None:
    """One file is one row; a zip holds what its folder held."""
    one = next((folder / "pictures").rglob("*.png"))
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", folder / "pictures")
    for place, rows in ((str(one), 1), (archive, 3)):
        out = tmp_path / f"out_{rows}"
        result = call(folder, "xray", place, f"--out={out}", "--threshold=0")
        assert result.exit_code == 0, result.output
        assert len(pd.read_csv(out / "predictions.csv")) == rows


def test_a_trial_predicts_as_the_model_that_was_exported_from_it(
    folder: Path, models: Models
) -> None:
    """STUDY:ARM:BLOCK is put together from what is stored."""
    catalog = open_catalog("test", str(folder / "conf"))
    plan = read_plans()["xray"]
    found = open_trial(plan.study, plan.groups, "residual", "fold_0", catalog)
    best = trained_models.open_best(plan.study, catalog, None)
    assert found.card["training"] == best.card["training"]
    assert found.card["refusal"]["limits"] == pytest.approx(best.card["refusal"]["limits"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["xray", "nowhere"], "nowhere: expected a picture, a folder or an archive, found nothing"),
        (["goats", "."], "MODEL: expected a study of pictures, STUDY:ARM:BLOCK, or exported files"),
        (["melody", "."], "found 'melody'. Studies here: xray"),
        (["./absent/model.pt", "."], "expected a folder with model.pt and model.json"),
        (["xray:residual", "."], "found 'xray:residual'"),
        (["xray:goat:fold_0", "."], "Arms: residual, squeezenet. Blocks: fold_0, fold_1, fold_2."),
        (["xray:residual:fold_0", "."], "xray.model__residual__0: expected what the parameters"),
        (["xray", ".", "--version=2020"], "expected the version 2020, found none of that name"),
        (["xray", ".", "--threshold=7"], "--threshold: expected a probability from 0 to 1"),
    ],
)
def test_every_wrong_name_is_one_message(
    folder: Path,
    tmp_path: Path,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit code 1, no traceback, nothing written."""
    monkeypatch.chdir(folder / "pictures")
    result = call(folder, *arguments, f"--out={tmp_path / 'out'}")
    assert result.exit_code == 1
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    """A folder with files is left as it is."""
    (tmp_path / "mine.txt").write_text("mine")
    result = call(folder, "xray", str(folder / "pictures"), f"--out={tmp_path}")
    assert result.exit_code == 1
    assert "--out: expected a new or an empty folder" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_an_altered_model_is_refused(folder: Path, tmp_path: Path) -> None:
    """In the workspace by its seal, elsewhere by its card."""
    copied = tmp_path / "elsewhere"
    shutil.copytree(exported(folder), copied)
    program = exported(folder) / "model.pt"
    whole = program.read_bytes()
    altered = whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]
    (copied / "model.pt").write_bytes(altered)
    program.write_bytes(altered)
    try:
        for model, message in (("xray", "as sealed"), (str(copied), "as in model.json")):
            result = call(folder, model, str(folder / "pictures"), f"--out={tmp_path / 'out'}")
            assert result.exit_code == 1
            assert message in result.output
    finally:
        program.write_bytes(whole)
